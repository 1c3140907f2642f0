import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isError, toError } from '../errors/index.js';
import { onAbort, orAborted, throwIfAborted } from '../events/index.js';
import { lookUpHostsFile } from '../names/index.js';

/** Which addresses a name is resolved to: those of IPv4, of IPv6, or both. An IP address stands for itself. */
export type AddressFamily = 4 | 6 | 'any';

/** What a name stands for. */
export interface ResolvedHost {
  /** IP addresses, at least one, IPv6 before IPv4. */
  readonly addresses: readonly string[];
  /** For how many seconds they may be used, where DNS said so. */
  readonly ttl?: number;
}

/**
 * Finds the IP addresses of a host.
 *
 * @throws {Error} with the `code` and `syscall` of `node:dns` where there are none; the signal's reason when it aborts.
 */
export type ResolveHost = (
  host: string,
  options: { readonly family: AddressFamily; readonly signal: AbortSignal },
) => Promise<ResolvedHost>;

/**
 * By the hosts file, then DNS. Only a name that DNS does not know is looked up by getaddrinfo(3), which knows search domains and mDNS: it
 * holds one of libuv's four pool threads for as long as it takes.
 */
export const resolveHost: ResolveHost = async (host, { family, signal }) => {
  throwIfAborted(signal);
  if (isIP(host) !== 0) return { addresses: [host] };
  const listed = ofFamily(await lookUpHostsFile(host), family);
  if (listed.length > 0) return { addresses: listed };
  try {
    return await askDns(host, family, signal);
  } catch (error) {
    throwIfAborted(signal);
    if (!isUnknownName(error)) throw error;
    return askSystem(host, family, signal).catch(() => {
      throwIfAborted(signal);
      throw error;
    });
  }
};

async function askDns(host: string, family: AddressFamily, signal: AbortSignal): Promise<ResolvedHost> {
  throwIfAborted(signal);
  // A new resolver each time: it reads the system's name servers when it is made, and those change with the network.
  const resolver = new Resolver({ timeout: 1_000, tries: 3 });
  const release = onAbort(signal, () => resolver.cancel());
  try {
    const answers = await Promise.allSettled([
      family === 4 ? [] : resolver.resolve6(host, { ttl: true }),
      family === 6 ? [] : resolver.resolve4(host, { ttl: true }),
    ]);
    throwIfAborted(signal);
    const records = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (records.length === 0) throw worstOf(answers);
    return {
      addresses: records.map(({ address }) => address),
      ttl: Math.min(...records.map(({ ttl }) => ttl)),
    };
  } finally {
    release();
  }
}

async function askSystem(host: string, family: AddressFamily, signal: AbortSignal): Promise<ResolvedHost> {
  const found = await orAborted(lookup(host, { all: true, family: family === 'any' ? 0 : family }), signal);
  return {
    addresses: [...found.filter((each) => each.family === 6), ...found.filter((each) => each.family === 4)].map(
      ({ address }) => address,
    ),
  };
}

/** That one family has no address says nothing where the question for the other was not answered at all. */
function worstOf(answers: readonly PromiseSettledResult<unknown>[]): Error {
  const errors = answers.flatMap((answer) => (answer.status === 'rejected' ? [toError(answer.reason)] : []));
  const [first = new Error('nobody was asked')] = errors;
  return errors.find((error) => !isUnknownName(error)) ?? first;
}

function isUnknownName(error: unknown): boolean {
  return isError(error) && 'code' in error && (error.code === 'ENOTFOUND' || error.code === 'ENODATA');
}

/** IPv6 before IPv4, as RFC 8305 section 4 prefers. */
function ofFamily(addresses: readonly string[], family: AddressFamily): readonly string[] {
  const wanted = family === 'any' ? [6, 4] : [family];
  return wanted.flatMap((each) => addresses.filter((address) => isIP(address) === each));
}
