import type { CourseOutcome } from './course-plan.js';
import type { TraceMethod } from './trace-options.js';

/** Targets of which it is remembered. Beyond that the one that was traced the longest ago is forgotten. */
const MOST_TARGETS = 10_000;

/** How many hops away targets were when they last answered. */
export class KnownDistances {
  /** In the order of the last trace. */
  readonly #distances = new Map<string, number>();

  /** @returns undefined where it has not answered yet. */
  of(method: TraceMethod, address: string): number | undefined {
    return this.#distances.get(`${method} ${address}`);
  }

  /** Remembers what a trace has found out, if it has. */
  note(method: TraceMethod, address: string, { probes }: CourseOutcome): void {
    const found = probes.filter(({ flow, answer }) => flow === 0 && answer?.kind === 'target');
    if (found.length === 0) return;
    const key = `${method} ${address}`;
    this.#distances.delete(key);
    this.#distances.set(
      key,
      found.reduce((least, { ttl }) => Math.min(least, ttl), Number.POSITIVE_INFINITY),
    );
    const [oldest] = this.#distances.keys();
    if (this.#distances.size > MOST_TARGETS && oldest !== undefined) this.#distances.delete(oldest);
  }
}
