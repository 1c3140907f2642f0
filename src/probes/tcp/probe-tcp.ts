import { linkSignals } from '../../events/index.js';
import { formatEndpoint } from '../../names/index.js';
import { DEFAULT_ATTEMPT_DELAY, familyOf } from '../connect/connect-options.js';
import type { ConnectAttempt, ConnectRequest } from '../connect/connect-race.js';
import { findAddresses } from '../connect/find-addresses.js';
import { localEndOf } from '../connect/local-end.js';
import type { ProbeContext } from '../probe-context.js';
import type { Measurement, ProbeFailure, ProbeResult, ProbeVerdict } from '../result.js';
import { type ProbeRun, runProbe } from '../run-probe.js';
import { matcherOf } from '../text-pattern.js';
import { type PortOutcome, type PortTask, probePort } from './probe-port.js';
import {
  checkTcpOptions,
  DEFAULT_MAX_BYTES,
  DEFAULT_TCP_TIMEOUT,
  parseTcpTarget,
  type TcpProbeOptions,
  type TcpTarget,
} from './tcp-options.js';

/** The phases of a TCP probe: the name, the handshake, and what is expected after it. Of several ports, the slowest. */
export type TcpPhase = 'resolve' | 'connect' | 'banner';

/** What a TCP probe learns beside. */
export interface TcpFacts {
  /** Every attempt to connect, in the order of their ports and beginnings: of a name with several addresses, who was tried and who won. */
  readonly attempts: readonly ConnectAttempt[];
  /** The first 1,024 characters that the target sent, escaped: of the first port that sent any. Only where something is expected. */
  readonly banner?: string;
  /** How the socket was kept to the option `interface`, where that was given. */
  readonly boundBy?: 'device' | 'address';
  /** Each port, in the order of the options. */
  readonly ports: readonly TcpPortFacts[];
}

/** What was found on one port. */
export interface TcpPortFacts {
  /** The TCP port. */
  readonly port: number;
  /** `'cancelled'` where another port was enough. */
  readonly status: 'ok' | 'failed' | 'inconclusive' | 'cancelled';
  /** What is wrong, in one word; absent where nothing is. */
  readonly reason?: string;
  /** The IP address that was connected to, or whose failure it is. */
  readonly address: string;
  /** How long the handshake took, in milliseconds; absent where there was none. */
  readonly connect?: number;
  /** The first 1,024 characters that came, escaped. */
  readonly banner?: string;
}

/** What {@link probeTcp} resolves to. Its samples are the times that the handshakes took, one for each port that connected. */
export type TcpResult = ProbeResult<TcpFacts, TcpPhase>;

/**
 * Connects to a TCP port, or several, and closes again; where that is asked for, it says something first and waits for what must come back.
 *
 * @param target `'host:port'`, `'[2001:db8::1]:22'`, or a host with the option `ports`.
 * @throws {InvalidOptionError} for a bad target or option; the caller's reason when the signal aborts.
 * @example
 * const { status, samples } = await probeTcp('192.0.2.1:22', { expect: { regexp: '^SSH-2' } });
 */
export async function probeTcp(
  target: string,
  options: TcpProbeOptions = {},
  context: ProbeContext = {},
): Promise<TcpResult> {
  checkTcpOptions(options);
  const parsed = parseTcpTarget(target, options.ports);
  const { timeout = DEFAULT_TCP_TIMEOUT } = options;
  return runProbe({ probe: 'tcp', target, timeout }, context, (run) =>
    measure(parsed, { ...options, timeout }, context, run),
  );
}

async function measure(
  { host, ports }: TcpTarget,
  options: TcpProbeOptions & { readonly timeout: number },
  { resolve }: ProbeContext,
  run: ProbeRun,
): Promise<Measurement<TcpFacts, TcpPhase>> {
  const begun = performance.now();
  const { signal } = run;
  const { timeout, attemptDelay = DEFAULT_ATTEMPT_DELAY } = options;
  const local = await localEndOf(options);
  const boundBy = local.boundBy === undefined ? {} : { boundBy: local.boundBy };
  const found = await findAddresses(host, familyOf(options), resolve, { signal, timeout });
  if ('failure' in found)
    return { verdict: found.failure, samples: [], timings: {}, facts: { attempts: [], ports: [], ...boundBy } };

  const { addresses, duration } = found;
  // With several addresses it is not known yet which one counts: another family may have no path without anything being wrong.
  const [only] = addresses;
  if (addresses.length === 1 && only !== undefined) run.towards(formatEndpoint({ host: only, port: ports[0] }));
  const requests = ports.map((port) => ({ addresses, port, local, attemptDelay, begun, timeout, signal }));
  const outcomes = await probePorts(requests, taskOf(options, timeout), options.require ?? 'all');
  const { verdict, decisive } = judgePorts(outcomes, options.require ?? 'all');
  if (addresses.length > 1 && decisive !== undefined) {
    run.towards(formatEndpoint({ host: decisive.address, port: decisive.port }));
  }
  return {
    verdict,
    address: decisive?.address,
    samples: outcomes.flatMap(({ connect }) => connect ?? []),
    timings: timingsOf(duration, outcomes),
    facts: { ...factsOf(outcomes), ...boundBy },
  };
}

function taskOf({ send, expect, maxBytes = DEFAULT_MAX_BYTES, close }: TcpProbeOptions, timeout: number): PortTask {
  const isSilent = send === undefined && expect === undefined;
  return {
    exchange: { send, maxBytes, timeout, expect: expect === undefined ? undefined : matcherOf(expect) },
    close: close ?? (isSilent ? 'reset' : 'fin'),
  };
}

/** With `'any'`, what is still going on when one port has answered as it should is ended. */
async function probePorts(
  requests: readonly ConnectRequest[],
  task: PortTask,
  require: 'all' | 'any',
): Promise<readonly PortOutcome[]> {
  const [first] = requests;
  if (first === undefined) return [];
  if (requests.length === 1) return [await probePort(first, task)];
  const enough = new AbortController();
  const { signal, release } = linkSignals(first.signal, enough.signal);
  const outcomes = requests.map(async (request) => {
    const outcome = await probePort({ ...request, signal }, task);
    if (require === 'any' && outcome.verdict.status === 'ok') enough.abort();
    else if (outcome.verdict.status !== 'ok' && enough.signal.aborted) return cancel(outcome);
    return outcome;
  });
  try {
    return await Promise.all(outcomes);
  } finally {
    release();
  }
}

const CANCELLED = 'cancelled';

/** What ended because another port was enough says nothing. */
function cancel(outcome: PortOutcome): PortOutcome {
  const { verdict } = outcome;
  if (verdict.status === 'ok' || (verdict.reason !== 'timeout' && verdict.reason !== CANCELLED)) return outcome;
  const attempts = outcome.attempts.map((each) =>
    each.outcome === 'timeout' ? { ...each, outcome: CANCELLED } : each,
  );
  return { ...outcome, attempts, verdict: { ...verdict, reason: CANCELLED } };
}

interface Judgement {
  readonly verdict: ProbeVerdict;
  /** The port that it hangs on. */
  readonly decisive: PortOutcome | undefined;
}

function judgePorts(outcomes: readonly PortOutcome[], require: 'all' | 'any'): Judgement {
  const good = outcomes.find(({ verdict }) => verdict.status === 'ok');
  const bad =
    outcomes.find(({ verdict }) => verdict.status === 'failed') ??
    outcomes.find(({ verdict }) => verdict.status !== 'ok');
  const decisive = require === 'any' ? (good ?? bad) : (bad ?? good);
  if (decisive === undefined || decisive.verdict.status === 'ok') return { verdict: { status: 'ok' }, decisive };
  return { verdict: outcomes.length === 1 ? decisive.verdict : withPort(decisive.verdict, decisive.port), decisive };
}

function withPort(failure: ProbeFailure, port: number): ProbeFailure {
  return { ...failure, message: `port ${port}: ${failure.message}` };
}

function timingsOf(
  resolve: number | undefined,
  outcomes: readonly PortOutcome[],
): Measurement<TcpFacts, TcpPhase>['timings'] {
  const connects = outcomes.flatMap(({ connect }) => connect ?? []);
  const banners = outcomes.flatMap(({ banner }) => banner ?? []);
  return {
    ...(resolve !== undefined && { resolve }),
    ...(connects.length > 0 && { connect: Math.max(...connects) }),
    ...(banners.length > 0 && { banner: Math.max(...banners) }),
  };
}

function factsOf(outcomes: readonly PortOutcome[]): TcpFacts {
  const banner = outcomes.find(({ text }) => text !== undefined)?.text;
  return {
    attempts: outcomes.flatMap(({ attempts }) => attempts),
    ...(banner !== undefined && { banner }),
    ports: outcomes.map(portFactsOf),
  };
}

function portFactsOf({ port, verdict, address, connect, text }: PortOutcome): TcpPortFacts {
  const failure = verdict.status === 'ok' ? {} : { reason: verdict.reason };
  return {
    port,
    status: verdict.status !== 'ok' && verdict.reason === CANCELLED ? CANCELLED : verdict.status,
    ...(verdict.status !== 'ok' && verdict.reason !== CANCELLED && failure),
    address,
    ...(connect !== undefined && { connect }),
    ...(text !== undefined && { banner: text }),
  };
}
