import type { StarvationSample } from './programs/starvation.js';
import type { RingLab } from './ring-lab.js';

/** How much the members were kept from running, so that what a machine that is too busy does to them is not held against them. */
export class StarvationLog {
  readonly #ring: RingLab;
  /** By process. */
  readonly #samples = new Map<object, { name: string; samples: StarvationSample[] }>();

  constructor(ring: RingLab) {
    this.#ring = ring;
  }

  async look(): Promise<void> {
    await Promise.all(
      [...this.#ring.members].map(async ([name, member]) => {
        const known = this.#samples.get(member) ?? { name, samples: [] };
        this.#samples.set(member, known);
        known.samples.push(...(await member.call('starvation', known.samples.length)));
      }),
    );
  }

  /** The part of a span of time in which some of the members could not run: of the one that could the least. 0 to 1. */
  share(names: readonly string[], from: number, until: number): number {
    const shares = [...this.#samples.values()]
      .filter(({ name }) => names.includes(name))
      .map(({ samples }) => {
        const before = samples.findLast(({ at }) => at <= from) ?? samples[0];
        const after = samples.find(({ at }) => at >= until) ?? samples.at(-1);
        return ((after?.total ?? 0) - (before?.total ?? 0)) / (until - from);
      });
    return Math.max(0, ...shares);
  }
}
