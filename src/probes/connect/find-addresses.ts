import { isIP } from 'node:net';
import { orAborted } from '../../events/index.js';
import { escapeText } from '../escape-text.js';
import { failedBy, failureOf, timedOut } from '../failure.js';
import { type AddressFamily, type ResolveHost, resolveHost } from '../resolve-host.js';
import type { ProbeFailure } from '../result.js';
import { interleaveFamilies } from './interleave.js';

export type AddressesFound =
  | {
      /** In the order of trying. */
      readonly addresses: readonly string[];
      /** Milliseconds; absent for an IP address, which needs no resolving. */
      readonly duration?: number;
    }
  | { readonly failure: ProbeFailure };

/** The addresses of a host, of the family that is asked for. Never rejects. */
export async function findAddresses(
  host: string,
  family: AddressFamily,
  resolve: ResolveHost = resolveHost,
  { signal, timeout }: { readonly signal: AbortSignal; readonly timeout: number },
): Promise<AddressesFound> {
  if (isIP(host) !== 0) return chosen(host, [host], family);
  const start = performance.now();
  try {
    const { addresses } = await orAborted(resolve(host, { family, signal }), signal);
    return { ...chosen(host, addresses, family), duration: performance.now() - start };
  } catch (error) {
    if (signal.aborted)
      return { failure: { ...timedOut(timeout, `an address of ${host}`), failureSource: 'resolver' } };
    return { failure: failureOf(error) ?? failedBy('resolver', 'resolver-failed', escapeText(String(error))) };
  }
}

function chosen(host: string, addresses: readonly string[], family: AddressFamily): AddressesFound {
  const usable = addresses.filter((address) => isIP(address) !== 0 && (family === 'any' || isIP(address) === family));
  if (usable.length > 0) return { addresses: interleaveFamilies([...new Set(usable)]) };
  const wanted = family === 'any' ? 'IP' : `IPv${family}`;
  return { failure: failedBy('resolver', 'name-not-found', `${host} has no ${wanted} address`) };
}
