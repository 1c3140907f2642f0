import { BlockList, isIP } from 'node:net';

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

/** All addresses of some networks. What {@link parseNetwork} cannot read is left out. */
export function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const { address, prefix, family } of networks.flatMap((each) => parseNetwork(each) ?? [])) {
    list.addSubnet(address, prefix, family);
  }
  return list;
}
