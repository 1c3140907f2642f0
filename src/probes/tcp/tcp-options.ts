import { InvalidOptionError } from '../../errors/index.js';
import { isHost, parseEndpoint } from '../../names/index.js';
import {
  checkOptions,
  milliseconds,
  type OptionRule,
  type OptionRules,
  oneOf,
  wholeNumberFrom,
} from '../../options/index.js';
import { CONNECT_RULES, type ConnectOptions, checkConnectOptions } from '../connect/connect-options.js';
import { type TextPattern, textPattern } from '../text-pattern.js';

/** How {@link probeTcp} connects, and what it expects. */
export interface TcpProbeOptions extends ConnectOptions {
  /**
   * Milliseconds for everything together.
   *
   * @default 5_000
   */
  readonly timeout?: number | undefined;
  /** TCP ports to connect to, all at once, at most 64; in the place of the port in the target. */
  readonly ports?: readonly number[] | undefined;
  /**
   * Whether all of the ports must answer as they should, or one is enough. With `'any'` the probe ends with the first that does.
   *
   * @default 'all'
   */
  readonly require?: 'all' | 'any' | undefined;
  /** What to send once connected, as UTF-8. @default nothing */
  readonly send?: string | undefined;
  /**
   * What must be in the first bytes that come, read as UTF-8: a string, or a regular expression. The probe ends when it is found.
   *
   * @default nothing: being connected is enough, and nothing is read
   */
  readonly expect?: TextPattern | undefined;
  /**
   * How many bytes are read at most until what is expected must have come.
   *
   * @default 65_536
   */
  readonly maxBytes?: number | undefined;
  /**
   * How the connection is closed. `'reset'` ends it at once and leaves nothing behind, neither here nor there; the peer reads ECONNRESET in
   * the place of an end and may not learn any more who it was, and some write that into their log. `'fin'` is the polite end, after which
   * this host keeps the port pair in TIME_WAIT for 60 s (TCP_TIMEWAIT_LEN in include/net/tcp.h): of one target's 28,232 such pairs
   * (`net.ipv4.ip_local_port_range`) a few hundred probes a second use up all.
   *
   * @default 'reset' where nothing was sent or expected, otherwise 'fin'
   */
  readonly close?: 'reset' | 'fin' | undefined;
}

export const DEFAULT_TCP_TIMEOUT = 5_000;
export const DEFAULT_MAX_BYTES = 65_536;
const MOST_PORTS = 64;

const portsRule: OptionRule = {
  allowed: `an array of 1 to ${MOST_PORTS} different port numbers from 1 to 65535`,
  accepts: (value) =>
    Array.isArray(value) &&
    value.length >= 1 &&
    value.length <= MOST_PORTS &&
    new Set(value).size === value.length &&
    value.every((port) => Number.isInteger(port) && port >= 1 && port <= 65_535),
};

const RULES: OptionRules<TcpProbeOptions> = {
  ...CONNECT_RULES,
  timeout: milliseconds(1),
  ports: portsRule,
  require: oneOf('all', 'any'),
  send: { allowed: 'a string', accepts: (value) => typeof value === 'string' },
  expect: textPattern,
  maxBytes: wholeNumberFrom(1, 2 ** 24),
  close: oneOf('reset', 'fin'),
};

/**
 * Refuses wrong options for {@link probeTcp}.
 *
 * @throws {InvalidOptionError}
 */
export function checkTcpOptions(options: TcpProbeOptions): void {
  checkOptions('probeTcp', options, RULES);
  checkConnectOptions('probeTcp', options);
}

/** Whom to connect to. */
export interface TcpTarget {
  readonly host: string;
  readonly ports: readonly number[];
}

/**
 * What a target names together with the option `ports`.
 *
 * @throws {InvalidOptionError} for a target that is none, or that names no port and no option does, or both do.
 */
export function parseTcpTarget(target: string, ports: readonly number[] | undefined): TcpTarget {
  const endpoint = typeof target === 'string' && !target.includes('://') ? parseEndpoint(target) : undefined;
  if (endpoint === undefined || !isHost(endpoint.host)) {
    throw new InvalidOptionError(
      'probeTcp: target',
      target,
      "'host:port', '[IPv6 address]:port', or a host with the option ports",
    );
  }
  const { host, port } = endpoint;
  if (ports === undefined && port !== undefined) return { host, ports: [port] };
  if (ports !== undefined && port === undefined) return { host, ports };
  throw new InvalidOptionError(
    'probeTcp: target',
    target,
    ports === undefined
      ? "one with a port, as 'host:port', or used with the option ports"
      : 'without a port beside the option ports',
  );
}
