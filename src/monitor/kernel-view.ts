/** How an interface's link stands (RFC 2863, `IF_OPER_*` of include/uapi/linux/if.h). */
export type OperState = 'unknown' | 'notpresent' | 'down' | 'lowerlayerdown' | 'testing' | 'dormant' | 'up';

/** An interface, as far as the judgement of paths needs it. */
export interface LinkFacts {
  readonly index: number;
  readonly name: string;
  readonly loopback: boolean;
  /** IFF_UP: somebody set it up. Says nothing about the cable. */
  readonly adminUp: boolean;
  /** IFF_LOWER_UP: the cable, radio or peer is there. Live, where IFF_RUNNING lags behind by up to a second. */
  readonly carrier: boolean;
  readonly operState: OperState;
  /** How often the carrier was lost since the interface was made, also unseen; where the kernel counts it (4.16). */
  readonly carrierDownCount?: number;
  /** The driver's kind, such as `'bridge'` or `'veth'`; hardware has none. */
  readonly kind?: string;
  /** The index of the bridge or bond that it is a port of. */
  readonly master?: number;
  /** The index of the link under it, of which it is a VLAN, a macvlan or the like; in the same namespace only. */
  readonly lower?: number;
}

/** An address of an interface, as far as the judgement of paths needs it. */
export interface AddressFacts {
  readonly ifIndex: number;
  readonly family: 4 | 6;
  readonly address: string;
  readonly linkLocal: boolean;
  /** False while duplicate address detection runs or after it failed: the kernel will not use it as a source. */
  readonly usable: boolean;
}

/** What a socket has, beside its destination, that routing policy may look at (`ip rule`). */
export interface SocketTraits {
  /** The TCP port that it connects to. */
  readonly port?: number;
  /** The address that it is bound to. */
  readonly source?: string;
  /** SO_MARK. */
  readonly mark?: number;
  /** The interface that it is bound to (SO_BINDTODEVICE). */
  readonly ifIndex?: number;
}

/** The kernel's answer to "how would a packet get there?". */
export type RouteLookup =
  | { readonly kind: 'route'; readonly ifIndex: number; readonly gateway?: string; readonly source?: string }
  /** No way: ENETUNREACH, or a route of type blackhole, unreachable, prohibit or throw. */
  | { readonly kind: 'refused'; readonly code: string }
  /** The question could not be put: no evidence either way. */
  | { readonly kind: 'unanswered' };

/** Byte, packet, error and drop counters since the interface was made; exact up to 2⁵³. */
export interface InterfaceStatistics {
  /** Bytes that came in. */
  readonly rxBytes: number;
  /** Bytes that went out. */
  readonly txBytes: number;
  /** Packets that came in. */
  readonly rxPackets: number;
  /** Packets that went out. */
  readonly txPackets: number;
  /** Packets that came in damaged. */
  readonly rxErrors: number;
  /** Packets that could not be sent. */
  readonly txErrors: number;
  /** Packets that came in and were thrown away, for want of room or of anybody who wanted them. */
  readonly rxDropped: number;
  /** Packets that were thrown away before they went out. */
  readonly txDropped: number;
}

/** An address of an interface. */
export interface InterfaceAddress {
  /** Which IP version it is of. */
  readonly family: 4 | 6;
  /** As text: `'192.0.2.10'`, `'2001:db8::10'`. */
  readonly address: string;
  /** How many of its bits are those of its network. */
  readonly prefixLength: number;
  /** Such as `'global'`, `'link'` or `'host'`, where it is known. */
  readonly scope?: string;
}

/** A network interface of this host. */
export interface NetworkInterface {
  /** Such as `'eth0'`. */
  readonly name: string;
  /** The kernel's number for it; absent where the system only lists interfaces. */
  readonly index?: number;
  /** The hardware address, `'02:00:00:00:00:01'`. */
  readonly mac?: string;
  /** The largest packet that fits, in bytes. */
  readonly mtu?: number;
  /** Names as iproute2 prints them: `['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP']`. */
  readonly flags: readonly string[];
  /** How its link stands. */
  readonly operState: OperState;
  /** Whether the cable, radio or peer is there. */
  readonly carrier: boolean;
  /** Its IP addresses. */
  readonly addresses: readonly InterfaceAddress[];
  /** Absent where the system only lists interfaces. */
  readonly statistics?: InterfaceStatistics;
}

/** A change of an interface. */
export interface LinkChange {
  /** What became of it. */
  readonly change: 'added' | 'changed' | 'removed';
  /** Its name, such as `'eth0'`. */
  readonly interface: string;
  /** The kernel's number for it. */
  readonly index: number;
  /** Set up, with carrier and an operating link. */
  readonly up: boolean;
  /** Whether the cable, radio or peer is there. */
  readonly carrier: boolean;
  /** How its link stands. */
  readonly operState: OperState;
  /** The carrier was lost and found again since the last change, without the kernel telling of the loss. */
  readonly flapped: boolean;
}

/** What a {@link KernelView} calls when something changed; never from within the call that opened it. */
export interface KernelViewHandlers {
  /** Links, addresses, routes or rules changed: whatever was concluded from them must be judged anew. */
  onChange(links: readonly LinkChange[]): void;
  onError(error: Error): void;
}

/**
 * What is wanted of a link that is asked for: all there is, for which the kernel may keep one waiting; or only whether its carrier has come or
 * gone, which can be asked many times a second.
 */
export type LinkNews = 'all' | 'carrier';

/** The part of the system that knows links, addresses and routes. */
export interface KernelView {
  /** rtnetlink, /proc and /sys, or the list of interfaces that every system has. */
  readonly source: 'netlink' | 'proc' | 'interfaces';
  /** Every interface, current as of the last event. */
  links(): ReadonlyMap<number, LinkFacts>;
  addresses(): Iterable<AddressFacts>;
  /** Asks how a TCP packet to this IP address would leave. Synchronous, some microseconds. */
  lookup(destination: string, traits?: SocketTraits): RouteLookup;
  /**
   * Says whose routes matter: of other routes the view need not tell. IP addresses, all of them, read before it returns. What may have changed
   * unheard before is told within the call, by `onChange([])`.
   */
  watchDestinations(destinations: Iterable<string>): void;
  /** Asks for one link anew, past whatever events are still on their way. */
  refreshLink(index: number, news?: LinkNews): void;
  /** Tells, within the call, the events that have arrived and not yet been told. Returns whether there were any. */
  catchUp(): boolean;
  /** Reads everything anew, because events may have been missed; tells only what is different. */
  refresh(): void;
  /** All interfaces with addresses and counters, read now. */
  interfaces(): readonly NetworkInterface[];
  close(): void;
}

/** Whether a link can carry packets: set up, with carrier, and not known to be out of operation. */
export function isLinkUp(link: LinkFacts): boolean {
  return link.adminUp && hasCarrier(link);
}

/** Drivers that do not track their state say `unknown` and mean `up`; dormant and testing links may yet pass packets. */
export function hasCarrier(link: LinkFacts): boolean {
  return (
    link.carrier && link.operState !== 'down' && link.operState !== 'lowerlayerdown' && link.operState !== 'notpresent'
  );
}
