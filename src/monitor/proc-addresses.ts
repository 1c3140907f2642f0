import type { networkInterfaces } from 'node:os';
import { parseIp } from '../netlink/index.js';
import type { LinkFacts } from './kernel-view.js';
import { commonPrefix, type ProcAddress } from './proc-lookup.js';
import { type ProcRoute, parseAddresses6, parseLocalAddresses4 } from './proc-net.js';
import type { SystemFiles } from './system-files.js';

/** `os.networkInterfaces()`. */
export type ListInterfaces = typeof networkInterfaces;

/** What helps to say where an address is. */
export interface Surroundings {
  readonly links: ReadonlyMap<number, LinkFacts>;
  readonly routes4: readonly ProcRoute[] | undefined;
  /** What was read the last time. */
  readonly before: readonly ProcAddress[];
}

/**
 * The addresses of this host. IPv6 shows them in a file. Of IPv4 there is a file that shows the addresses but not their interfaces, and
 * `os.networkInterfaces()`, which leaves out those of interfaces that have no carrier and fails where netlink is forbidden.
 *
 * @throws {Error} where neither can be read.
 */
export function readAddresses(
  files: SystemFiles,
  list: ListInterfaces,
  surroundings: Surroundings,
): readonly ProcAddress[] {
  return [...readAddresses4(files, list, surroundings), ...readAddresses6(files)];
}

function readAddresses6(files: SystemFiles): readonly ProcAddress[] {
  // There is no such file where IPv6 is switched off.
  return parseAddresses6(files.text('/proc/net/if_inet6') ?? '').map(
    ({ ifIndex, address, prefixLength, scope, permanent, usable }) => ({
      ifIndex,
      family: 6,
      address,
      prefixLength,
      scope,
      linkLocal: scope === 'link',
      permanent,
      usable,
    }),
  );
}

function readAddresses4(files: SystemFiles, list: ListInterfaces, surroundings: Surroundings): readonly ProcAddress[] {
  const listed = listAddresses4(list, surroundings.links);
  const trie = files.text('/proc/net/fib_trie');
  if (trie === undefined) {
    if (listed === undefined) throw new Error('neither os.networkInterfaces() nor /proc/net/fib_trie can be read');
    return listed;
  }
  const known = [...(listed ?? []), ...surroundings.before.filter(({ family }) => family === 4)];
  return parseLocalAddresses4(trie).flatMap((address) => {
    const found = known.find((each) => each.address === address && surroundings.links.has(each.ifIndex));
    return found ?? locate(address, surroundings) ?? [];
  });
}

function listAddresses4(list: ListInterfaces, links: Surroundings['links']): readonly ProcAddress[] | undefined {
  const indexes = new Map([...links.values()].map(({ name, index }) => [name, index] as const));
  return attempt(list)?.flatMap(([name, addresses = []]) => {
    const ifIndex = indexes.get(name);
    if (ifIndex === undefined) return [];
    return addresses
      .filter(({ family }) => family === 'IPv4')
      .map(({ address, cidr }) => toAddress4(ifIndex, address, Number(cidr?.split('/')[1] ?? 32)));
  });
}

function attempt(list: ListInterfaces) {
  try {
    return Object.entries(list());
  } catch {
    // libc's getifaddrs needs a netlink socket.
    return undefined;
  }
}

/** An address is where the route leads that its neighbours are reached by; where there is none, on the loopback interface. */
function locate(address: string, { links, routes4 = [] }: Surroundings): ProcAddress | undefined {
  const bytes = parseIp(address)?.bytes;
  if (bytes === undefined) return undefined;
  const all = [...links.values()];
  const loopback = all.find((link) => link.loopback);
  if (address.startsWith('127.')) return loopback && toAddress4(loopback.index, address, 8);
  const [route] = routes4
    .filter(({ prefix, prefixLength, kind }) => kind === 'unicast' && commonPrefix(prefix, bytes) >= prefixLength)
    .toSorted((a, b) => b.prefixLength - a.prefixLength || a.metric - b.metric);
  const link = all.find(({ name }) => name === route?.device) ?? loopback;
  return link === undefined ? undefined : toAddress4(link.index, address, route?.prefixLength || 32);
}

function toAddress4(ifIndex: number, address: string, prefixLength: number): ProcAddress {
  const linkLocal = address.startsWith('169.254.');
  return { ifIndex, family: 4, address, prefixLength, scope: undefined, linkLocal, permanent: true, usable: true };
}
