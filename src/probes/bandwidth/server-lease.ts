import { linkSignals } from '../../events/index.js';
import { failedBy } from '../failure.js';
import type { ProbeFailure } from '../result.js';
import { askServer, busy, failureOfStatus, type ServerAccess } from './server-access.js';
import { LEASE_PATH, type LeaseGrant, type LeaseSummary, readGrant, readSummary } from './wire.js';

/** What became of the wish for a lease. */
export type LeaseTaken =
  | { readonly outcome: 'granted'; readonly grant: LeaseGrant }
  /** The server knows no leases, and may serve a plain download all the same. */
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'refused'; readonly failure: ProbeFailure; readonly retryAfter?: number };

/**
 * Asks a server for the right to test.
 *
 * @throws {ProbeFailedError} where no answer comes; the signal's reason.
 */
export async function takeLease(access: ServerAccess, signal: AbortSignal): Promise<LeaseTaken> {
  const { status, body, retryAfter } = await askServer(access, 'POST', LEASE_PATH, signal);
  if (status === 404 || status === 405 || status === 501) return { outcome: 'unknown' };
  if (status === 429 || status === 503) {
    const when = retryAfter === undefined ? 'later' : `in ${retryAfter / 1_000} s`;
    const failure = busy(`the server is busy with another test, and asks to come again ${when}`);
    return { outcome: 'refused', failure, ...(retryAfter !== undefined && { retryAfter }) };
  }
  if (status !== 200) return { outcome: 'refused', failure: failureOfStatus(status, 'the wish for a lease') };
  const grant = readGrant(body);
  if (grant !== undefined) return { outcome: 'granted', grant };
  return { outcome: 'refused', failure: failedBy('target', 'protocol-error', 'what the server grants is no lease') };
}

/** Gives the lease back. Where that fails, it expires. */
export async function releaseLease(access: ServerAccess, signal: AbortSignal): Promise<LeaseSummary> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), TIME_TO_RELEASE);
  const linked = linkSignals(signal, patience.signal);
  try {
    const { status, body } = await askServer(access, 'DELETE', LEASE_PATH, linked.signal);
    return status === 200 ? readSummary(body) : {};
  } catch {
    return {};
  } finally {
    clearTimeout(timer);
    linked.release();
  }
}

/** Milliseconds. */
const TIME_TO_RELEASE = 2_000;
