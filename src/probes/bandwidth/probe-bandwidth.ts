import { timedOut } from '../failure.js';
import type { ProbeContext } from '../probe-context.js';
import { ProbeFailedError } from '../probe-failed-error.js';
import type { ProbeVerdict } from '../result.js';
import { type ProbeRun, runProbe } from '../run-probe.js';
import {
  type BandwidthProbeOptions,
  type BandwidthSettings,
  type BandwidthTarget,
  checkBandwidthOptions,
  parseBandwidthTarget,
  settingsOf,
} from './bandwidth-options.js';
import type { BandwidthResult } from './bandwidth-result.js';
import { reachServer } from './reach-server.js';
import { runTest } from './run-test.js';
import { takeTurn } from './take-turn.js';
import { TestRecord } from './test-record.js';

/**
 * Measures the TCP throughput to and from a server of `createBandwidthServer`, or the download from anything that answers
 * `GET /bandwidth_test?size=MB` as Netring does.
 *
 * Over each interface of this host one test runs at a time: those of this process wait for each other. So it is on each of the server's, and
 * for a server that tests with another client this one waits as well. Where that leaves no time, the result is `inconclusive` with the reason
 * `'busy'`.
 *
 * @param target `'host:port'` or `'http://host:port'`.
 * @throws {InvalidOptionError} for a bad target or option; the caller's reason when the signal aborts.
 * @example
 * const { facts } = await probeBandwidth('192.0.2.1:8757', { direction: 'download', duration: 2_000 });
 */
export async function probeBandwidth(
  target: string,
  options: BandwidthProbeOptions = {},
  context: ProbeContext = {},
): Promise<BandwidthResult> {
  checkBandwidthOptions(options);
  const endpoint = parseBandwidthTarget(target);
  const settings = settingsOf(options);
  return runProbe({ probe: 'bandwidth', target, timeout: settings.timeout }, context, async (run) => {
    const record = new TestRecord();
    const verdict = await measure(endpoint, settings, context, run, record).catch((error: unknown) =>
      failureOf(error, settings, run),
    );
    return { verdict, ...record.findings };
  });
}

async function measure(
  endpoint: BandwidthTarget,
  settings: BandwidthSettings,
  { resolve }: ProbeContext,
  run: ProbeRun,
  record: TestRecord,
): Promise<ProbeVerdict> {
  const { timeout, directions, duration } = settings;
  const deadline = performance.now() + timeout;
  const access = await reachServer(endpoint, settings, resolve, run, record);
  const { link = access.address } = record.findings.facts;
  const latest = deadline - directions.length * (duration + TIME_AROUND + 4 * access.rtt);
  const { grant, release } = await takeTurn(access, { link, latest, deadline }, run, record);
  try {
    return await runTest(access, grant, settings, run, record);
  } finally {
    release();
  }
}

/** Milliseconds for what is around the test of a direction, beside some round trips. */
const TIME_AROUND = 250;

function failureOf(error: unknown, { timeout }: BandwidthSettings, run: ProbeRun): ProbeVerdict {
  if (error instanceof ProbeFailedError) return error.failure;
  if (run.signal.aborted) return timedOut(timeout, 'an answer of the server');
  throw error;
}
