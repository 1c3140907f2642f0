import { setSequence } from './request-writer.js';
import { encodeRouteRequest, type RouteQuery } from './requests.js';

/** Far more than anybody watches; what is asked for once in a while is not worth the memory. */
const MOST_KEPT = 256;

/** Requests for routes that were put together before. After every change in the network the same ones are made again. */
export class RouteRequests {
  readonly #known = new Map<string, Uint8Array>();

  /**
   * @returns bytes that are valid until the next call.
   * @throws {InvalidOptionError}
   */
  request(sequence: number, query: RouteQuery): Uint8Array {
    const key = keyOf(query);
    const known = key === undefined ? undefined : this.#known.get(key);
    if (known !== undefined) return setSequence(known, sequence);
    const request = encodeRouteRequest(sequence, query);
    if (this.#known.size >= MOST_KEPT) this.#known.clear();
    if (key !== undefined) this.#known.set(key, request);
    return request;
  }
}

/** Undefined for what only the encoder can say what is wrong with. */
function keyOf(query: RouteQuery): string | undefined {
  try {
    return JSON.stringify(query);
  } catch {
    return undefined;
  }
}
