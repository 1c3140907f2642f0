import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** How names are looked up otherwise: `dns.lookup`, or a stand-in. */
export type LookUp = (
  hostname: string,
  options: { readonly all: true; readonly family?: number; readonly hints?: number },
  callback: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void;

/**
 * A `lookup` for `net.connect` that remembers the addresses of names, and gives them where the resolver is dead or slow: a server does not move
 * because nobody knows where it is at the moment. That there is no such name is an answer, and believed.
 *
 * For a client that finds out by other means whether it has met the right server: by its certificate, or its host key.
 */
export function rememberingLookup(lookUp: LookUp = ask): LookupFunction {
  const known = new Map<string, readonly LookupAddress[]>();
  return (hostname, { all, family, hints }, callback) => {
    const question = {
      all: true,
      ...(family !== undefined && { family: asNumber(family) }),
      ...(hints && { hints }),
    } as const;
    const key = `${question.family ?? 0} ${hostname}`;
    const remembered = known.get(key);
    let isOver = false;
    const settle = (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[] = []): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      const [first] = addresses;
      if (error !== null || all) callback(error, [...addresses]);
      else callback(null, first?.address ?? '', first?.family);
    };
    const timer = remembered && setTimeout(() => settle(null, remembered), PATIENCE);
    lookUp(hostname, question, (error, addresses) => {
      if (error === null) remember(known, key, addresses);
      const isUnknown = error?.code === 'EAI_AGAIN' || error?.code === 'ETIMEOUT';
      if (isUnknown && remembered !== undefined) settle(null, remembered);
      else settle(error, addresses);
    });
  };
}

/** Milliseconds. A resolver that answers takes less; of one that does not, getaddrinfo(3) says so after ten seconds. */
const PATIENCE = 1_000;

/** Names that one client connects to. What is forgotten is asked for again. */
const MOST_NAMES = 100;

function remember(
  known: Map<string, readonly LookupAddress[]>,
  key: string,
  addresses: readonly LookupAddress[],
): void {
  if (known.size >= MOST_NAMES) known.clear();
  known.set(key, addresses);
}

const ask: LookUp = (hostname, options, callback) => systemLookup(hostname, options, callback);

function asNumber(family: number | 'IPv4' | 'IPv6'): number {
  return typeof family === 'number' ? family : Number(family.slice(-1));
}
