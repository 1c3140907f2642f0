import type { Libc } from '../../native/index.js';
import {
  type Link,
  type InterfaceAddress as NetlinkAddress,
  openRtnetlink,
  type RouteAnswer,
  type RouteQuery,
  type Rtnetlink,
  type TableChange,
} from '../netlink/index.js';
import {
  type AddressFacts,
  type InterfaceStatistics,
  isLinkUp,
  type KernelView,
  type KernelViewHandlers,
  type LinkChange,
  type LinkFacts,
  type NetworkInterface,
  type RouteLookup,
  type SocketTraits,
} from './kernel-view.js';

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
    const answer = this.#ask({ destination, ...traits, ...ports });
    if (answer === undefined) return { kind: 'unanswered' };
    if (answer.kind === 'refused') return { kind: 'refused', code: answer.error.code };
    const { type, ifIndex, gateway, preferredSource } = answer.route;
    // An IPv6 look-up that ends in an unreachable or blackhole route is answered with that route.
    if (!DELIVERING.has(type) || ifIndex === undefined) return { kind: 'refused', code: 'ENETUNREACH' };
    return {
      kind: 'route',
      ifIndex,
      ...(gateway !== undefined && { gateway }),
      ...(preferredSource !== undefined && { source: preferredSource }),
    };
  }

  refreshLink(index: number): void {
    try {
      this.#rtnetlink.refreshLink(index);
    } catch (error) {
      this.#onError(toError(error));
    }
  }

  refresh(): void {
    this.#rtnetlink.resync();
  }

  interfaces(): readonly NetworkInterface[] {
    const { requests } = this.#rtnetlink;
    const addresses = requests.dumpAddresses().entries;
    return requests.dumpLinks().entries.map((link) =>
      toPublic(
        link,
        addresses.filter(({ ifIndex }) => ifIndex === link.index),
      ),
    );
  }

  close(): void {
    this.#rtnetlink.close();
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
      return [{ ...toLinkChange('removed', facts), up: false, carrier: false, operState: 'notpresent' }];
    }
    this.#links.set(facts.index, facts);
    return [{ ...toLinkChange(change.change, facts), flapped: hasFlapped(before, facts) }];
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
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
  };
}

/** Carrier then and carrier now, and yet one loss more. */
function hasFlapped(before: LinkFacts | undefined, now: LinkFacts): boolean {
  if (before?.carrierDownCount === undefined || now.carrierDownCount === undefined) return false;
  return before.carrier && now.carrier && now.carrierDownCount !== before.carrierDownCount;
}

function toLinkChange(change: LinkChange['change'], facts: LinkFacts): LinkChange {
  return {
    change,
    interface: facts.name,
    index: facts.index,
    up: isLinkUp(facts),
    carrier: facts.carrier,
    operState: facts.operState,
    flapped: false,
  };
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
    flags: FLAG_NAMES.filter(([, bit]) => (link.flags & bit) !== 0).map(([name]) => name),
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

/** The flags of include/uapi/linux/if.h in the order and spelling of `ip link`. */
const FLAG_NAMES = [
  ['LOOPBACK', 0x8],
  ['BROADCAST', 0x2],
  ['POINTOPOINT', 0x10],
  ['MULTICAST', 0x1000],
  ['NOARP', 0x80],
  ['ALLMULTI', 0x200],
  ['PROMISC', 0x100],
  ['MASTER', 0x400],
  ['SLAVE', 0x800],
  ['DYNAMIC', 0x8000],
  ['UP', 0x1],
  ['RUNNING', 0x40],
  ['LOWER_UP', 0x1_0000],
  ['DORMANT', 0x2_0000],
  ['ECHO', 0x4_0000],
] as const;
