import type { ProbeResult, ProbeStatus } from '../../probes/index.js';
import type { SparkValue } from '../text/sparkline.js';
import { isBandwidth } from './result-kinds.js';

/** What is known of one target, as a value. */
export interface Tally {
  readonly target: string;
  readonly last: ProbeResult | undefined;
  /** How often each status came. */
  readonly counts: Readonly<Record<ProbeStatus, number>>;
  /** Milliseconds; absent where nothing was measured. */
  readonly times: Times | undefined;
  /** Bits per second, by direction; absent where no throughput was measured. */
  readonly rates?: Readonly<Record<string, Times>>;
  /** The newest results, the oldest first: the time of each in milliseconds, or what it was instead. */
  readonly history: readonly SparkValue[];
}

/** Measurements, added up: times in milliseconds, or rates in bits per second. */
interface Times {
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly count: number;
}

export function emptyTally(target: string): Tally {
  return { target, last: undefined, counts: { ok: 0, failed: 0, inconclusive: 0 }, times: undefined, history: [] };
}

/** Takes a result in. Pure: the tally before stays as it was. */
export function add(tally: Tally, result: ProbeResult): Tally {
  const { counts, history } = tally;
  const rates = addRates(tally.rates, result);
  return {
    target: tally.target,
    last: result,
    counts: { ...counts, [result.status]: counts[result.status] + 1 },
    times: result.samples.reduce<Times | undefined>(addTime, tally.times),
    ...(rates !== undefined && { rates }),
    history: [...history.slice(1 - LONGEST_HISTORY), sparkOf(result)],
  };
}

/** How long it took on average, in milliseconds; undefined where nothing was measured. */
export function averageOf({ times }: Tally): number | undefined {
  return times && times.sum / times.count;
}

export function runsOf({ counts }: Tally): number {
  return counts.ok + counts.failed + counts.inconclusive;
}

/** Which fraction of what was judged failed; undefined where nothing was. */
export function lossOf({ counts: { ok, failed } }: Tally): number | undefined {
  return ok + failed === 0 ? undefined : failed / (ok + failed);
}

/** The time that stands for a result: the mean of its samples, in milliseconds; undefined where it has none. */
export function timeOf({ samples }: ProbeResult): number | undefined {
  return samples.length === 0 ? undefined : samples.reduce((sum, each) => sum + each, 0) / samples.length;
}

function sparkOf(result: ProbeResult): SparkValue {
  if (result.status === 'ok') return rateOf(result) ?? timeOf(result) ?? result.duration;
  return result.status === 'failed' ? 'bad' : 'doubtful';
}

/** Of the direction that was measured first, in bits per second. */
function rateOf(result: ProbeResult): number | undefined {
  return isBandwidth(result) ? (result.facts.download ?? result.facts.upload)?.bitsPerSecond : undefined;
}

function addRates(rates: Tally['rates'], result: ProbeResult): Tally['rates'] {
  if (result.status !== 'ok' || !isBandwidth(result)) return rates;
  const { download, upload } = result.facts;
  const measured = Object.entries({ download, upload }).flatMap(([name, facts]) =>
    facts === undefined ? [] : [[name, addTime(rates?.[name], facts.bitsPerSecond)] as const],
  );
  return { ...rates, ...Object.fromEntries(measured) };
}

/** The worst of all: a failure, or else something that could not be judged. */
export function worstOf(tallies: Iterable<Tally>): ProbeStatus {
  const all = [...tallies];
  const worst = WORST_FIRST.find((status) => all.some(({ counts }) => counts[status] > 0));
  // Whoever was not asked at all cannot be judged.
  return worst === 'ok' && all.some((tally) => runsOf(tally) === 0) ? 'inconclusive' : (worst ?? 'inconclusive');
}

const WORST_FIRST: readonly ProbeStatus[] = ['failed', 'inconclusive', 'ok'];

/** More columns than any terminal gives to it. */
const LONGEST_HISTORY = 200;

function addTime(times: Times | undefined, time: number): Times {
  if (times === undefined) return { min: time, max: time, sum: time, count: 1 };
  return {
    min: Math.min(times.min, time),
    max: Math.max(times.max, time),
    sum: times.sum + time,
    count: times.count + 1,
  };
}
