import type { Libc } from '../../native/index.js';
import { toError } from '../errors/index.js';
import {
  type Link,
  type InterfaceAddress as NetlinkAddress,
  openRtnetlink,
  type Route,
  type RouteAnswer,
  type RouteQuery,
  type Rtnetlink,
  type TableChange,
} from '../netlink/index.js';
import { CarrierCounts } from './carrier-counts.js';
import { interfaceFlags } from './interface-flags.js';
import type {
  AddressFacts,
  InterfaceStatistics,
  KernelView,
  KernelViewHandlers,
  LinkChange,
  LinkFacts,
  LinkNews,
  NetworkInterface,
  RouteLookup,
  SocketTraits,
} from './kernel-view.js';
import { linkGone, linkSeen } from './link-change.js';

/**
 * The view through rtnetlink.
 *
 * @throws {SystemCallError} where the kernel refuses it, such as EAFNOSUPPORT under a seccomp profile without netlink.
 */
export function openNetlinkView(libc: Libc, handlers: KernelViewHandlers): KernelView {
  return new NetlinkView(libc, handlers);
}

class NetlinkView implements KernelView {
  readonly source = 'netlink';
  readonly #rtnetlink: Rtnetlink;
  readonly #onError: (error: Error) => void;
  readonly #links = new Map<number, LinkFacts>();
  readonly #carriers = new CarrierCounts();

  constructor(libc: Libc, handlers: KernelViewHandlers) {
    this.#onError = (error) => handlers.onError(error);
    this.#rtnetlink = openRtnetlink(libc, {
      onChange: (changes) => handlers.onChange(changes.flatMap((change) => this.#takeOver(change))),
      onError: (error) => handlers.onError(error),
    });
    for (const link of this.#rtnetlink.table.links.values()) this.#links.set(link.index, toFacts(link));
  }

  links(): ReadonlyMap<number, LinkFacts> {
    return this.#links;
  }

  *addresses(): Iterable<AddressFacts> {
    for (const address of this.#rtnetlink.table.addresses()) yield toAddressFacts(address);
  }

  lookup(destination: string, { port, ...traits }: SocketTraits = {}): RouteLookup {
    const ports = port === undefined ? {} : { protocol: 'tcp' as const, destinationPort: port };
    const query = { destination, ...traits, ...ports };
    // Asked by one interface, the kernel takes an IPv4 destination without a route for a neighbour on it; only the table itself tells.
    const entry = traits.ifIndex === undefined ? undefined : this.#ask({ ...query, fibMatch: true });
    const answer = entry?.kind === 'refused' ? entry : this.#ask(query);
    if (answer === undefined) return { kind: 'unanswered' };
    if (answer.kind === 'refused') return { kind: 'refused', code: answer.code };
    const { type, ifIndex, gateway } = answer.route;
    // An IPv6 look-up that ends in an unreachable or blackhole route is answered with that route.
    if (!DELIVERING.has(type) || ifIndex === undefined) return { kind: 'refused', code: 'ENETUNREACH' };
    return {
      kind: 'route',
      ifIndex,
      ...(gateway !== undefined && { gateway }),
      ...sourceOf(answer.route, traits.source),
    };
  }

  watchDestinations(destinations: Iterable<string>): void {
    try {
      this.#rtnetlink.watchDestinations(withoutZones(destinations));
    } catch (error) {
      this.#onError(toError(error));
    }
  }

  refreshLink(index: number, news: LinkNews = 'all'): void {
    const known = this.#rtnetlink.table.links.get(index);
    if (news === 'carrier' && known !== undefined && this.#carriers.isUnchanged(known)) return;
    try {
      this.#rtnetlink.refreshLink(index);
    } catch (error) {
      this.#onError(toError(error));
    }
  }

  catchUp(): boolean {
    return this.#rtnetlink.catchUp();
  }

  refresh(): void {
    this.#rtnetlink.resync();
  }

  interfaces(): readonly NetworkInterface[] {
    const { requests } = this.#rtnetlink;
    const addresses = byInterface(requests.dumpAddresses().entries);
    return requests.dumpLinks().entries.map((link) => toPublic(link, addresses.get(link.index) ?? []));
  }

  close(): void {
    this.#rtnetlink.close();
    this.#carriers.close();
  }

  /** A question that fails (a socket error, an answer that cannot be decoded) is no evidence, and must not end in a timer's throw. */
  #ask(query: RouteQuery): RouteAnswer | undefined {
    try {
      return this.#rtnetlink.route(query);
    } catch (error) {
      this.#onError(toError(error));
      return undefined;
    }
  }

  #takeOver(change: TableChange): readonly LinkChange[] {
    if (change.kind !== 'link') return [];
    const facts = toFacts(change.link);
    const before = this.#links.get(facts.index);
    if (change.change === 'removed') {
      this.#links.delete(facts.index);
      this.#carriers.forget(facts.index);
      return [linkGone(facts)];
    }
    this.#links.set(facts.index, facts);
    return [linkSeen(before, facts)];
  }
}

/** A host of containers has thousands of both. */
function byInterface(addresses: readonly NetlinkAddress[]): ReadonlyMap<number, readonly NetlinkAddress[]> {
  const lists = new Map<number, NetlinkAddress[]>();
  for (const address of addresses) {
    const list = lists.get(address.ifIndex);
    if (list === undefined) lists.set(address.ifIndex, [address]);
    else list.push(address);
  }
  return lists;
}

/** A hosts file may give a name an address like fe80::1%eth0. The kernel cannot be asked for one, so no route matters to it. */
function* withoutZones(addresses: Iterable<string>): Iterable<string> {
  for (const address of addresses) if (!address.includes('%')) yield address;
}

/** A source that was asked with is not the kernel's to choose, and it does not repeat it as its choice. */
function sourceOf({ preferredSource }: Route, asked: string | undefined): { readonly source?: string } {
  const source = preferredSource ?? asked;
  return source === undefined ? {} : { source };
}

const DELIVERING: ReadonlySet<string> = new Set(['unicast', 'local', 'broadcast', 'anycast', 'multicast']);

function toFacts(link: Link): LinkFacts {
  return {
    index: link.index,
    name: link.name,
    loopback: link.loopback,
    adminUp: link.up,
    carrier: link.lowerUp,
    operState: link.operState ?? 'unknown',
    ...(link.carrierDownCount !== undefined && { carrierDownCount: link.carrierDownCount }),
    ...(link.kind !== undefined && { kind: link.kind }),
    ...(link.masterIndex !== undefined && { master: link.masterIndex }),
    ...lowerOf(link),
  };
}

/** An index of another namespace means another link here; a device that lies under nothing names itself, or 0. */
function lowerOf({ index, linkIndex, linkNetnsId }: Link): { readonly lower?: number } {
  const hasOne = linkIndex !== undefined && linkIndex !== 0 && linkIndex !== index && linkNetnsId === undefined;
  return hasOne ? { lower: linkIndex } : {};
}

function toAddressFacts(address: NetlinkAddress): AddressFacts {
  return {
    ifIndex: address.ifIndex,
    family: address.family,
    address: address.address,
    linkLocal: address.scope === 'link',
    usable: !address.dadFailed && (!address.tentative || address.optimistic),
  };
}

function toPublic(link: Link, addresses: readonly NetlinkAddress[]): NetworkInterface {
  return {
    name: link.name,
    index: link.index,
    ...(link.mac !== undefined && { mac: link.mac }),
    ...(link.mtu !== undefined && { mtu: link.mtu }),
    flags: interfaceFlags(link.flags),
    operState: link.operState ?? 'unknown',
    carrier: link.lowerUp,
    addresses: addresses.map(({ family, address, prefixLength, scope }) => ({
      family,
      address,
      prefixLength,
      scope: String(scope),
    })),
    ...(link.statistics !== undefined && { statistics: toStatistics(link.statistics) }),
  };
}

function toStatistics({ rx, tx }: NonNullable<Link['statistics']>): InterfaceStatistics {
  return {
    rxBytes: rx.bytes,
    txBytes: tx.bytes,
    rxPackets: rx.packets,
    txPackets: tx.packets,
    rxErrors: rx.errors,
    txErrors: tx.errors,
    rxDropped: rx.dropped,
    txDropped: tx.dropped,
  };
}
