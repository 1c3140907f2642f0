import type { ProbeResult } from '../result.js';

/** What of a ping's facts is rated. */
export interface Echoes {
  readonly sent: number;
  readonly received: number;
  /** Absent where it is not known. */
  readonly avg?: number;
  /** Absent where it is not known. */
  readonly jitter?: number;
}

/**
 * The echoes of a ping as far as they speak of the path. Undefined for any other result, and for a ping in which requests were lost that may
 * well have been lost here: it is inconclusive then, or says that this host was offline.
 */
export function echoesOf({ probe, status, offline, facts }: ProbeResult): Echoes | undefined {
  if (probe !== 'ping') return undefined;
  const { sent, received, rtt, jitter }: Partial<Record<string, unknown>> = { ...facts };
  if (!isCount(sent) || !isCount(received) || received > sent) return undefined;
  const isOurs = status === 'inconclusive' || offline !== undefined;
  if (isOurs && received < sent) return undefined;
  const avg: unknown = typeof rtt === 'object' && rtt !== null ? Reflect.get(rtt, 'avg') : undefined;
  return { sent, received, ...(isTime(avg) && { avg }), ...(isTime(jitter) && { jitter }) };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
