import { isIPv4, isIPv6 } from 'node:net';
import { InvalidOptionError } from '../../src/errors/index.js';
import { checkOptions, numberFrom, type OptionRule, oneOf } from '../../src/options/index.js';
import type { CableKind } from './cable.js';
import type { Family } from './interface-config.js';
import type { Privilege } from './lab-support.js';

export interface LabOptions {
  /** Makes the namespaces in this way only. By default as root where that is possible, and within a user namespace elsewhere. */
  readonly privilege?: Privilege;
}

/** An address with its prefix length, or several: `'192.0.2.2/24'`, `['192.0.2.2/24', '2001:db8:1::2/64']`. */
export type Addresses = string | readonly string[];

export interface LinkOptions {
  /** What the two ends get, in the order of the hosts. @default none */
  readonly addresses?: readonly [Addresses, Addresses];
  /** @default 'veth' */
  readonly kind?: CableKind;
  /** Bits per second in each direction. @default unlimited */
  readonly rate?: number;
}

export interface InterfaceChoice {
  /** Which interface of the host. @default 'eth0', the first that it was linked by: its uplink */
  readonly interface?: string;
}

export interface FamilyChoice {
  /** Only this family. @default both */
  readonly family?: Family;
}

export function checkLabOptions(options: LabOptions): void {
  checkOptions('createLab', options, { privilege: oneOf('root', 'user-namespace') });
}

export function checkLinkOptions(options: LinkOptions): void {
  checkOptions('lab.link', options, { addresses: addressPair, kind: oneOf('veth', 'tap'), rate: bitsPerSecond });
}

export function checkHostName(name: string): void {
  if (!/^[\w-]+$/.test(name)) throw new InvalidOptionError('the name of a host', name, 'letters, digits, - and _');
}

export function addressList(addresses: Addresses): readonly string[] {
  return typeof addresses === 'string' ? [addresses] : addresses;
}

const addressPair: OptionRule = {
  allowed: "for each end an address with its prefix length, such as '192.0.2.2/24', or an array of them",
  accepts: (value) => Array.isArray(value) && value.length === 2 && value.every(isAddresses),
};

/** tc(8) takes more, but a slower link than this would not let a single frame through in a test's time. */
const bitsPerSecond = numberFrom(8_000, 100_000_000_000, 'bits per second');

function isAddresses(value: unknown): boolean {
  return (Array.isArray(value) ? value : [value]).every(isAddressWithPrefix);
}

function isAddressWithPrefix(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const [address = '', prefix = '', ...more] = value.split('/');
  const longest = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  return more.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= longest;
}
