import type { ToldOutage } from './programs/watcher-program.js';
import type { RegistryName, RingLab } from './ring-lab.js';

/** The outages that registries tell of. */
export class ToldOutages {
  readonly #ring: RingLab;
  readonly #told = new Map<RegistryName, ToldOutage[]>();

  constructor(ring: RingLab) {
    this.#ring = ring;
  }

  /** Asks the registries what has come. */
  async look(): Promise<void> {
    await Promise.all(
      [...this.#ring.watchers].map(async ([name, watcher]) => {
        const told = this.#told.get(name) ?? [];
        this.#told.set(name, told);
        told.push(...(await watcher.call('outages', told.length)));
      }),
    );
  }

  /** The latest that has ended, of those that were told of since a moment of CLOCK_MONOTONIC. */
  ended(registry: RegistryName, id: string, since: number): (ToldOutage & { readonly until: number }) | undefined {
    const told = this.#told.get(registry) ?? [];
    return told.filter(hasEnded).findLast((each) => each.id === id && each.at >= since);
  }
}

function hasEnded(outage: ToldOutage): outage is ToldOutage & { readonly until: number } {
  return outage.until !== undefined;
}
