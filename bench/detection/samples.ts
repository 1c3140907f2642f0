/** What came of a contender's trials with one fault. */
export interface Samples {
  readonly contender: string;
  readonly fault: string;
  /** Milliseconds from the change to its detection. */
  readonly latencies: readonly number[];
  /** How many changes were never noticed. */
  readonly missed: number;
}

export const OURS = 'netpause';
/** The floor: what the same machine takes without JavaScript. */
export const FLOOR = 'C, epoll';

/** Sums up trials: undefined stands for a change that was not noticed. */
export function toSamples(contender: string, fault: string, trials: readonly (number | undefined)[]): Samples {
  const latencies = trials.filter((latency) => latency !== undefined);
  return { contender, fault, latencies, missed: trials.length - latencies.length };
}

export function latenciesOf(samples: readonly Samples[], contender: string, fault: string): readonly number[] {
  return samples
    .filter((each) => each.contender === contender && each.fault === fault)
    .flatMap((each) => each.latencies);
}

export function missedBy(samples: readonly Samples[], contender: string): number {
  return samples.filter((each) => each.contender === contender).reduce((sum, { missed }) => sum + missed, 0);
}

export function distinct<Value>(values: readonly Value[]): readonly Value[] {
  return [...new Set(values)];
}

/** Between two times of CLOCK_MONOTONIC. */
export function milliseconds(from: bigint, to: bigint): number {
  return Number(to - from) / 1e6;
}
