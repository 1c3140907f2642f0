import { linkSignals } from '../../events/index.js';
import { inconclusive } from '../failure.js';
import { ProbeFailedError } from '../probe-failed-error.js';
import { type ReleaseTurn, sharedTurns } from './link-turns.js';

/**
 * Waits until no other test of this process runs over an interface.
 *
 * @param patience milliseconds.
 * @param expiresAfter milliseconds after which the turn is lost.
 * @throws {ProbeFailedError} where that takes too long; the signal's reason.
 */
export async function takeOwnTurn(
  link: string,
  patience: number,
  expiresAfter: number,
  signal: AbortSignal,
): Promise<ReleaseTurn> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), Math.max(patience, 0));
  const linked = linkSignals(signal, over.signal);
  try {
    return await sharedTurns().take(link, expiresAfter, linked.signal);
  } catch (error) {
    if (!over.signal.aborted || signal.aborted) throw error;
    const message = `other tests of this process over ${link} leave no time for this one`;
    throw new ProbeFailedError(inconclusive('busy', message));
  } finally {
    clearTimeout(timer);
    linked.release();
  }
}
