import { formatEndpoint } from '../../names/index.js';
import { findAddresses } from '../connect/find-addresses.js';
import { timedOut } from '../failure.js';
import type { ResolveHost } from '../resolve-host.js';
import type { Measurement } from '../result.js';
import type { ProbeRun } from '../run-probe.js';
import { askByTcp } from './ask-by-tcp.js';
import { askByUdp } from './ask-by-udp.js';
import { type DnsFacts, dnsFacts } from './dns-facts.js';
import {
  DEFAULT_TIMEOUT,
  type DnsProbeOptions,
  type DnsTransport,
  expectationOf,
  familyOf,
  serverOf,
} from './dns-options.js';
import type { DnsPhase, Errand, Exchange } from './exchange.js';
import { judgeAnswer } from './judge-answer.js';
import { makeQuery, type QueryStyle } from './query.js';
import type { DnsQuestion } from './question.js';

/** Asks one server, by its first address that this host can send to at all. */
export async function probeServer(
  question: DnsQuestion,
  options: DnsProbeOptions,
  run: ProbeRun,
  resolve: ResolveHost | undefined,
): Promise<Measurement<DnsFacts, DnsPhase>> {
  const { transport = 'udp', timeout = DEFAULT_TIMEOUT } = options;
  const { host, port } = serverOf(options);
  const asked = { question, server: formatEndpoint({ host, port }), transport };
  const found = await findAddresses(host, familyOf(options), resolve, { signal: run.signal, timeout });
  if ('failure' in found) {
    const facts = dnsFacts(asked, { truncated: false, queries: 0, ignored: 0 });
    return { verdict: found.failure, samples: [], timings: {}, facts };
  }
  const { address, answered } = await askFirst(found.addresses, question, options, run);
  const { outcome, timings } = answered.exchange;
  const told = outcome.kind === 'answer' ? outcome.message : undefined;
  const { query } = timings;
  return {
    verdict: verdictOf(answered, asked.server, options),
    address,
    samples: told === undefined || query === undefined ? [] : [query],
    timings: { ...(found.duration !== undefined && { resolve: found.duration }), ...timings },
    facts: dnsFacts({ ...asked, transport: answered.transport }, askingOf(answered), told),
  };
}

/** An exchange, and how it came about. */
interface Answered {
  readonly transport: DnsTransport;
  readonly truncated: boolean;
  readonly exchange: Exchange;
}

/** Another address is asked only where this host cannot send to the one before: what is measured is one server. */
async function askFirst(
  [address = '', ...others]: readonly string[],
  question: DnsQuestion,
  options: DnsProbeOptions,
  run: ProbeRun,
): Promise<{ readonly address: string; readonly answered: Answered }> {
  const { port } = serverOf(options);
  run.towards(formatEndpoint({ host: address, port }));
  const style = styleOf(options);
  const errand = {
    address,
    port,
    source: options.source,
    question,
    makeQuery: () => makeQuery(question, style),
    signal: run.signal,
  };
  const answered = await ask(errand, options);
  const { outcome } = answered.exchange;
  const isStuckHere = outcome.kind === 'failure' && outcome.failure?.failureSource === 'local';
  return isStuckHere && others.length > 0 ? askFirst(others, question, options, run) : { address, answered };
}

async function ask(errand: Errand, options: DnsProbeOptions): Promise<Answered> {
  const { transport = 'udp', timeout = DEFAULT_TIMEOUT, retries = 0, fallbackToTcp = true } = options;
  if (transport !== 'udp') {
    const tls = transport === 'tls' ? { host: serverOf(options).host, options: options.tls ?? NO_OPTIONS } : undefined;
    return { transport, truncated: false, exchange: await askByTcp({ ...errand, tls }) };
  }
  const first = await askByUdp({ ...errand, retries, retryAfter: timeout / (retries + 1) });
  const truncated = first.outcome.kind === 'answer' && first.outcome.message.flags.tc;
  if (!truncated || !fallbackToTcp) return { transport, truncated, exchange: first };
  const second = await askByTcp({ ...errand, tls: undefined });
  return {
    transport: 'tcp',
    truncated,
    exchange: { ...second, queries: first.queries + second.queries, ignored: first.ignored + second.ignored },
  };
}

function verdictOf({ exchange: { outcome, ignored } }: Answered, server: string, options: DnsProbeOptions) {
  const { timeout = DEFAULT_TIMEOUT } = options;
  if (outcome.kind === 'answer') return judgeAnswer(outcome.message, { ...expectationOf(options), blame: 'target' });
  const instead = ignored === 0 ? '' : `, only ${ignored} that ${ignored === 1 ? 'is' : 'are'} none to this query,`;
  return outcome.failure ?? timedOut(timeout, `an answer of ${server}${instead}`);
}

function askingOf({ truncated, exchange: { queries, ignored, tls } }: Answered) {
  return { truncated, queries, ignored, tls };
}

function styleOf({
  recursionDesired = true,
  edns = true,
  udpPayloadSize = 1_232,
  dnssecOk = false,
}: DnsProbeOptions): QueryStyle {
  return { recursionDesired, dnssecOk, udpPayloadSize: edns ? udpPayloadSize : undefined };
}

/** One object for all: what is made of it is kept by it. */
const NO_OPTIONS = {};
