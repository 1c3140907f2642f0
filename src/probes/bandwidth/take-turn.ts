import { setTimeout as sleep } from 'node:timers/promises';
import { linkSignals } from '../../events/index.js';
import { inconclusive } from '../failure.js';
import { ProbeFailedError } from '../probe-failed-error.js';
import type { ProbeRun } from '../run-probe.js';
import { type ReleaseTurn, sharedTurns } from './link-turns.js';
import type { ServerAccess } from './server-access.js';
import { askForLease, type LeaseAnswer } from './server-lease.js';
import type { TestRecord } from './test-record.js';
import type { LeaseGrant } from './wire.js';

/** The right to test: no other test of this process over the link, and a lease of the server where that gives any. */
export interface Turn {
  readonly grant?: LeaseGrant;
  readonly release: ReleaseTurn;
}

/** What a turn is wanted for. Times are by `performance.now()`. */
export interface TurnWish {
  readonly link: string;
  /** When the test must have begun, to come to its end. */
  readonly latest: number;
  /** When it is over in any case. */
  readonly deadline: number;
}

/**
 * Waits until neither this process nor the server tests over the link with somebody else.
 *
 * Whoever waits for the server lets others of this process go first. Two processes that test each other have each their own link for
 * themselves, and refuse each other: so they come again at random, over a longer time with each refusal.
 *
 * @throws {ProbeFailedError} where that takes too long, or the server refuses for good; the signal's reason.
 */
export async function takeTurn(access: ServerAccess, wish: TurnWish, run: ProbeRun, record: TestRecord): Promise<Turn> {
  const begun = performance.now();
  for (let refusals = 1; ; refusals += 1) {
    const release = await takeOwnTurn(wish, run.signal);
    record.took('turn', performance.now() - begun);
    let answer: LeaseAnswer | undefined;
    try {
      answer = await ask(access, run, record);
    } finally {
      if (answer?.isBusy !== false) release();
    }
    if (!answer.isBusy) return { ...(answer.grant !== undefined && { grant: answer.grant }), release };
    const { failure, retryAfter = RETRY_AFTER } = answer;
    const wait = retryAfter + Math.random() * refusals * SPREAD;
    if (performance.now() + wait > wish.latest) {
      record.learnt({ ...(answer.retryAfter !== undefined && { retryAfter: answer.retryAfter }) });
      throw new ProbeFailedError(failure);
    }
    await sleep(wait, undefined, { signal: run.signal });
  }
}

/** Milliseconds, where the server does not say when to come again. */
const RETRY_AFTER = 1_000;
/** Milliseconds. Longer than it takes to ask, which is when two refuse each other. */
const SPREAD = 1_000;

async function takeOwnTurn({ link, latest, deadline }: TurnWish, signal: AbortSignal): Promise<ReleaseTurn> {
  const over = new AbortController();
  const now = performance.now();
  const timer = setTimeout(() => over.abort(), Math.max(latest - now, 0));
  const linked = linkSignals(signal, over.signal);
  try {
    return await sharedTurns().take(link, deadline - now + TIME_TO_END, linked.signal);
  } catch (error) {
    if (!over.signal.aborted || signal.aborted) throw error;
    const message = `other tests of this process over ${link} leave no time for this one`;
    throw new ProbeFailedError(inconclusive('busy', message));
  } finally {
    clearTimeout(timer);
    linked.release();
  }
}

/** Milliseconds that a test may take to end when its time is over, before another may begin in its place. */
const TIME_TO_END = 1_000;

async function ask(access: ServerAccess, run: ProbeRun, record: TestRecord): Promise<LeaseAnswer> {
  if (run.wasOffline) {
    throw new ProbeFailedError(inconclusive('offline', "this host's network was down before the test could begin"));
  }
  return record.timed('lease', askForLease(access, run.signal));
}
