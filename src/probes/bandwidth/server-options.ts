import { type BlockList, isIP } from 'node:net';
import { InvalidOptionError } from '../../errors/index.js';
import { blockListOf, parseNetwork } from '../../names/index.js';
import {
  checkOptions,
  milliseconds,
  nonEmptyString,
  type OptionRule,
  type OptionRules,
  wholeNumberFrom,
} from '../../options/index.js';
import { MEGABYTE } from './wire.js';

/** Whom a bandwidth server serves, and how much of the link one client may have. */
export interface BandwidthHandlerOptions {
  /**
   * IP addresses and networks (`'192.0.2.0/24'`, `'2001:db8::/32'`) of the clients that are served; all others are refused.
   *
   * @default this host alone: `['127.0.0.0/8', '::1']`
   */
  readonly allow?: readonly string[] | undefined;
  /**
   * What clients must know, in the header `Authorization: Bearer …`; at least 16 printable ASCII characters. The protocol is not encrypted:
   * whoever reads the traffic reads it too.
   *
   * @default none: the address is enough
   */
  readonly token?: string | undefined;
  /**
   * Bytes that one test may move, both directions together.
   *
   * @default 1_073_741_824
   */
  readonly maxBytes?: number | undefined;
  /**
   * Milliseconds after which a test is ended, whatever it does.
   *
   * @default 60_000
   */
  readonly maxDuration?: number | undefined;
  /**
   * Milliseconds without a byte moved after which a test counts as abandoned, and the next may begin.
   *
   * @default 5_000
   */
  readonly leaseTimeout?: number | undefined;
  /**
   * Mebibytes that a request without a lease gets at most, as from a plain HTTP client. Who asks for more gets this much.
   *
   * @default 10
   */
  readonly maxSize?: number | undefined;
  /**
   * Tests that one client may begin in a minute.
   *
   * @default 10
   */
  readonly testsPerMinute?: number | undefined;
}

/** Where {@link createBandwidthServer} listens, and whom it serves. */
export interface BandwidthServerOptions extends BandwidthHandlerOptions {
  /**
   * The IP address to listen on; `'0.0.0.0'` or `'::'` for all.
   *
   * @default '127.0.0.1'
   */
  readonly host?: string | undefined;
  /**
   * The TCP port; 0 for any that is free.
   *
   * @default 8757
   */
  readonly port?: number | undefined;
}

/** The options with their defaults. */
export interface HandlerSettings {
  readonly allow: BlockList;
  readonly token: string | undefined;
  readonly maxBytes: number;
  readonly maxDuration: number;
  readonly leaseTimeout: number;
  /** In bytes. */
  readonly maxSize: number;
  readonly testsPerMinute: number;
}

export const DEFAULT_HOST = '127.0.0.1';
/** That of a Netring member, whose place it takes. */
export const DEFAULT_PORT = 8757;
const DEFAULT_ALLOW = ['127.0.0.0/8', '::1'];

const networkRule: OptionRule = {
  allowed: 'an array of IP addresses and networks, such as "192.0.2.0/24"',
  accepts: (value) =>
    Array.isArray(value) && value.every((each) => typeof each === 'string' && parseNetwork(each) !== undefined),
};

const anything: OptionRule = { allowed: 'anything', accepts: () => true };

const HANDLER_RULES: OptionRules<BandwidthHandlerOptions> = {
  allow: networkRule,
  token: anything,
  maxBytes: wholeNumberFrom(MEGABYTE, Number.MAX_SAFE_INTEGER),
  maxDuration: milliseconds(1_000),
  leaseTimeout: milliseconds(100),
  maxSize: wholeNumberFrom(1, 1_024),
  testsPerMinute: wholeNumberFrom(1, 1_000_000),
};

const SERVER_RULES: OptionRules<BandwidthServerOptions> = {
  ...HANDLER_RULES,
  host: { allowed: 'an IP address', accepts: (value) => nonEmptyString.accepts(value) && isIP(String(value)) !== 0 },
  port: wholeNumberFrom(0, 65_535),
};

/** @throws {InvalidOptionError} */
export function checkServerOptions(owner: string, options: BandwidthServerOptions): void {
  checkOptions(owner, options, SERVER_RULES);
  checkToken(owner, options.token);
}

/** @throws {InvalidOptionError} */
export function handlerSettings(owner: string, options: BandwidthHandlerOptions): HandlerSettings {
  checkOptions(owner, options, HANDLER_RULES);
  checkToken(owner, options.token);
  const { allow = DEFAULT_ALLOW, maxSize = 10, token } = options;
  return {
    allow: blockListOf(allow),
    token,
    maxBytes: options.maxBytes ?? 2 ** 30,
    maxDuration: options.maxDuration ?? 60_000,
    leaseTimeout: options.leaseTimeout ?? 5_000,
    maxSize: maxSize * MEGABYTE,
    testsPerMinute: options.testsPerMinute ?? 10,
  };
}

/**
 * Checks a secret without ever showing it.
 *
 * @throws {InvalidOptionError}
 */
export function checkToken(owner: string, token: unknown): void {
  if (token === undefined || (typeof token === 'string' && /^[\x21-\x7e]{16,512}$/.test(token))) return;
  throw new InvalidOptionError(`${owner}: token`, HIDDEN, '16 to 512 printable ASCII characters without spaces');
}

const HIDDEN = 'not shown here';
