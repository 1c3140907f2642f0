import { Resolver } from 'node:dns/promises';
import { onAbort } from '../../events/index.js';

/** Milliseconds for all names together. */
export const NAMES_TIME = 2_000;

/** More are asked when one of these has been answered. */
const MOST_AT_ONCE = 8;

/** Longer than any name may be (RFC 1035 section 2.3.4). */
const LONGEST_NAME = 255;

export interface NameLookup {
  readonly signal: AbortSignal;
  /** The name servers to ask. @default those of the system */
  readonly servers?: readonly string[] | undefined;
}

/** Looks up the names of addresses by reverse DNS. What has none, or none in time, is left out. Never rejects. */
export async function lookUpNames(
  addresses: readonly string[],
  { signal, servers }: NameLookup,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  if (addresses.length === 0 || signal.aborted) return names;
  const resolver = new Resolver({ timeout: NAMES_TIME / 2, tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);
  let isOver = false;
  const end = (): void => {
    isOver = true;
    resolver.cancel();
  };
  const release = onAbort(signal, end);
  const timer = setTimeout(end, NAMES_TIME);
  const queue = [...new Set(addresses)];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined && !isOver; next = queue.shift()) {
      const [name] = await resolver.reverse(next).catch(() => []);
      if (name !== undefined && name.length <= LONGEST_NAME) names.set(next, name);
    }
  };
  try {
    await Promise.all(Array.from({ length: MOST_AT_ONCE }, work));
  } finally {
    clearTimeout(timer);
    release();
  }
  return names;
}
