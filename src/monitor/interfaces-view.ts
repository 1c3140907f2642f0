import { networkInterfaces } from 'node:os';
import type {
  AddressFacts,
  KernelView,
  KernelViewHandlers,
  LinkFacts,
  NetworkInterface,
  RouteLookup,
} from './kernel-view.js';
import { openPolledView, type PolledSource, type Reading } from './polled-view.js';

type Interfaces = ReturnType<typeof networkInterfaces>;

/**
 * The view where nothing but `os.networkInterfaces()` is to be had. It lists interfaces that are up and running and have an address, and
 * nothing else, so a path is as good as known when such an interface has an address of the right family. Where even that fails (libc's
 * getifaddrs needs a netlink socket), nothing is known, and nothing is claimed.
 */
export function openInterfacesView(
  interval: number,
  handlers: KernelViewHandlers,
  read: () => Interfaces = networkInterfaces,
): { readonly view: KernelView; readonly failure?: unknown } {
  const source = new InterfaceList(read);
  try {
    return { view: openPolledView(source, source.read(NOTHING_KNOWN), interval, handlers) };
  } catch (failure) {
    return { view: openPolledView(source, NOTHING_KNOWN, interval, handlers), failure };
  }
}

interface Found extends Reading {
  /** Whether the list has ever been read. */
  readonly known: boolean;
  /** Node does not tell interface numbers, so each name is given one and keeps it. */
  readonly indexes: ReadonlyMap<string, number>;
}

const NOTHING_KNOWN: Found = { known: false, links: new Map(), addresses: [], indexes: new Map(), fingerprint: '' };

class InterfaceList implements PolledSource<Found> {
  readonly source = 'interfaces';
  readonly #read: () => Interfaces;

  constructor(read: () => Interfaces) {
    this.#read = read;
  }

  read(before: Found): Found {
    return toFound(this.#read(), before.indexes);
  }

  /** Whoever asks for one link, such as after work has failed, is told of it by what is missing from the list. */
  readLink(before: Found): Found {
    return this.read(before);
  }

  lookup = lookUp;

  interfaces(): readonly NetworkInterface[] {
    return toPublic(this.#read());
  }
}

function toFound(interfaces: Interfaces, known: ReadonlyMap<string, number>): Found {
  const indexes = numberNames(Object.keys(interfaces), known);
  const links = new Map<number, LinkFacts>();
  const addresses: AddressFacts[] = [];
  for (const [name, list = []] of Object.entries(interfaces)) {
    const index = indexes.get(name) ?? 0;
    const loopback = list.some(({ internal }) => internal);
    links.set(index, { index, name, loopback, adminUp: true, carrier: true, operState: 'unknown' });
    for (const { address, family } of list) {
      const linkLocal = /^fe[89ab]/i.test(address) || address.startsWith('169.254.');
      addresses.push({ ifIndex: index, family: family === 'IPv4' ? 4 : 6, address, linkLocal, usable: true });
    }
  }
  return { known: true, links, addresses, indexes, fingerprint: JSON.stringify(addresses) };
}

/** More than any host has interfaces that come and go with their cables; containers leave names behind that never come back. */
const MOST_NAMES = 1_000;

function numberNames(names: readonly string[], known: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const kept = known.size > MOST_NAMES ? [...known].filter(([name]) => names.includes(name)) : known;
  const indexes = new Map(kept);
  let last = Math.max(0, ...known.values());
  for (const name of names) {
    if (indexes.has(name)) continue;
    last += 1;
    indexes.set(name, last);
  }
  return indexes;
}

function lookUp(found: Found, destination: string, { ifIndex }: { readonly ifIndex?: number }): RouteLookup {
  if (!found.known) return { kind: 'unanswered' };
  const family = destination.includes(':') ? 6 : 4;
  const own = found.addresses.some(({ address }) => address === destination);
  const wantsLoopback = own || isLoopback(destination);
  const sources = found.addresses.filter((each) => each.family === family && !each.linkLocal);
  for (const { address, ifIndex: index } of sources) {
    const link = found.links.get(index);
    if (link?.loopback !== wantsLoopback || (ifIndex !== undefined && ifIndex !== index)) continue;
    return { kind: 'route', ifIndex: index, source: address };
  }
  // An address on the loopback interface can be the source over links that have none of their own, and those are not listed.
  const roaming = sources.some(({ address, ifIndex: at }) => found.links.get(at)?.loopback && !isLoopback(address));
  return roaming ? { kind: 'unanswered' } : { kind: 'refused', code: 'ENETUNREACH' };
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

function toPublic(interfaces: Interfaces): readonly NetworkInterface[] {
  return Object.entries(interfaces).map(([name, list = []]) => ({
    name,
    ...(list[0] !== undefined && { mac: list[0].mac }),
    flags: list.some(({ internal }) => internal) ? ['LOOPBACK', 'UP'] : ['UP'],
    operState: 'unknown',
    carrier: true,
    addresses: list.map(({ address, family, cidr }) => ({
      family: family === 'IPv4' ? 4 : 6,
      address,
      prefixLength: Number(cidr?.split('/')[1] ?? (family === 'IPv4' ? 32 : 128)),
    })),
  }));
}
