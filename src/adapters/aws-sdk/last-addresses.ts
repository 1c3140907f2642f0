import { isError } from '../../errors/index.js';
import type { SdkOutput, SdkRequest } from './sdk.js';

/** Hosts that are remembered, so that a client of many buckets stays bounded. */
const MOST_HOSTS = 256;

/**
 * The addresses at which hosts have answered last, for when their names cannot be looked up. That the resolver fails is no failure of the server,
 * and most connections of an upload are new ones.
 *
 * Source: RFC 8767, Serving Stale Data to Improve DNS Resiliency. A certificate is checked against the name all the same, which is in the Host
 * header.
 */
export class LastAddresses {
  readonly #addresses = new Map<string, string>();

  /** Remembers where an answer came from; not where that was a proxy. */
  note({ hostname, port, protocol }: SdkRequest, { response }: SdkOutput): void {
    const { remoteAddress, remotePort } = socketOf(response.body);
    if (typeof remoteAddress !== 'string' || remotePort !== (port ?? (protocol === 'http:' ? 80 : 443))) return;
    // The one that is used last is the last to be forgotten.
    this.#addresses.delete(hostname);
    this.#addresses.set(hostname, remoteAddress);
    const [oldest] = this.#addresses.keys();
    if (this.#addresses.size > MOST_HOSTS && oldest !== undefined) this.#addresses.delete(oldest);
  }

  /** The same request to the host's last address, where the error says that its name could not be looked up for the moment. */
  redirect(request: SdkRequest, error: unknown): SdkRequest | undefined {
    const address = this.#addresses.get(request.hostname);
    if (address === undefined || !isLookupFailure(error)) return undefined;
    return Object.assign(Object.create(Object.getPrototypeOf(request)), request, { hostname: address });
  }
}

/** getaddrinfo(3): EAI_AGAIN, "a temporary failure in name resolution". That there is no such name is another matter. */
function isLookupFailure(error: unknown): boolean {
  return isError(error) && 'code' in error && error.code === 'EAI_AGAIN';
}

function socketOf(body: unknown): { readonly remoteAddress?: unknown; readonly remotePort?: unknown } {
  const socket = typeof body === 'object' && body !== null && 'socket' in body ? body.socket : undefined;
  return typeof socket === 'object' && socket !== null ? socket : {};
}
