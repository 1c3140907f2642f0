import { isIP } from 'node:net';
import { toError } from '../../errors/index.js';
import { orAborted } from '../../events/index.js';
import type { Endpoint } from '../../names/index.js';
import { parseIp } from '../../netlink/index.js';
import { failedBy, failureOf, inconclusive } from '../failure.js';
import type { ProbeContext } from '../probe-context.js';
import { resolveHost } from '../resolve-host.js';
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
  const found = await findAddresses(endpoint.host, settings, run, context);
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

async function findAddresses(
  host: string,
  { family }: TraceSettings,
  { signal }: ProbeRun,
  { resolve = resolveHost }: ProbeContext,
): Promise<{ readonly addresses: readonly string[] } | ProbeFailure> {
  try {
    const { addresses } = await orAborted(resolve(host, { family, signal }), signal);
    const usable = addresses.filter((address) => family === 'any' || isIP(address) === family);
    // The first of each family: whether this host can reach that family at all, shows with the first packet.
    const firsts = usable.filter(
      (address, index) => usable.findIndex((each) => isIP(each) === isIP(address)) === index,
    );
    if (firsts.length > 0) return { addresses: firsts };
    return inconclusive('no-address', `${host} has no address of IPv${family}`);
  } catch (error) {
    if (signal.aborted) return failedBy('resolver', 'resolver-timeout', `no address of ${host} was found in time`);
    return failureOf(error) ?? failedBy('resolver', 'resolver-failed', toError(error).message);
  }
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
  let traced: Traced = { address: '', report: unavailable('there is no address') };
  for (const address of addresses) {
    const ip = parseIp(address);
    if (ip === undefined) {
      traced = { address, report: unavailable(`${address} is no address to trace`) };
      continue;
    }
    run.towards(settings.method === 'tcp' ? destination(address, port) : address);
    traced = { address, report: await engine.run({ ip, port, settings }, run.signal) };
    if (!couldNotSend(traced.report)) break;
  }
  return traced;
}

/** The other family may have a route. */
function couldNotSend(report: TraceReport): boolean {
  if (report.kind === 'unavailable') return report.failure.reason === 'unsupported';
  return report.outcome.asked === 0;
}

function unavailable(message: string): TraceReport {
  return { kind: 'unavailable', failure: inconclusive('no-address', message) };
}

function destination(address: string, port: number): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
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
