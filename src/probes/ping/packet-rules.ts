import { isIP } from 'node:net';
import { InvalidOptionError } from '../../errors/index.js';
import { type OptionRule, wholeNumberFrom } from '../../options/index.js';
import type { AddressFamily } from '../resolve-host.js';

const ipAddress: OptionRule = {
  allowed: 'an IP address',
  accepts: (value) => typeof value === 'string' && isIP(value) !== 0 && !value.includes('%'),
};

/** IFNAMSIZ of include/uapi/linux/if.h holds 15 bytes and a NUL. */
const interfaceName: OptionRule = {
  allowed: 'the name of an interface, 1 to 15 characters',
  accepts: (value) => typeof value === 'string' && /^[!-.0-~]{1,15}$/.test(value),
};

const addressFamily: OptionRule = {
  allowed: "4, 6 or 'any'",
  accepts: (value) => value === 4 || value === 6 || value === 'any',
};

/** Of the options that say from where and how packets are sent. */
export const PACKET_RULES = {
  family: addressFamily,
  source: ipAddress,
  interface: interfaceName,
  mark: wholeNumberFrom(0, 2 ** 32 - 1),
  dscp: wholeNumberFrom(0, 63),
} as const;

interface Ends {
  readonly family?: AddressFamily | undefined;
  readonly source?: string | undefined;
}

/** Refuses a source that is not of the family. @throws {InvalidOptionError} */
export function checkSource(owner: string, { source, family = 'any' }: Ends): void {
  if (source === undefined || family === 'any' || isIP(source) === family) return;
  throw new InvalidOptionError(`${owner}: source`, source, `an address of IPv${family}, as family says`);
}

/** The family of the addresses that can be asked. */
export function familyOf({ source = '', family = 'any' }: Ends): AddressFamily {
  const own = isIP(source);
  return own === 4 || own === 6 ? own : family;
}
