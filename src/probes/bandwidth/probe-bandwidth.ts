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
import { takeOwnTurn } from './own-turn.js';
import { reachServer } from './reach-server.js';
import { runTest } from './run-test.js';
import { TestRecord } from './test-record.js';

/**
 * Measures the TCP throughput to and from a server of `createBandwidthServer`, or the download from anything that answers
 * `GET /bandwidth_test?size=MB` as Netring does.
 *
 * Over each interface of this host one test runs at a time: those of this process wait for each other. So it is on each of the server's: where
 * another client is first, the result is `inconclusive` with the reason `'busy'`.
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
  const begun = performance.now();
  const { timeout, directions, duration } = settings;
  const access = await reachServer(endpoint, settings, resolve, run, record);
  const left = timeout - (performance.now() - begun);
  const { link = access.address } = record.findings.facts;
  const patience = left - directions.length * duration;
  const release = await record.timed('turn', takeOwnTurn(link, patience, left + GRACE, run.signal));
  try {
    return await runTest(access, settings, run, record);
  } finally {
    release();
  }
}

/** Milliseconds that a test may take to end when its time is over, before another may begin in its place. */
const GRACE = 1_000;

function failureOf(error: unknown, { timeout }: BandwidthSettings, run: ProbeRun): ProbeVerdict {
  if (error instanceof ProbeFailedError) return error.failure;
  if (run.signal.aborted) return timedOut(timeout, 'an answer of the server');
  throw error;
}
