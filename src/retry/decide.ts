import { mayBeRouting } from './classify-failure.js';
import type { Failure } from './failure.js';

/**
 * What is known of the network for the time since the attempt began or last made progress.
 *
 * - `outage`: it was, or is, down.
 * - `not-asked`: no outage was noticed, but the source has not looked again since the failure.
 * - `none`: the source has looked again and found the network there.
 */
export type Evidence = 'outage' | 'not-asked' | 'none';

/** All that a decision rests on. */
export interface Facts {
  readonly failure: Failure;
  readonly evidence: Evidence;
  /** False once the call has lost `maxOutages` attempts without any progress in between. */
  readonly mayLoseAnother: boolean;
  /** The option: whether doing it twice does no harm. */
  readonly idempotent: boolean;
}

/**
 * What is to be done about a failed attempt.
 *
 * - `repeat`: the outage is to blame. Wait for the network and do the same attempt again; nothing is spent.
 * - `ask`: have the source look again, then decide once more.
 * - `spend`: it is a failure like any other, and p-retry's matter.
 * - `stop`: the same, but it must not be repeated, whatever retries are left.
 */
export type Decision = 'repeat' | 'ask' | 'spend' | 'stop';

/** Failure → decision. Pure; every combination is a test. */
export function decide({ failure, evidence, mayLoseAnother, idempotent }: Facts): Decision {
  if (failure.endedBy === 'stop') return 'spend';
  if (!idempotent && !failure.class.nothingSent) return 'stop';
  if (!mayBeTheNetwork(failure) || !mayLoseAnother) return 'spend';
  // The network was lost under this very attempt, even where it is well as a whole.
  if (failure.endedBy === 'interruption' || evidence === 'outage') return 'repeat';
  return evidence === 'not-asked' ? 'ask' : 'spend';
}

/** An attempt that took too long during an outage did so because of the outage. */
function mayBeTheNetwork(failure: Failure): boolean {
  return failure.endedBy !== 'operation' || failure.class.kind === 'network' || mayBeRouting(failure.class);
}
