import { linkSignals } from '../../events/index.js';
import { failedBy } from '../failure.js';
import { ProbeFailedError } from '../probe-failed-error.js';
import type { ProbeFailure } from '../result.js';
import { askServer, busy, failureOfStatus, type ServerAccess } from './server-access.js';
import { LEASE_PATH, type LeaseGrant, type LeaseSummary, readGrant, readSummary } from './wire.js';

/** What a server says to the wish for a lease. */
export type LeaseAnswer =
  | {
      readonly isBusy: false;
      /** Absent where the server knows no leases; it may serve a plain download all the same. */
      readonly grant?: LeaseGrant;
    }
  | {
      readonly isBusy: true;
      readonly failure: ProbeFailure;
      /** Milliseconds, where the server says so. */
      readonly retryAfter?: number;
    };

/**
 * Asks a server for the right to test.
 *
 * @throws {ProbeFailedError} where no answer comes, or a no for good; the signal's reason.
 */
export async function askForLease(access: ServerAccess, signal: AbortSignal): Promise<LeaseAnswer> {
  const { status, body, retryAfter } = await askServer(access, 'POST', LEASE_PATH, signal);
  if (status === 404 || status === 405 || status === 501) return { isBusy: false };
  if (status === 429 || status === 503) {
    const when = retryAfter === undefined ? 'later' : `in ${retryAfter / 1_000} s`;
    const why = status === 429 ? 'has had enough tests of this client for now' : 'is busy with another test';
    const failure = busy(`the server ${why}, and asks to come again ${when}`);
    return { isBusy: true, failure, ...(retryAfter !== undefined && { retryAfter }) };
  }
  if (status !== 200) throw new ProbeFailedError(failureOfStatus(status, 'the wish for a lease'));
  const grant = readGrant(body);
  if (grant !== undefined) return { isBusy: false, grant };
  throw new ProbeFailedError(failedBy('target', 'protocol-error', 'what the server grants is no lease'));
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
