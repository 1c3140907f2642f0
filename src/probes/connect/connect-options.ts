import { isIP } from 'node:net';
import { InvalidOptionError } from '../../errors/index.js';
import { milliseconds, type OptionRule, type OptionRules } from '../../options/index.js';
import type { AddressFamily } from '../resolve-host.js';

/** From where, and to which of a name's addresses, a TCP connection is made. */
export interface ConnectOptions {
  /**
   * Which addresses of a name are tried: those of IPv4, of IPv6, or both.
   *
   * @default 'any', or the family of `source`
   */
  readonly family?: AddressFamily | undefined;
  /** The IP address to connect from. @default the kernel's choice */
  readonly source?: string | undefined;
  /**
   * The name of the interface to connect over, such as `'eth1'`. The socket is bound to the device (SO_BINDTODEVICE), so that nothing leaves
   * over another, whatever the routes say. Where the system does not allow that, it is bound to the interface's first address of the right
   * family instead, and the routes decide. `facts.boundBy` says which it was.
   *
   * @default whichever the routes say
   */
  readonly interface?: string | undefined;
  /**
   * Milliseconds until the next address of a name is tried beside the one before it, which goes on (RFC 8305 section 5). Where an attempt
   * fails, the next begins at once.
   *
   * @default 250
   */
  readonly attemptDelay?: number | undefined;
}

/** RFC 8305 section 8. */
export const DEFAULT_ATTEMPT_DELAY = 250;

const familyRule: OptionRule = {
  allowed: "4, 6 or 'any'",
  accepts: (value) => value === 4 || value === 6 || value === 'any',
};

const addressRule: OptionRule = {
  allowed: 'an IP address',
  accepts: (value) => typeof value === 'string' && isIP(value) !== 0,
};

/** `dev_valid_name()` in net/core/dev.c: at most IFNAMSIZ − 1 bytes, no slash, colon or space. */
const interfaceRule: OptionRule = {
  allowed: 'the name of a network interface',
  accepts: (value) =>
    typeof value === 'string' && /^[^\s/:\0]+$/.test(value) && Buffer.byteLength(value) <= 15 && !/^\.\.?$/.test(value),
};

export const CONNECT_RULES: OptionRules<ConnectOptions> = {
  family: familyRule,
  source: addressRule,
  interface: interfaceRule,
  attemptDelay: milliseconds(10),
};

/**
 * Refuses what each option by itself allows, but both together do not.
 *
 * @throws {InvalidOptionError}
 */
export function checkConnectOptions(owner: string, { family = 'any', source }: ConnectOptions): void {
  if (source === undefined || family === 'any' || isIP(source) === family) return;
  throw new InvalidOptionError(
    `${owner}: source`,
    source,
    `an address of IPv${family}, since that is the family asked for`,
  );
}

/** The family whose addresses can be connected to. */
export function familyOf({ family, source }: ConnectOptions): AddressFamily {
  if (source === undefined) return family ?? 'any';
  return isIP(source) === 4 ? 4 : 6;
}
