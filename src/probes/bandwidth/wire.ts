import type { TcpSummary } from './tcp-tally.js';

/** Where the bytes are: `GET /bandwidth_test?size=MB` to download, `POST /bandwidth_test` to upload. */
export const TEST_PATH = '/bandwidth_test';
/** Where leases are: `POST` to ask for one, `DELETE` to give it back. */
export const LEASE_PATH = '/bandwidth_test/lease';
/** Names the lease that a request belongs to. */
export const LEASE_HEADER = 'netpause-lease';
/** What `size` counts in. */
export const MEGABYTE = 2 ** 20;
/** Who uploads and accepts this is told all the while how much has arrived, a line of JSON each time. */
export const PROGRESS_TYPE = 'application/x-ndjson';

/** The answer to whoever asked for a lease. */
export interface LeaseGrant {
  readonly lease: string;
  /** How many bytes may be moved under it, both directions together. */
  readonly maxBytes: number;
  /** Milliseconds until it ends, whatever happens. */
  readonly maxDuration: number;
}

/** The answer to whoever gave a lease back. */
export interface LeaseSummary {
  /** What the server's kernel told of what it sent. */
  readonly download?: TcpSummary;
}

/** A line of the answer to an upload. */
export interface UploadProgress {
  /** How many bytes of the body have arrived. */
  readonly bytes: number;
}

/** @returns undefined for what is none. */
export function readGrant(value: unknown): LeaseGrant | undefined {
  const lease = field(value, 'lease');
  const maxBytes = field(value, 'maxBytes');
  const maxDuration = field(value, 'maxDuration');
  if (typeof lease !== 'string' || !/^[\w-]{1,128}$/.test(lease)) return undefined;
  return isCount(maxBytes) && isCount(maxDuration) ? { lease, maxBytes, maxDuration } : undefined;
}

/** What of it can be understood; another's word is checked for its shape only. */
export function readSummary(value: unknown): LeaseSummary {
  const download = readTcpSummary(field(value, 'download'));
  return download === undefined ? {} : { download };
}

/** @returns undefined for what is none. */
export function readProgress(line: string): UploadProgress | undefined {
  const bytes = field(parseJson(line), 'bytes');
  return isCount(bytes) ? { bytes } : undefined;
}

/** @returns undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readTcpSummary(value: unknown): TcpSummary | undefined {
  const retransmits = field(value, 'retransmits');
  const congestionWindow = field(value, 'congestionWindow');
  const mss = field(value, 'mss');
  if (!isCount(retransmits) || !isCount(congestionWindow) || !isCount(mss)) return undefined;
  const ratio = field(value, 'retransmitRatio');
  const rtt = readRtt(field(value, 'rtt'));
  return {
    retransmits,
    ...(isNumber(ratio) && ratio <= 1 && { retransmitRatio: ratio }),
    ...(rtt !== undefined && { rtt }),
    congestionWindow,
    mss,
  };
}

function readRtt(value: unknown): TcpSummary['rtt'] {
  const min = field(value, 'min');
  const mean = field(value, 'mean');
  const max = field(value, 'max');
  return isNumber(min) && isNumber(mean) && isNumber(max) ? { min, mean, max } : undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
