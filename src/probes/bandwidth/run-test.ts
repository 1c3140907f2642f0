import { failedBy } from '../failure.js';
import type { ProbeVerdict } from '../result.js';
import type { ProbeRun } from '../run-probe.js';
import { type BandwidthSettings, type Direction, SHORTEST_DURATION } from './bandwidth-options.js';
import type { DirectionFacts } from './bandwidth-result.js';
import { type DirectionPlan, testDirection } from './direction-test.js';
import { openDownload } from './download-stream.js';
import type { ServerAccess } from './server-access.js';
import { releaseLease } from './server-lease.js';
import type { OpenStream } from './stream.js';
import { type ReadTcp, tcpReader } from './tcp-tally.js';
import type { TestRecord } from './test-record.js';
import { openUpload } from './upload-stream.js';
import { type LeaseGrant, MEGABYTE } from './wire.js';

/** Tests in all directions that are asked for, and gives the lease back that it had from the server. */
export async function runTest(
  access: ServerAccess,
  grant: LeaseGrant | undefined,
  settings: BandwidthSettings,
  run: ProbeRun,
  record: TestRecord,
): Promise<ProbeVerdict> {
  const leased = { ...access, lease: grant?.lease };
  const verdict = await testDirections(leased, settings, boundsOf(settings, grant), await tcpReader(), run, record);
  // While this host is offline nobody hears of it, and the server finds out by itself.
  if (grant !== undefined && !run.signal.aborted && !run.wasOffline) await giveBack(leased, run, record);
  return verdict;
}

/** What each direction may take, by this side's will and the server's. */
interface Bounds {
  /** Bytes for each stream. */
  readonly share: number;
  /** Milliseconds. */
  readonly duration: number;
}

function boundsOf(
  { directions, duration, maxBytes, streams }: BandwidthSettings,
  grant: LeaseGrant | undefined,
): Bounds {
  const most = Math.min(maxBytes, (grant?.maxBytes ?? maxBytes) / directions.length);
  const longest = ((grant?.maxDuration ?? Number.POSITIVE_INFINITY) * USE_OF_LEASE) / directions.length;
  return {
    share: Math.floor(most / streams / MEGABYTE) * MEGABYTE,
    duration: Math.min(duration, longest),
  };
}

/** The rest is for what lies between and around the tests themselves. */
const USE_OF_LEASE = 0.9;

async function testDirections(
  access: ServerAccess,
  { directions, streams, timeout }: BandwidthSettings,
  bounds: Bounds,
  readTcp: ReadTcp,
  run: ProbeRun,
  record: TestRecord,
): Promise<ProbeVerdict> {
  if (bounds.share === 0 || bounds.duration < SHORTEST_DURATION) {
    const least = `a mebibyte for each stream and ${SHORTEST_DURATION} ms for each direction`;
    return failedBy('target', 'too-little', `the server allows less than ${least}`);
  }
  for (const direction of directions) {
    const plan = { ...WAYS[direction](access, readTcp), ...bounds, streams, timeout, rtt: access.rtt };
    const { verdict, facts } = await testDirection(plan, run);
    if (facts !== undefined) record.learnt({ [direction]: facts });
    if (verdict.status !== 'ok') return verdict;
    if (facts !== undefined) record.took(direction, facts.seconds * 1_000);
  }
  return { status: 'ok' };
}

type Way = Pick<DirectionPlan, 'open' | 'arrival' | 'readTcp'>;

const WAYS = {
  download: (access: ServerAccess): Way => {
    const open: OpenStream = (bytes, listener) => openDownload(access, bytes, listener);
    return { open, arrival: 'here', readTcp: () => undefined };
  },
  upload: (access: ServerAccess, readTcp: ReadTcp): Way => {
    const open: OpenStream = (bytes, listener) => openUpload(access, readTcp, bytes, listener);
    return { open, arrival: 'there', readTcp };
  },
} as const satisfies { readonly [Name in Direction]: (access: ServerAccess, readTcp: ReadTcp) => Way };

/** The server answers with what its kernel told of the download. */
async function giveBack(access: ServerAccess, { signal }: ProbeRun, record: TestRecord): Promise<void> {
  const { download: tcp } = await releaseLease(access, signal);
  const download: DirectionFacts | undefined = record.findings.facts.download;
  if (tcp !== undefined && download !== undefined) record.learnt({ download: { ...download, tcp } });
}
