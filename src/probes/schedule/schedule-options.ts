import { hostname } from 'node:os';
import {
  arrayOf,
  boolean,
  checkOptions,
  functionRule,
  milliseconds,
  numberFrom,
  type OptionRules,
  objectWith,
  oneOf,
  wholeNumberFrom,
} from '../../options/index.js';
import type { Annotate } from '../annotate/annotation.js';
import type { ProbeMonitor } from '../probe-context.js';
import { type ResolveHost, resolveHost } from '../resolve-host.js';

/** How a {@link ProbeSchedule} works. */
export interface ProbeScheduleOptions {
  /**
   * Who knows whether this host is online: while its state is `down`, no probe starts. The caller starts and stops it.
   *
   * @default nobody: nothing is ever paused, and no result is `inconclusive` for being offline
   */
  readonly monitor?: ProbeMonitor | undefined;
  /** Milliseconds from one start of a task to the next, where the task does not say. @default 30000 */
  readonly interval?: number | undefined;
  /**
   * Milliseconds for one probe, where the task does not say; of ping and trace, for each reply; of host, beside its interval. Not for bandwidth,
   * whose time follows from its options.
   *
   * @default that of the engine, and 5000 for a function
   */
  readonly timeout?: number | undefined;
  /** How many probes are in flight at once. @default 500 */
  readonly concurrency?: number | undefined;
  /** How many probes start in a second; no more than a tenth of that at once. @default Infinity */
  readonly rate?: number | undefined;
  /** Milliseconds beyond its timeout after which a probe that has not settled is ended. @default 2000 */
  readonly grace?: number | undefined;
  /** After how many intervals without a result a task is dead. @default 3 */
  readonly deadAfter?: number | undefined;
  /** Milliseconds that `stop()` leaves to probes in flight before it ends them. @default 5000 */
  readonly drainTimeout?: number | undefined;
  /**
   * When a task that is new runs first: at its place in the interval, which its name and the seed decide; or at once, with a slow start where
   * there are many.
   *
   * @default 'spread'
   */
  readonly firstRun?: 'spread' | 'at-once' | undefined;
  /** What the places in the interval depend on beside the names of the tasks, so that many hosts do not probe in step. @default the host's name */
  readonly seed?: string | undefined;
  /** Whether the process may end while the schedule runs. Otherwise it lives until `stop()`, as with a server that listens. @default false */
  readonly unref?: boolean | undefined;
  /** Who is asked for addresses of names that are not known or not fresh any more. @default the hosts file, then DNS, then whatever else the system asks */
  readonly resolve?: ResolveHost | undefined;
  /** What adds facts to each result before anybody sees it, one after the other: `annotateVoice()`, or functions of your own. @default [] */
  readonly annotate?: readonly Annotate[] | undefined;
}

/** The options with nothing left open, but the monitor. */
export type ResolvedScheduleOptions = {
  readonly [Name in Exclude<keyof ProbeScheduleOptions, 'monitor' | 'timeout'>]: NonNullable<
    ProbeScheduleOptions[Name]
  >;
} & { readonly monitor: ProbeMonitor | undefined; readonly timeout: number | undefined };

/** @throws {InvalidOptionError} */
export function resolveScheduleOptions(options: ProbeScheduleOptions): ResolvedScheduleOptions {
  checkOptions('ProbeSchedule', options, RULES);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { monitor: undefined, timeout: undefined, seed: hostname(), ...DEFAULTS, ...given };
}

const DEFAULTS = {
  interval: 30_000,
  concurrency: 500,
  rate: Number.POSITIVE_INFINITY,
  grace: 2_000,
  deadAfter: 3,
  drainTimeout: 5_000,
  firstRun: 'spread',
  unref: false,
  resolve: resolveHost,
  annotate: [],
} as const;

export const annotationsRule = arrayOf(functionRule, 'a list of functions, such as annotateVoice()');

const RULES: OptionRules<ProbeScheduleOptions> = {
  monitor: objectWith(
    'a NetworkMonitor, or what stands in its place',
    (value) => 'state' in value && 'onChange' in value,
  ),
  interval: milliseconds(1),
  timeout: milliseconds(1),
  concurrency: wholeNumberFrom(1, Number.POSITIVE_INFINITY),
  rate: numberFrom(0.001, Number.POSITIVE_INFINITY, 'starts a second'),
  grace: milliseconds(),
  deadAfter: numberFrom(1, 1_000_000, 'intervals'),
  drainTimeout: milliseconds(),
  firstRun: oneOf('spread', 'at-once'),
  seed: { allowed: 'a string', accepts: (value) => typeof value === 'string' },
  unref: boolean,
  resolve: functionRule,
  annotate: annotationsRule,
};
