import { type BlockList, isIP } from 'node:net';
import { blockListOf, parseNetwork } from '../../names/index.js';
import type { ResolveHost } from '../../probes/index.js';

/** Which addresses a member may probe: a registry says who the members are, and the operator where probes may go. */
export class AllowList {
  readonly #networks: BlockList;
  readonly #isListed: boolean;

  /**
   * @param networks addresses and networks, such as `'192.0.2.0/24'`, that were checked by {@link parseNetwork}; all others are refused.
   * Undefined for everything but what is no other host's address, loopback, or where clouds tell their machines secrets.
   * @param mayBeLoopback whether, in that case, loopback is allowed all the same.
   */
  constructor(networks: readonly string[] | undefined, mayBeLoopback: boolean) {
    this.#isListed = networks !== undefined;
    const others = [...NO_OTHER_HOST, ...METADATA, ...(mayBeLoopback ? [] : LOOPBACK)];
    this.#networks = blockListOf(networks ?? others.flatMap((each) => [each, ...carriersOf(each)]));
  }

  /** @param address an IP address. */
  allows(address: string): boolean {
    const version = isIP(address);
    if (version === 0) return false;
    return this.#networks.check(address, version === 6 ? 'ipv6' : 'ipv4') === this.#isListed;
  }

  /** Whether a host may be probed as far as that can be told before its name is resolved. What no URL can have for a host, nobody could ask. */
  mayAllow(host: string): boolean {
    const asked = hostInUrl(host);
    if (asked === undefined) return false;
    return isIP(asked) === 0 || this.allows(asked);
  }

  /** A look-up that knows only the addresses that are allowed. Where a name has no other, it fails as what is forbidden here. */
  guard(resolve: ResolveHost): ResolveHost {
    return async (host, options) => {
      const found = await resolve(host, options);
      const addresses = found.addresses.filter((address) => this.allows(address));
      if (addresses.length > 0) return { ...found, addresses };
      const message = `no address of ${host} is one that this member may probe`;
      throw Object.assign(new Error(message), { code: 'EACCES' });
    };
  }
}

/** Whether a host is this one by its name or address. Other names are not looked up. */
export function isLoopback(host: string): boolean {
  const literal = literalOf(host);
  if (literal === undefined) return host === 'localhost' || host.endsWith('.localhost');
  return LOOPBACK_LIST.check(literal, isIP(literal) === 6 ? 'ipv6' : 'ipv4');
}

/**
 * The IP address that a host is, also by its other spellings, such as `'0x7f.1'`: URLs take those for addresses (WHATWG URL, section 3.5),
 * and nobody is asked what they stand for.
 *
 * @returns undefined for a name.
 */
export function literalOf(host: string): string | undefined {
  const asked = hostInUrl(host);
  return asked === undefined || isIP(asked) === 0 ? undefined : asked;
}

/** Whether a URL can have it for a host, so that it can be asked by all means. */
export function isAskable(host: string): boolean {
  return hostInUrl(host) !== undefined;
}

/** What a URL makes of a host; undefined for `'192.0.2.256'`, which ends in a number and is no address, and the like (section 3.5 as well). */
function hostInUrl(host: string): string | undefined {
  if (isIP(host) !== 0) return host;
  const url = `http://${host}/`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

/**
 * What of IPv6 leads to a network of IPv4 where something translates it on the way: the well-known prefix of RFC 6052, 6to4 (RFC 3056), and the
 * IPv4-compatible addresses of old (RFC 4291, section 2.5.5.1). `BlockList` itself sees through IPv4-mapped ones.
 */
function carriersOf(text: string): readonly string[] {
  const network = parseNetwork(text);
  if (network?.family !== 'ipv4') return [];
  const { address, prefix } = network;
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  const [high, low] = [a * 256 + b, c * 256 + d].map((word) => word.toString(16));
  const carriers = [`64:ff9b::${address}/${96 + prefix}`, `2002:${high}:${low}::/${16 + prefix}`];
  // Loopback of IPv6 itself is ::1.
  return a === 0 ? carriers : [...carriers, `::${address}/${96 + prefix}`];
}

/** RFC 1122, section 3.2.1.3, and RFC 4291, section 2.5.3. The kernel takes "this host on this network" for itself as well. */
const LOOPBACK = ['127.0.0.0/8', '::1'];
/** RFC 6890: this host, links, multicast, what is reserved, and broadcast; of IPv6 (RFC 4291) what is unspecified, links, multicast. */
const NO_OTHER_HOST = ['0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '240.0.0.0/4', '::', 'fe80::/10', 'ff00::/8'];
/** Where clouds tell their machines secrets, as far as that is not among the addresses of links: Amazon and Google by IPv6, Azure, Alibaba. */
const METADATA = ['fd00:ec2::254', 'fd20:ce::254', '168.63.129.16', '100.100.100.200'];
const LOOPBACK_LIST = blockListOf(LOOPBACK);
