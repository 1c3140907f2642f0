import { BlockList, isIP } from 'node:net';
import type { ResolveHost } from '../../probes/index.js';

/** Which addresses a member may probe: a registry says who the members are, and the operator where probes may go. */
export class AllowList {
  readonly #networks: BlockList;
  readonly #isListed: boolean;

  /**
   * @param networks addresses and networks, such as `'192.0.2.0/24'`, that were checked by {@link parseNetwork}; all others are refused.
   * Undefined for everything but what is no other host: this host itself, a link's own addresses, multicast and broadcast.
   * @param mayBeLoopback whether, in that case, loopback is allowed all the same.
   */
  constructor(networks: readonly string[] | undefined, mayBeLoopback: boolean) {
    this.#isListed = networks !== undefined;
    const others = mayBeLoopback ? NO_OTHER_HOST : [...LOOPBACK, ...NO_OTHER_HOST];
    this.#networks = blockListOf(networks ?? others);
  }

  /** @param address an IP address. */
  allows(address: string): boolean {
    const version = isIP(address);
    if (version === 0) return false;
    return this.#networks.check(address, version === 6 ? 'ipv6' : 'ipv4') === this.#isListed;
  }

  /** Whether a host may be probed as far as that can be told before its name is resolved. */
  mayAllow(host: string): boolean {
    const literal = literalOf(host);
    return literal === undefined || this.allows(literal);
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
  if (isIP(host) !== 0) return host;
  const url = `http://${host}/`;
  const name = URL.canParse(url) ? new URL(url).hostname : '';
  return isIP(name) === 0 ? undefined : name;
}

/** An address, and how many of its first bits count. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Reads `'192.0.2.0/24'` or a single address; undefined for what is neither. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = '', digits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const longest = version === 4 ? 32 : 128;
  const prefix = digits === undefined ? longest : Number(digits);
  return prefix <= longest ? { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' } : undefined;
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const { address, prefix, family } of networks.flatMap((each) => parseNetwork(each) ?? [])) {
    list.addSubnet(address, prefix, family);
  }
  return list;
}

/** RFC 1122, section 3.2.1.3, and RFC 4291, section 2.5.3. The kernel takes "this host on this network" for itself as well. */
const LOOPBACK = ['127.0.0.0/8', '::1'];
/** RFC 6890: this host, links, multicast, what is reserved, and broadcast; of IPv6 (RFC 4291) what is unspecified, links, multicast. */
const NO_OTHER_HOST = ['0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '240.0.0.0/4', '::', 'fe80::/10', 'ff00::/8'];
const LOOPBACK_LIST = blockListOf(LOOPBACK);
