import { InvalidOptionError } from '../../errors/index.js';
import { isHost, parseEndpoint } from '../../names/index.js';
import {
  checkOptions,
  milliseconds,
  numberFrom,
  type OptionRule,
  type OptionRules,
  oneOf,
  wholeNumberFrom,
} from '../../options/index.js';
import { CONNECT_RULES, type ConnectOptions, checkConnectOptions } from '../connect/connect-options.js';
import { checkToken } from './server-options.js';
import { MEGABYTE } from './wire.js';

/** How {@link probeBandwidth} tests, and how much it may take. */
export interface BandwidthProbeOptions extends ConnectOptions {
  /**
   * Which way the bytes go. With `'both'` it downloads first, and uploads then.
   *
   * @default 'both'
   */
  readonly direction?: 'download' | 'upload' | 'both' | undefined;
  /**
   * Milliseconds that each direction is tested for from the first byte on, unless `maxBytes` come first.
   *
   * @default 5_000
   */
  readonly duration?: number | undefined;
  /**
   * Bytes that each direction may move, at least 1 MiB for each stream. They are divided among the streams, in whole mebibytes, and the test ends
   * with the first stream that has had its share: it may move less, and never asks for more.
   *
   * @default 268_435_456
   */
  readonly maxBytes?: number | undefined;
  /**
   * TCP connections that carry bytes side by side, at most 32. Several fill a long path that one does not.
   *
   * @default 1
   */
  readonly streams?: number | undefined;
  /** What the server wants to know (`token` of `createBandwidthServer`). Sent unencrypted, in a header. @default nothing */
  readonly token?: string | undefined;
  /**
   * Milliseconds for everything together, the wait for other tests included: those of this process over the same interface, and those that the
   * server makes with others.
   *
   * @default twice what the directions take by `duration`, and 10_000 more
   */
  readonly timeout?: number | undefined;
}

/** The options with their defaults. */
export interface BandwidthSettings extends ConnectOptions {
  readonly directions: readonly Direction[];
  readonly duration: number;
  readonly maxBytes: number;
  readonly streams: number;
  readonly token: string | undefined;
  readonly timeout: number;
}

export type Direction = 'download' | 'upload';

/** More would say nothing new. The server's limit on connections follows it. */
export const MOST_STREAMS = 32;
/** Milliseconds. */
export const SHORTEST_DURATION = 100;
const DEFAULT_DURATION = 5_000;
const DEFAULT_MAX_BYTES = 2 ** 28;

const anything: OptionRule = { allowed: 'anything', accepts: () => true };

const RULES: OptionRules<BandwidthProbeOptions> = {
  ...CONNECT_RULES,
  direction: oneOf('download', 'upload', 'both'),
  duration: numberFrom(SHORTEST_DURATION, 60_000, 'milliseconds'),
  maxBytes: wholeNumberFrom(MEGABYTE, Number.MAX_SAFE_INTEGER),
  streams: wholeNumberFrom(1, MOST_STREAMS),
  token: anything,
  timeout: milliseconds(1),
};

/**
 * Refuses wrong options for {@link probeBandwidth}.
 *
 * @throws {InvalidOptionError}
 */
export function checkBandwidthOptions(options: BandwidthProbeOptions): void {
  checkOptions(OWNER, options, RULES);
  checkConnectOptions(OWNER, options);
  checkToken(OWNER, options.token);
  const { streams, maxBytes, timeout, directions, duration } = settingsOf(options);
  if (maxBytes < streams * MEGABYTE) {
    throw new InvalidOptionError(`${OWNER}: maxBytes`, maxBytes, `at least ${MEGABYTE} for each of the streams`);
  }
  if (timeout <= directions.length * duration) {
    throw new InvalidOptionError(`${OWNER}: timeout`, timeout, 'more than the duration of all directions together');
  }
}

export function settingsOf({ direction = 'both', ...options }: BandwidthProbeOptions): BandwidthSettings {
  const directions: readonly Direction[] = direction === 'both' ? ['download', 'upload'] : [direction];
  const { duration = DEFAULT_DURATION, maxBytes = DEFAULT_MAX_BYTES, streams = 1, token } = options;
  const { timeout = 2 * directions.length * duration + 10_000 } = options;
  return { ...options, directions, duration, maxBytes, streams, token, timeout };
}

/** Whom to test against. */
export interface BandwidthTarget {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `'host:port'` or `'http://host:port'`.
 *
 * @throws {InvalidOptionError} which never shows a password.
 */
export function parseBandwidthTarget(target: string): BandwidthTarget {
  const endpoint = typeof target === 'string' && isPlain(target) ? parseEndpoint(target) : undefined;
  const { host, port } = endpoint ?? {};
  if (host !== undefined && port !== undefined && isHost(host)) return { host, port };
  const shown = typeof target === 'string' ? target.replace(/\/\/[^@]*@/, '//…@') : target;
  throw new InvalidOptionError(
    `${OWNER}: target`,
    shown,
    "'host:port' or 'http://host:port', without a path, a user or a password",
  );
}

function isPlain(target: string): boolean {
  if (!target.includes('://')) return true;
  if (!URL.canParse(target)) return false;
  const { protocol, username, password, pathname, search, hash } = new URL(target);
  return protocol === 'http:' && `${username}${password}${search}${hash}` === '' && pathname === '/';
}

const OWNER = 'probeBandwidth';
