import { isIP } from 'node:net';
import type { Endpoint } from '../../names/index.js';
import { inconclusive } from '../failure.js';
import type { ProbeContext } from '../probe-context.js';
import type { Measurement, ProbeFailure, ProbeVerdict, Timings } from '../result.js';
import type { ProbeRun } from '../run-probe.js';
import { discoverPathMtu } from './discover-path-mtu.js';
import type { EchoEngine, EchoRequest } from './echo-engine.js';
import { EchoSeries, type SeriesOutcome } from './echo-series.js';
import { findAddresses, ipToAsk } from './find-addresses.js';
import type { PingSettings } from './ping-options.js';
import type { PingFacts, PingMethod, PingPhase } from './ping-result.js';
import { rttStatistics } from './rtt-statistics.js';
import { profileOf } from './socket-profile.js';
import { runTcpSeries } from './tcp-series.js';
import { judgeSeries } from './verdict.js';

type PingMeasurement = Measurement<PingFacts, PingPhase>;

/** One ping, from the name to the verdict. */
export async function measurePing(
  engine: EchoEngine,
  { host, port }: Endpoint,
  settings: PingSettings,
  run: ProbeRun,
  context: ProbeContext,
): Promise<PingMeasurement> {
  const start = performance.now();
  const found = await findAddresses(host, settings.family, run, context);
  const timings = isIP(host) === 0 ? { resolve: performance.now() - start } : {};
  if ('status' in found) return unasked(found, settings, timings);
  const asked = await askFirstReachable(found.addresses, engine, port, settings, run);
  if ('status' in asked) return { ...unasked(asked, settings, timings), address: asked.address };
  const pingTime = performance.now() - start - (timings.resolve ?? 0);
  const pathMtu = await findPathMtu(asked, engine, settings, run);
  const findTime = performance.now() - start - (timings.resolve ?? 0) - pingTime;
  return {
    verdict: verdictOf(asked, settings, run),
    address: asked.address,
    samples: asked.outcome.samples,
    timings: { ...timings, ping: pingTime, ...(pathMtu !== undefined && { pathMtu: findTime }) },
    facts: { ...factsOf(asked.outcome, asked.method, settings), ...(pathMtu !== undefined && { pathMtu }) },
  };
}

interface Asked {
  readonly address: string;
  readonly method: PingMethod;
  readonly outcome: SeriesOutcome;
  readonly overrun: boolean;
  /** What was sent; absent where it was asked by TCP. */
  readonly request?: EchoRequest;
}

type Unasked = ProbeFailure & { readonly address: string };

async function askFirstReachable(
  addresses: readonly string[],
  engine: EchoEngine,
  port: number | undefined,
  settings: PingSettings,
  run: ProbeRun,
): Promise<Asked | Unasked> {
  let answer: Asked | Unasked | undefined;
  for (const address of addresses) {
    run.towards(address);
    answer = await ask(address, engine, port, settings, run);
    if (run.signal.aborted || !couldNotSend(answer)) break;
  }
  return answer ?? { ...inconclusive('no-address', 'there is no address'), address: '' };
}

/** The other family may have a route. */
function couldNotSend(answer: Asked | Unasked): boolean {
  return 'status' in answer ? answer.reason === 'unsupported' : answer.outcome.sent === 0;
}

async function ask(
  address: string,
  engine: EchoEngine,
  port: number | undefined,
  settings: PingSettings,
  run: ProbeRun,
): Promise<Asked | Unasked> {
  const ip = ipToAsk(address, settings.interface);
  if ('status' in ip) return { ...ip, address };
  const { count, interval, timeout, payloadSize, source, fallback } = settings;
  const plan = { count, interval, timeout };
  const request: EchoRequest = { ...plan, ip, payloadSize, profile: profileOf(ip.family, settings) };
  const report = await engine.run(request, run.signal);
  if (report.kind === 'asked') return { ...report, address, request };
  const mayFallBack = FALL_BACK_AFTER.has(report.failure.reason);
  if (fallback !== 'tcp' || port === undefined || !mayFallBack) return { ...report.failure, address };
  const outcome = await runTcpSeries({ ...plan, address, port, localAddress: source }, run.signal);
  return { address, method: 'tcp', outcome, overrun: false };
}

const FALL_BACK_AFTER: ReadonlySet<string> = new Set(['not-allowed', 'unsupported']);

async function findPathMtu(
  { request, outcome }: Asked,
  engine: EchoEngine,
  settings: PingSettings,
  { signal }: ProbeRun,
): Promise<number | undefined> {
  if (settings.discoverPathMtu !== true || request === undefined || outcome.received === 0) return undefined;
  return discoverPathMtu(engine, request, signal);
}

function verdictOf(
  { outcome, address, overrun }: Asked,
  settings: PingSettings,
  { wasOffline }: ProbeRun,
): ProbeVerdict {
  return judgeSeries(outcome, { address, settings, wasOffline, overrun });
}

function factsOf(outcome: SeriesOutcome, method: PingMethod, { payloadSize }: PingSettings): PingFacts {
  const { sent, received, duplicates, reordered, samples, jitter, replyTtls, errors } = outcome;
  const rtt = rttStatistics(samples);
  return {
    method,
    sent,
    received,
    loss: sent === 0 ? 1 : (sent - received) / sent,
    duplicates,
    reordered,
    payloadSize: method === 'tcp' ? 0 : payloadSize,
    ...(rtt !== undefined && { rtt }),
    ...(jitter !== undefined && { jitter }),
    replyTtls,
    clock: method === 'tcp' ? 'process' : 'kernel',
    errors,
  };
}

function unasked(verdict: ProbeFailure, settings: PingSettings, timings: Timings<PingPhase>): PingMeasurement {
  const nothing = new EchoSeries({ ...settings, count: 0 }, 0).outcome();
  return { verdict, samples: [], timings, facts: factsOf(nothing, 'icmp-datagram', settings) };
}
