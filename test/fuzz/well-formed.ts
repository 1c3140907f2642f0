import { isIP } from 'node:net';
import { HEADER_LENGTH } from '../../src/netlink/header.js';
import type { IpFamily, Link, NetlinkMessage, NextHop, Route, Rule } from '../../src/netlink/index.js';

/** What is wrong with messages that were decoded from a datagram of this length; undefined where nothing is. */
export function flawOf(messages: readonly NetlinkMessage[], length: number): string | undefined {
  if (messages.length * HEADER_LENGTH > length) return `${messages.length} messages in ${length} bytes`;
  for (const message of messages) {
    const flaw = flawOfValue(message) ?? flawOfMeaning(message, length);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

/** Every number is one, and every text can be printed and compared. */
function flawOfValue(value: unknown): string | undefined {
  switch (typeof value) {
    case 'number':
      return isWhole(value) ? undefined : `the number ${value}`;
    case 'string':
      return ODD_TEXT.test(value) ? `the text ${JSON.stringify(value)}` : undefined;
    case 'boolean':
    case 'undefined':
      return undefined;
    case 'object':
      return value === null ? 'null' : flawOfParts(Object.values(value));
    default:
      return `a ${typeof value}`;
  }
}

function flawOfParts(parts: readonly unknown[]): string | undefined {
  for (const part of parts) {
    const flaw = flawOfValue(part);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

/** Infinity is a lifetime without end. */
function isWhole(value: number): boolean {
  return Number.isInteger(value) || value === Number.POSITIVE_INFINITY;
}

/** A NUL, or half of a surrogate pair (which only stands alone where a pattern has the flag `u`). */
const ODD_TEXT = /[\0\uD800-\uDFFF]/u;

function flawOfMeaning(message: NetlinkMessage, length: number): string | undefined {
  switch (message.kind) {
    case 'link':
      return flawOfLink(message.link, length);
    case 'address': {
      const { family, address, peer, broadcast, prefixLength } = message.address;
      return flawOfIps(family, { address, peer, broadcast }) ?? flawOfPrefix(address, prefixLength, family);
    }
    case 'route':
      return flawOfRoute(message.route, length);
    case 'rule':
      return flawOfRule(message.rule);
    case 'error':
    case 'done':
      return message.status.errno < 0 ? `errno ${message.status.errno}` : undefined;
    default:
      return undefined;
  }
}

function flawOfLink({ mac, altNames }: Link, length: number): string | undefined {
  if (mac !== undefined && !MAC.test(mac)) return `mac ${mac}`;
  return altNames.length * 4 > length ? `${altNames.length} names in ${length} bytes` : undefined;
}

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2})*$/;

function flawOfRoute(route: Route, length: number): string | undefined {
  const { family, destination, source, preferredSource, nextHops } = route;
  if (nextHops.length * 8 > length) return `${nextHops.length} next hops in ${length} bytes`;
  return (
    flawOfIps(family, { destination, source, preferredSource }) ??
    flawOfPrefix(destination, route.prefixLength, family) ??
    flawOfPrefix(source, route.sourcePrefixLength, family) ??
    [route, ...nextHops].map(flawOfGateway).find((flaw) => flaw !== undefined)
  );
}

function flawOfRule({
  family,
  destination,
  source,
  destinationPrefixLength,
  sourcePrefixLength,
}: Rule): string | undefined {
  return (
    flawOfIps(family, { destination, source }) ??
    flawOfPrefix(destination, destinationPrefixLength, family) ??
    flawOfPrefix(source, sourcePrefixLength, family)
  );
}

/** The router may be of the other family. */
function flawOfGateway({ gateway }: NextHop): string | undefined {
  return gateway === undefined || isIP(gateway) !== 0 ? undefined : `gateway ${gateway}`;
}

function flawOfIps(family: IpFamily, addresses: { readonly [name: string]: string | undefined }): string | undefined {
  for (const [name, address] of Object.entries(addresses)) {
    if (address !== undefined && isIP(address) !== family) return `${name} ${address} of family ${family}`;
  }
  return undefined;
}

function flawOfPrefix(address: string | undefined, length: number, family: IpFamily): string | undefined {
  if (length > (family === 4 ? 32 : 128)) return `prefix length ${length} of family ${family}`;
  return address === undefined && length > 0 ? `prefix length ${length} without an address` : undefined;
}
