import type { InterfaceAddress } from './interface-address.js';
import type { Link } from './link.js';
import type { NetlinkMessage } from './message.js';

/** What a message, or a whole new reading, changed in the table. */
export type TableChange =
  | { readonly kind: 'link'; readonly change: 'added' | 'changed'; readonly link: Link }
  | { readonly kind: 'link'; readonly change: 'removed'; readonly link: Link }
  | { readonly kind: 'address'; readonly change: 'added' | 'changed' | 'removed'; readonly address: InterfaceAddress };

/** The links and addresses of this namespace, as of the last message. Routes are not kept: IPv4 routes vanish without a message. */
export class InterfaceTable {
  readonly #links = new Map<number, Link>();
  readonly #addresses = new Map<string, InterfaceAddress>();

  /** Every link, by its index. */
  get links(): ReadonlyMap<number, Link> {
    return this.#links;
  }

  /** Every address of every link. */
  addresses(): Iterable<InterfaceAddress> {
    return this.#addresses.values();
  }

  /** Takes a message over. Returns what that changed: nothing where it said what was known. */
  apply(message: NetlinkMessage): readonly TableChange[] {
    if (message.kind === 'link') return this.#applyLink(message.change, message.link);
    if (message.kind === 'address') return this.#applyAddress(message.change, message.address);
    return NOTHING;
  }

  /** Takes a link over that was asked for; undefined when the kernel knows it no more. */
  refreshLink(index: number, link: Link | undefined): readonly TableChange[] {
    return link === undefined ? this.#removeLink(index) : this.#setLink(link);
  }

  /** Takes a whole new reading over. Returns the difference, removals first. */
  replace(links: readonly Link[], addresses: readonly InterfaceAddress[]): readonly TableChange[] {
    const linkIndexes = new Set(links.map(({ index }) => index));
    const addressKeys = new Set(addresses.map(keyOf));
    const goneAddresses = [...this.#addresses].filter(([key]) => !addressKeys.has(key));
    const goneLinks = [...this.#links.keys()].filter((index) => !linkIndexes.has(index));
    return [
      ...goneAddresses.flatMap(([, address]) => this.#removeAddress(address)),
      ...goneLinks.flatMap((index) => this.#removeLink(index)),
      ...links.flatMap((link) => this.#setLink(link)),
      ...addresses.flatMap((address) => this.#setAddress(address)),
    ];
  }

  #applyLink(change: 'new' | 'deleted', link: Link): readonly TableChange[] {
    // Other families speak of one side of a link only: a bridge says "deleted" of a port that merely left it.
    if (link.family !== 0) return NOTHING;
    if (change === 'deleted') return this.#removeLink(link.index);
    // Wireless events hold little more than a name (wireless extensions, RTM_NEWLINK with IFLA_WIRELESS).
    const known = this.#links.get(link.index);
    if (known !== undefined && (link.operState === undefined || isOlder(link, known))) return NOTHING;
    return this.#setLink(link);
  }

  #applyAddress(change: 'new' | 'deleted', address: InterfaceAddress): readonly TableChange[] {
    return change === 'deleted' ? this.#removeAddress(address) : this.#setAddress(address);
  }

  #setLink(link: Link): readonly TableChange[] {
    const before = this.#links.get(link.index);
    this.#links.set(link.index, link);
    if (before === undefined) return [{ kind: 'link', change: 'added', link }];
    return sameLink(before, link) ? NOTHING : [{ kind: 'link', change: 'changed', link }];
  }

  #removeLink(index: number): readonly TableChange[] {
    const link = this.#links.get(index);
    if (link === undefined) return NOTHING;
    this.#links.delete(index);
    return [{ kind: 'link', change: 'removed', link }];
  }

  #setAddress(address: InterfaceAddress): readonly TableChange[] {
    const key = keyOf(address);
    const before = this.#addresses.get(key);
    this.#addresses.set(key, address);
    if (before === undefined) return [{ kind: 'address', change: 'added', address }];
    return before.flags === address.flags ? NOTHING : [{ kind: 'address', change: 'changed', address }];
  }

  #removeAddress(address: InterfaceAddress): readonly TableChange[] {
    const known = this.#addresses.delete(keyOf(address));
    return known ? [{ kind: 'address', change: 'removed', address }] : NOTHING;
  }
}

const NOTHING: readonly TableChange[] = [];

/** The kernel tells IPv4 addresses apart by their prefix and peer too: 192.0.2.1/24 and 192.0.2.1/32 can stand side by side. */
function keyOf({ ifIndex, address, prefixLength, peer }: InterfaceAddress): string {
  return `${ifIndex} ${address}/${prefixLength} ${peer ?? ''}`;
}

/**
 * Whether a message was written before what is known was asked for: it lay unread in the socket meanwhile. Losses and returns of the carrier are
 * counted together, in 32 bits, and never go back (rtnl_fill_ifinfo() of net/core/rtnetlink.c).
 */
function isOlder({ carrierChanges: told }: Link, { carrierChanges: known }: Link): boolean {
  return told !== undefined && known !== undefined && ((told - known) | 0) < 0;
}

/** Whether two readings of a link agree in all that is ever acted upon; counters always differ. */
function sameLink(a: Link, b: Link): boolean {
  return (
    a.name === b.name &&
    a.flags === b.flags &&
    a.operState === b.operState &&
    a.masterIndex === b.masterIndex &&
    a.mac === b.mac &&
    a.mtu === b.mtu &&
    a.carrierChanges === b.carrierChanges
  );
}
