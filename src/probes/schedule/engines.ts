import { InvalidOptionError } from '../../errors/index.js';
import { parseEndpoint } from '../../names/index.js';
import { LONGEST_TIMER } from '../../options/index.js';
import {
  type BandwidthProbeOptions,
  checkBandwidthOptions,
  parseBandwidthTarget,
  settingsOf,
} from '../bandwidth/bandwidth-options.js';
import { probeBandwidth } from '../bandwidth/probe-bandwidth.js';
import { checkDnsOptions, DEFAULT_TIMEOUT, type DnsProbeOptions } from '../dns/dns-options.js';
import { probeDns } from '../dns/probe-dns.js';
import { questionFor } from '../dns/question.js';
import { recordTypeNumber } from '../dns/record-types.js';
import {
  checkHostOptions,
  DEFAULT_HOST_INTERVAL,
  DEFAULT_HOST_TIMEOUT,
  type HostProbeOptions,
} from '../host/host-options.js';
import { probeHost } from '../host/probe-host.js';
import { checkHttpOptions, DEFAULT_HTTP_TIMEOUT, type HttpProbeOptions } from '../http/http-options.js';
import { parseHttpTarget, shownTarget } from '../http/http-url.js';
import { probeHttp } from '../http/probe-http.js';
import { longestDiscovery } from '../ping/discover-path-mtu.js';
import { checkPingOptions, type PingProbeOptions, withDefaults } from '../ping/ping-options.js';
import { probePing } from '../ping/probe-ping.js';
import type { ProbeContext } from '../probe-context.js';
import type { ProbeResult } from '../result.js';
import { probeTcp } from '../tcp/probe-tcp.js';
import { checkTcpOptions, DEFAULT_TCP_TIMEOUT, parseTcpTarget, type TcpProbeOptions } from '../tcp/tcp-options.js';
import { longestTrace, parseTraceTarget, probeTrace } from '../trace/probe-trace.js';
import { checkTraceOptions, type TraceProbeOptions } from '../trace/trace-options.js';

/** An engine as a schedule sees it. */
export interface Engine {
  /** @throws {InvalidOptionError} for a target or options that the probe would refuse. */
  check(target: string, options: object): void;
  probe(target: string, options: object, context: ProbeContext): Promise<ProbeResult>;
  /** How long a probe takes at most, in milliseconds. */
  longest(options: object): number;
  /** The target as it may be shown, without a password. */
  show(target: string): string;
  /** The host that is asked: a name or an address; undefined where only the probe knows, or nobody is asked. */
  host(target: string, options: object): string | undefined;
  /** What stands in for a target that is not given; without it, one has to be. */
  readonly defaultTarget?: string;
  /** Whether a task rests while this host's network is down, where it does not say. @default true */
  readonly pauseWhileDown?: boolean;
  /** Whether its timeout is the time of an answer, for which the schedule has one, or follows from what it is to do. @default 'answer' */
  readonly timeoutOf?: 'answer' | 'work';
}

/** The options of each engine, by its name. */
export interface EngineOptionsByName {
  /** Those of `probeTcp`. */
  readonly tcp: TcpProbeOptions;
  /** Those of `probeHttp`. */
  readonly http: HttpProbeOptions;
  /** Those of `probeDns`. */
  readonly dns: DnsProbeOptions;
  /** Those of `probePing`. */
  readonly ping: PingProbeOptions;
  /** Those of `probeTrace`. */
  readonly trace: TraceProbeOptions;
  /** Those of `probeBandwidth`. */
  readonly bandwidth: BandwidthProbeOptions;
  /** Those of `probeHost`. */
  readonly host: HostProbeOptions;
}

/** The name of an engine. */
export type EngineName = keyof EngineOptionsByName;

/** The options of an engine. */
export type EngineOptions<Name extends EngineName> = EngineOptionsByName[Name];

const ENGINES = {
  tcp: {
    check(target: string, options: TcpProbeOptions) {
      checkTcpOptions(options);
      parseTcpTarget(target, options.ports);
    },
    probe: probeTcp,
    longest: ({ timeout = DEFAULT_TCP_TIMEOUT }: TcpProbeOptions) => timeout,
    show: (target: string) => target,
    host: (target: string, { ports }: TcpProbeOptions) => parseTcpTarget(target, ports).host,
  },
  http: {
    check(target: string, options: HttpProbeOptions) {
      checkHttpOptions(options);
      parseHttpTarget(target);
    },
    probe: probeHttp,
    longest: ({ timeout = DEFAULT_HTTP_TIMEOUT }: HttpProbeOptions) => timeout,
    show: (target: string) => shownTarget(target, parseHttpTarget(target)),
    host: (target: string) => parseHttpTarget(target).host,
  },
  dns: {
    check(target: string, options: DnsProbeOptions) {
      checkDnsOptions(options);
      questionFor(target, recordTypeNumber(options.type ?? 'A') ?? 0);
    },
    probe: probeDns,
    longest: ({ timeout = DEFAULT_TIMEOUT }: DnsProbeOptions) => timeout,
    show: (target: string) => target,
    host: (_target: string, { server }: DnsProbeOptions) =>
      server === undefined ? undefined : parseEndpoint(server)?.host,
  },
  ping: {
    check(target: string, options: PingProbeOptions) {
      checkPingOptions(options);
      const endpoint = parseEndpoint(target);
      if (endpoint === undefined) throw new InvalidOptionError('probePing: target', target, "a host, or 'host:port'");
      if (options.fallback !== 'tcp' || (options.port ?? endpoint.port) !== undefined) return;
      throw new InvalidOptionError('probePing: port', undefined, 'given with fallback, here or in the target');
    },
    probe: probePing,
    longest(options: PingProbeOptions) {
      const { count, interval, timeout, discoverPathMtu } = withDefaults(options);
      const discovery = discoverPathMtu === true ? longestDiscovery(timeout) : 0;
      return AROUND_A_PING + (count - 1) * interval + timeout + discovery;
    },
    show: (target: string) => target,
    host: (target: string) => parseEndpoint(target)?.host,
  },
  trace: {
    check(target: string, options: TraceProbeOptions) {
      checkTraceOptions(options);
      parseTraceTarget(target, options.method);
    },
    probe: probeTrace,
    longest: longestTrace,
    show: (target: string) => target,
    host: (target: string, { method }: TraceProbeOptions) => parseTraceTarget(target, method).host,
  },
  bandwidth: {
    check(target: string, options: BandwidthProbeOptions) {
      checkBandwidthOptions(options);
      parseBandwidthTarget(target);
    },
    probe: probeBandwidth,
    // The wait for other tests over the same interface is part of it.
    longest: (options: BandwidthProbeOptions) => settingsOf(options).timeout,
    show(target: string) {
      // What has a password in it is no target, and is not shown either.
      parseBandwidthTarget(target);
      return target;
    },
    host: (target: string) => parseBandwidthTarget(target).host,
    // A test lasts as long as its options say. The few seconds that are right for answers would refuse every one of them.
    timeoutOf: 'work' as const,
  },
  host: {
    check: (_target: string, options: HostProbeOptions) => checkHostOptions(options),
    probe: async (target: string, options: HostProbeOptions, context: ProbeContext) => ({
      ...(await probeHost(options, context)),
      target,
    }),
    longest: ({ interval = DEFAULT_HOST_INTERVAL, timeout = DEFAULT_HOST_TIMEOUT }: HostProbeOptions) =>
      Math.min(interval + timeout, LONGEST_TIMER),
    show: (target: string) => target,
    host: () => undefined,
    defaultTarget: 'localhost',
    // It sends nothing, and an outage is when its readings are wanted most.
    pauseWhileDown: false,
  },
} satisfies Record<EngineName, object>;

/** Milliseconds for finding the address, and by which a busy process may be late. */
const AROUND_A_PING = 10_000;

export const engineNames: readonly string[] = Object.keys(ENGINES);

const BY_NAME: ReadonlyMap<unknown, Engine> = new Map<unknown, Engine>(Object.entries(ENGINES));

/** A target as it may be shown, as far as an engine understands it. */
export function shownTargetOf(probe: unknown, target: string): string {
  try {
    return engineOf(probe)?.show(target) ?? target;
  } catch {
    // What is no target of this engine is refused elsewhere.
    return '';
  }
}

/** The engine of that name; undefined where there is none. */
export function engineOf(name: unknown): Engine | undefined {
  return BY_NAME.get(name);
}
