import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { AbortError, type RetryOptions } from '../../../../src/retry/index.js';
import { networkError } from '../support.js';

/** What an operation is to do, attempt by attempt; beyond the last it succeeds. */
export interface CallPlan {
  readonly source: SourceName;
  readonly attempts: readonly Ending[];
  readonly options: PlannedOptions;
  /** Whether the first, second, … failure that is spent takes one of the retries. */
  readonly consumes: readonly boolean[];
  /** How long `onFailedAttempt` takes, in milliseconds. */
  readonly callbackDelay: number;
}

export type SourceName = 'host' | 'near' | 'far' | 'none';

export type PlannedOptions = Pick<
  Required<{ [Name in keyof RetryOptions]: Exclude<RetryOptions[Name], undefined> }>,
  | 'retries'
  | 'minTimeout'
  | 'maxTimeout'
  | 'factor'
  | 'maxRetryTime'
  | 'countPausedTime'
  | 'maxPause'
  | 'maxOutages'
  | 'idempotent'
  | 'timeout'
  | 'abandon'
  | 'trialInterval'
  | 'unref'
> & { readonly interruptAfter: { readonly path: number; readonly reach: number } };

/** How one attempt goes where nothing ends it before. */
export interface Ending {
  readonly duration: number;
  readonly outcome: Outcome;
  /** Whether it gets ahead, at the end of half of its time. */
  readonly progresses: boolean;
  readonly onAbort: AbortManners;
  /** Which call it aborts as it begins, as the first of several that race does with the others. */
  readonly aborts: number | undefined;
}

/**
 * - `throws`: synchronously; a refused connection.
 * - `stops`: with p-retry's AbortError.
 * - `hangs`: until its server gives it up, a minute later.
 */
export type Outcome = 'value' | 'throws' | 'hangs' | 'stops' | FailureKind;

/** Failures by what they are evidence of: see MEANING. */
export type FailureKind = 'refused' | 'reset' | 'no address' | 'answer' | 'busy' | 'no files' | 'unknown' | 'bug';

/** What an operation makes of the abort of its signal. `ignores` is nothing, `lingers` is to need a while for its end. */
export type AbortManners = 'reason' | 'AbortError' | 'words' | 'answer' | 'lingers' | 'ignores';

/** What a failure means for a decision, said once more and not by the code under test. */
export interface Meaning {
  readonly isNetworkLike: boolean;
  /** Somebody answered, or this process failed by itself: it was not our abort that ended it. */
  readonly byItself: boolean;
  readonly nothingSent: boolean;
  readonly retryAfter: number;
}

const NOTHING: Meaning = { isNetworkLike: false, byItself: false, nothingSent: false, retryAfter: 0 };

export const MEANING: Readonly<Record<FailureKind, Meaning>> = {
  refused: { ...NOTHING, isNetworkLike: true, nothingSent: true },
  reset: { ...NOTHING, isNetworkLike: true },
  'no address': { ...NOTHING, isNetworkLike: true, byItself: true, nothingSent: true },
  answer: { ...NOTHING, byItself: true },
  busy: { ...NOTHING, byItself: true, retryAfter: 2000 },
  'no files': { ...NOTHING, byItself: true, nothingSent: true },
  unknown: NOTHING,
  bug: NOTHING,
};

/** A new error of the kind. */
export function failureOf(kind: FailureKind): Error {
  switch (kind) {
    case 'refused':
      return networkError('ECONNREFUSED', { syscall: 'connect' });
    case 'reset':
      return networkError('ECONNRESET', { syscall: 'read' });
    case 'no address':
      return networkError('EADDRNOTAVAIL', { syscall: 'connect' });
    case 'answer':
      return Object.assign(new Error('no such key'), { status: 404 });
    case 'busy':
      return Object.assign(new Error('busy'), { status: 503, headers: { 'retry-after': '2' } });
    case 'no files':
      return networkError('EMFILE', { syscall: 'connect' });
    case 'unknown':
      return new Error('the server');
    case 'bug':
      return new TypeError('undefined is not a function');
  }
}

export function stopError(): AbortError {
  return new AbortError(failureOf('reset'));
}

/** More than pass the gate at once, so that some have to wait in it. */
export const MAX_CALLS = 20;

const endings: fc.Arbitrary<Ending> = fc.record({
  duration: fc.oneof(fc.constantFrom(0, 10, 500), fc.nat(4000)),
  outcome: fc.constantFrom<Outcome>(
    'value',
    'throws',
    'hangs',
    'hangs',
    'stops',
    'refused',
    'refused',
    'reset',
    'reset',
    'no address',
    'answer',
    'busy',
    'no files',
    'unknown',
    'unknown',
    'bug',
  ),
  progresses: fc.boolean(),
  onAbort: fc.constantFrom<AbortManners>('reason', 'reason', 'AbortError', 'words', 'answer', 'lingers', 'ignores'),
  aborts: fc.option(fc.nat(MAX_CALLS - 1), { nil: undefined, freq: 20 }),
});

const NEVER = Number.POSITIVE_INFINITY;

const options: fc.Arbitrary<PlannedOptions> = fc.record({
  retries: fc.nat(3),
  minTimeout: fc.constantFrom(0, 1, 100, 3000),
  maxTimeout: fc.constantFrom(NEVER, NEVER, 1000),
  factor: fc.constantFrom(0, 1, 2),
  maxRetryTime: fc.constantFrom(NEVER, 2000, 5000),
  countPausedTime: fc.boolean(),
  maxPause: fc.constantFrom(NEVER, NEVER, NEVER, 0, 500, 10_000),
  maxOutages: fc.constantFrom(0, 1, 2, 100),
  idempotent: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  timeout: fc.constantFrom(NEVER, NEVER, 1500),
  abandon: fc.constantFrom<boolean | number>(false, false, true, 0, 200),
  trialInterval: fc.constantFrom(1000, 4000, 12_000, NEVER),
  unref: fc.boolean(),
  interruptAfter: fc.record({ path: fc.constantFrom(0, 500, 2000, NEVER), reach: fc.constantFrom(500, 3000, NEVER) }),
});

export const callPlans: fc.Arbitrary<CallPlan> = fc.record({
  source: fc.constantFrom<SourceName>('host', 'host', 'host', 'near', 'far', 'none'),
  attempts: fc.array(endings, { maxLength: 5 }),
  options,
  consumes: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(fc.boolean(), { maxLength: 4 })),
  callbackDelay: fc.constantFrom(0, 0, 0, 700),
});

/** What is not the simplest about a plan, in a few words. */
export function describePlan({ source, attempts, options, consumes, callbackDelay }: CallPlan): string {
  const scripts = attempts.map(({ outcome, duration, progresses, onAbort, aborts }) =>
    [
      `${outcome} after ${duration}`,
      ...(progresses ? ['progresses'] : []),
      ...(onAbort === 'reason' ? [] : [`${onAbort} on abort`]),
      ...(aborts === undefined ? [] : [`aborts ${aborts}`]),
    ].join(' '),
  );
  const unusual = Object.entries(options)
    .filter(([name, value]) => !isDeepStrictEqual(Reflect.get(SIMPLEST, name), value))
    .map(([name, value]) => `${name}: ${fc.stringify(value)}`);
  const free = consumes.length > 0 ? [`consumes ${consumes.join()}`] : [];
  const slow = callbackDelay > 0 ? [`callbacks take ${callbackDelay}`] : [];
  return `${source}(${[scripts.join(', then '), ...unusual, ...free, ...slow].join('; ')})`;
}

/** What fast-check shrinks to. */
const SIMPLEST: PlannedOptions = {
  retries: 0,
  minTimeout: 0,
  maxTimeout: NEVER,
  factor: 0,
  maxRetryTime: NEVER,
  countPausedTime: false,
  maxPause: NEVER,
  maxOutages: 0,
  idempotent: true,
  timeout: NEVER,
  abandon: false,
  trialInterval: 1000,
  unref: false,
  interruptAfter: { path: 0, reach: 500 },
};
