import type { CourseOutcome, TracedProbe } from './course-plan.js';
import type { TraceMethod } from './trace-options.js';

/** Targets of which it is remembered. Beyond that the one that was traced the longest ago is forgotten. */
const MOST_TARGETS = 10_000;

/** After so many traces in a row in which nobody answered at the distance that is known, another one is believed. */
const ENOUGH_SILENCE = 30;

interface Known {
  readonly distance: number;
  /** How many traces in a row have heard nobody there. */
  readonly silences: number;
}

/**
 * How many hops away targets were when they last answered.
 *
 * A target limits its errors as routers do: a probe of it may be left unanswered, and the next, sent with a hop more to live, answered. That looks
 * as if it were further away, behind a router that is silent. So the distance that is known holds until a router answers there, or for long nobody.
 */
export class KnownDistances {
  /** In the order of the last trace. */
  readonly #known = new Map<string, Known>();

  /** @returns undefined where it has not answered yet. */
  of(method: TraceMethod, address: string): number | undefined {
    return this.#known.get(keyOf(method, address))?.distance;
  }

  /** Remembers what a trace has found out. @returns the same, with the target at the distance that is known where only silence speaks against it. */
  settle(method: TraceMethod, address: string, outcome: CourseOutcome): CourseOutcome {
    const found = nearestTarget(outcome.probes.filter(({ flow }) => flow === 0));
    if (found === undefined) return outcome;
    const { distance, silences } = this.#known.get(keyOf(method, address)) ?? { distance: found, silences: 0 };
    const isDoubtful = found > distance && silences < ENOUGH_SILENCE && isSilentFrom(outcome.probes, distance);
    this.#remember(
      keyOf(method, address),
      isDoubtful ? { distance, silences: silences + 1 } : { distance: found, silences: 0 },
    );
    return isDoubtful ? atDistance(outcome, distance) : outcome;
  }

  #remember(key: string, known: Known): void {
    this.#known.delete(key);
    this.#known.set(key, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_TARGETS && oldest !== undefined) this.#known.delete(oldest);
  }
}

function keyOf(method: TraceMethod, address: string): string {
  return `${method} ${address}`;
}

function nearestTarget(probes: readonly TracedProbe[]): number | undefined {
  const ttls = probes.flatMap(({ answer, ttl }) => (answer?.kind === 'target' ? [ttl] : []));
  return ttls.length === 0 ? undefined : ttls.reduce((least, ttl) => Math.min(least, ttl));
}

/** Whether nobody but the target has answered from a distance on. */
function isSilentFrom(probes: readonly TracedProbe[], distance: number): boolean {
  return probes.every(({ ttl, answer }) => ttl < distance || answer === undefined || answer.kind === 'target');
}

/** What the target has answered to counts where it is; what it has not, beyond that, was asked for nothing. */
function atDistance({ probes, ends, ...rest }: CourseOutcome, distance: number): CourseOutcome {
  return {
    ...rest,
    probes: probes.flatMap((probe) => {
      if (probe.ttl <= distance) return [probe];
      return probe.answer === undefined ? [] : [{ ...probe, ttl: distance }];
    }),
    ends: ends.map((end) => (end === undefined ? undefined : Math.min(end, distance))),
  };
}
