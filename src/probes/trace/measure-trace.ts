import { isIP } from 'node:net';
import { type Endpoint, formatEndpoint } from '../../names/index.js';
import { inconclusive } from '../failure.js';
import { findAddresses, ipToAsk } from '../ping/find-addresses.js';
import type { ProbeContext } from '../probe-context.js';
import type { Measurement, ProbeFailure, Timings } from '../result.js';
import type { ProbeRun } from '../run-probe.js';
import type { CourseOutcome } from './course-plan.js';
import { lookUpNames } from './reverse-names.js';
import type { TraceEngine, TraceReport } from './trace-engine.js';
import { factsOf, samplesOf } from './trace-facts.js';
import type { TraceSettings } from './trace-options.js';
import type { TraceFacts, TracePhase } from './trace-result.js';
import { judgeTrace } from './verdict.js';

type TraceMeasurement = Measurement<TraceFacts, TracePhase>;

/** One trace, from the name to the verdict. */
export async function measureTrace(
  engine: TraceEngine,
  endpoint: Endpoint,
  settings: TraceSettings,
  run: ProbeRun,
  context: ProbeContext,
): Promise<TraceMeasurement> {
  const port = portOf(endpoint, settings);
  const start = performance.now();
  const found = await findAddresses(endpoint.host, settings.family, run, context);
  const timings = isIP(endpoint.host) === 0 ? { resolve: performance.now() - start } : {};
  if ('status' in found) return unasked(found, port, settings, timings);
  const begun = performance.now();
  const { address, report } = await traceFirstReachable(found.addresses, engine, port, settings, run);
  if (report.kind === 'unavailable') return { ...unasked(report.failure, port, settings, timings), address };
  const traceTime = performance.now() - begun;
  const facts = factsOf(report.outcome, { method: settings.method, port, flowIds: report.flowIds });
  const named = await withNames(facts, settings, run);
  return {
    verdict: judgeTrace(facts, address, settings.maxHops, report.outcome.sendError),
    address,
    samples: samplesOf(report.outcome),
    timings: { ...timings, trace: traceTime, ...named.timings },
    facts: named.facts,
  };
}

/** traceroute(8): the first of its ports for UDP, and that of the Web for TCP. */
const DEFAULT_PORTS = { udp: 33_434, icmp: 0, tcp: 80 } as const;

function portOf(endpoint: Endpoint, { method, port }: TraceSettings): number {
  return method === 'icmp' ? 0 : (port ?? endpoint.port ?? DEFAULT_PORTS[method]);
}

interface Traced {
  readonly address: string;
  readonly report: TraceReport;
}

async function traceFirstReachable(
  addresses: readonly string[],
  engine: TraceEngine,
  port: number,
  settings: TraceSettings,
  run: ProbeRun,
): Promise<Traced> {
  let traced: Traced = { address: '', report: unavailable(inconclusive('no-address', 'there is no address')) };
  for (const address of addresses) {
    traced = { address, report: await traceTo(address, engine, port, settings, run) };
    if (run.signal.aborted || !couldNotSend(traced.report)) break;
  }
  return traced;
}

async function traceTo(
  address: string,
  engine: TraceEngine,
  port: number,
  settings: TraceSettings,
  run: ProbeRun,
): Promise<TraceReport> {
  const ip = ipToAsk(address, settings.interface);
  if ('status' in ip) return unavailable(ip);
  run.towards(settings.method === 'tcp' ? formatEndpoint({ host: address, port }) : address);
  return engine.run({ ip, port, settings }, run.signal);
}

/** The other family may have a route, or an address that can be asked. */
function couldNotSend(report: TraceReport): boolean {
  return report.kind === 'unavailable' || report.outcome.asked === 0;
}

function unavailable(failure: ProbeFailure): TraceReport {
  return { kind: 'unavailable', failure };
}

async function withNames(
  facts: TraceFacts,
  { names: wanted }: TraceSettings,
  { signal }: ProbeRun,
): Promise<{ readonly facts: TraceFacts; readonly timings: Timings<TracePhase> }> {
  if (wanted !== true) return { facts, timings: {} };
  const start = performance.now();
  const addresses = facts.hops.flatMap((hop) => hop.addresses.map(({ address }) => address));
  const names = await lookUpNames(addresses, { signal });
  return { facts: nameAddresses(facts, names), timings: { names: performance.now() - start } };
}

function nameAddresses(facts: TraceFacts, names: ReadonlyMap<string, string>): TraceFacts {
  const hops = facts.hops.map((hop) => ({
    ...hop,
    addresses: hop.addresses.map(({ address, ...rest }) => {
      const name = names.get(address);
      return { address, ...(name !== undefined && { name }), ...rest };
    }),
  }));
  return { ...facts, hops };
}

const NOTHING: CourseOutcome = { probes: [], ends: [], asked: 0, sendError: undefined };

function unasked(
  verdict: ProbeFailure,
  port: number,
  { method }: TraceSettings,
  timings: Timings<TracePhase>,
): TraceMeasurement {
  return { verdict, samples: [], timings, facts: factsOf(NOTHING, { method, port, flowIds: [] }) };
}
