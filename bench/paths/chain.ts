import { type Chain, chainOf, type Join } from '../../test/kernel/probes/paths/chain.js';
import type { Lab } from '../../test/lab/index.js';

/** How many hops there are: routers, and the target behind them. */
export const HOPS = 8;

/** A chain of {@link HOPS} hops, from which a client may trace by all methods. */
export async function openChain(lab: Lab, join?: Join): Promise<Chain> {
  const chain = await chainOf(lab, HOPS - 1, join);
  await chain.client.sysctl('net.ipv4.ping_group_range', '0 2147483647');
  return chain;
}

/** Who is to be found, hop by hop. */
export function hopsIn(chain: Chain): readonly string[] {
  return chain.hops.map(({ ipv4 }) => ipv4);
}

export function targetOf(chain: Chain): string {
  return hopsIn(chain).at(-1) ?? '';
}
