import { networkInterfaces } from 'node:os';
import type {
  AddressFacts,
  KernelView,
  KernelViewHandlers,
  LinkChange,
  LinkFacts,
  NetworkInterface,
  RouteLookup,
} from './kernel-view.js';

type Interfaces = ReturnType<typeof networkInterfaces>;

/**
 * The view where netlink is not to be had: `os.networkInterfaces()` at an interval. It lists interfaces that are up and running and have an
 * address, and nothing else, so a path is as good as known when such an interface has an address of the right family.
 */
export function openPollingView(
  interval: number,
  handlers: KernelViewHandlers,
  read: () => Interfaces = readInterfaces,
): KernelView {
  let facts = toFacts(read(), new Map());
  const refresh = (): void => {
    const before = facts;
    facts = toFacts(read(), before.indexes);
    const changes = difference(before.links, facts.links);
    if (changes.length > 0 || before.fingerprint !== facts.fingerprint) handlers.onChange(changes);
  };
  const timer = setInterval(refresh, interval);
  timer.unref();
  return {
    source: 'polling',
    links: () => facts.links,
    addresses: () => facts.addresses,
    lookup: (destination, traits) => lookUp(facts, destination, traits?.ifIndex),
    refreshLink: () => {},
    refresh,
    interfaces: () => toPublic(read()),
    close: () => clearInterval(timer),
  };
}

/** uv_interface_addresses fails where the sandbox forbids netlink sockets (libc's getifaddrs uses one): then nothing is known. */
function readInterfaces(): Interfaces {
  try {
    return networkInterfaces();
  } catch {
    return {};
  }
}

interface Facts {
  readonly links: ReadonlyMap<number, LinkFacts>;
  readonly addresses: readonly AddressFacts[];
  /** Node does not tell interface numbers, so each name is given one and keeps it. */
  readonly indexes: ReadonlyMap<string, number>;
  readonly fingerprint: string;
}

function toFacts(interfaces: Interfaces, known: ReadonlyMap<string, number>): Facts {
  const indexes = new Map(known);
  const links = new Map<number, LinkFacts>();
  const addresses: AddressFacts[] = [];
  for (const [name, list = []] of Object.entries(interfaces)) {
    const index = indexes.get(name) ?? indexes.size + 1;
    indexes.set(name, index);
    const loopback = list.some(({ internal }) => internal);
    links.set(index, { index, name, loopback, adminUp: true, carrier: true, operState: 'unknown' });
    for (const { address, family } of list) {
      const linkLocal = address.startsWith('fe80:') || address.startsWith('169.254.');
      addresses.push({ ifIndex: index, family: family === 'IPv4' ? 4 : 6, address, linkLocal, usable: true });
    }
  }
  return { links, addresses, indexes, fingerprint: JSON.stringify(addresses) };
}

function lookUp(facts: Facts, destination: string, ifIndex: number | undefined): RouteLookup {
  const family = destination.includes(':') ? 6 : 4;
  const own = facts.addresses.find(({ address }) => address === destination);
  const wantsLoopback = destination === '::1' || destination.startsWith('127.') || own !== undefined;
  for (const address of facts.addresses) {
    const link = facts.links.get(address.ifIndex);
    if (link === undefined || address.family !== family || address.linkLocal) continue;
    if (link.loopback === wantsLoopback && (ifIndex === undefined || ifIndex === link.index)) {
      return { kind: 'route', ifIndex: link.index, source: address.address };
    }
  }
  return { kind: 'refused', code: 'ENETUNREACH' };
}

function difference(before: ReadonlyMap<number, LinkFacts>, after: ReadonlyMap<number, LinkFacts>): LinkChange[] {
  const gone = [...before.values()].filter((link) => !after.has(link.index));
  const come = [...after.values()].filter((link) => !before.has(link.index));
  return [...gone.map((link) => toChange('removed', link)), ...come.map((link) => toChange('added', link))];
}

function toChange(change: 'added' | 'removed', link: LinkFacts): LinkChange {
  const up = change === 'added';
  return {
    change,
    interface: link.name,
    index: link.index,
    up,
    carrier: up,
    operState: up ? 'unknown' : 'notpresent',
    flapped: false,
  };
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
