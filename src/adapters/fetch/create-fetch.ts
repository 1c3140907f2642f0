import { InvalidOptionError } from '../../errors/index.js';
import { onAbort } from '../../events/index.js';
import type { NetworkSource } from '../../retry/index.js';
import { HeldAnswer } from '../shared/held-answer.js';
import type { HttpOptions, StatusOptions } from '../shared/http-options.js';
import { destinationOf, FEW_RETRIES, HttpRetryer, type RequestFacts } from '../shared/http-retryer.js';
import { watchedBody } from '../shared/watched-body.js';
import { FetchRequest } from './fetch-request.js';
import { responseWithBody } from './response-with-body.js';

/** A body as `fetch` takes it. */
export type FetchBody = NonNullable<RequestInit['body']> | AsyncIterable<Uint8Array> | null;

/** What `fetch` takes, and a function for the body. */
export interface FetchInit extends Omit<RequestInit, 'body'> {
  /** A function makes a fresh one for each attempt: `() => createReadStream(file)` or `() => openAsBlob(file)`. */
  readonly body?: FetchBody | (() => FetchBody | PromiseLike<FetchBody>) | undefined;
}

/** `fetch`, which waits for the network. */
export type NetworkAwareFetch = (input: string | URL | Request, init?: FetchInit) => Promise<Response>;

/** The Retryer's options, those of the way, and the `fetch` underneath. */
export interface FetchOptions extends HttpOptions, StatusOptions {
  /**
   * What sends the requests: Node's own, that of the undici package, or one of yours. Through undici's it uses undici's dispatchers.
   *
   * @default globalThis.fetch, looked up with each request
   */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/**
 * A `fetch` that waits for the network instead of failing without it.
 *
 * While the way to the host is gone no request is sent; one that is in flight on a way that is lost is ended, and sent again when the network is
 * back, without spending an attempt. What fails for another reason, and the statuses 408, 425, 429, 500, 502, 503 and 504, is tried again by the
 * Retryer's rules, with `retries: 2` by default; the last answer is handed over as it is. All this only for requests that may be sent twice:
 * by their method or their Idempotency-Key, and with a body that is not a stream. Others are sent once, when there is a way.
 *
 * An answer is the caller's as soon as its headers are there, and the request is not repeated any more. Should the network be lost while the body
 * is read, that ends with `NetworkDownError`. See `download` for files.
 *
 * @param network a `NetworkMonitor`, `SimulatedNetwork` or your own; by default the monitor that the process shares.
 * @throws {InvalidOptionError} where an option has a wrong name, type or range.
 *
 * @example
 * ```
 * const fetch = createFetch(monitor, { retries: 5 });
 * const response = await fetch('https://api.example.com/orders', { signal });
 * ```
 */
export function createFetch(network?: NetworkSource, options: FetchOptions = {}): NetworkAwareFetch {
  const { fetch: base, ...rest } = options;
  if (base !== undefined && typeof base !== 'function') {
    throw new InvalidOptionError('createFetch: fetch', base, 'a function');
  }
  const retryer = new HttpRetryer('createFetch', network, rest, FEW_RETRIES);
  return async (input, init = {}) => {
    const send = base ?? globalThis.fetch;
    const request = await FetchRequest.of(input, init);
    const destination = destinationOf(request.url);
    if (destination === undefined) return request.send(send, request.signal);
    return perform(retryer, send, request, {
      destination,
      method: request.method,
      hasIdempotencyKey: request.hasIdempotencyKey,
      isReplayable: request.isReplayable,
      isUntouched: () => request.isUntouched,
      signal: request.signal,
    });
  };
}

/** {@link createFetch} with the monitor that the process shares and the default options. */
export const networkAwareFetch: NetworkAwareFetch = (input, init) => {
  sharedFetch ??= createFetch();
  return sharedFetch(input, init);
};

let sharedFetch: NetworkAwareFetch | undefined;

async function perform(
  retryer: HttpRetryer,
  send: typeof globalThis.fetch,
  request: FetchRequest,
  facts: RequestFacts,
): Promise<Response> {
  try {
    return await retryer.run(facts, async (_attemptNumber, { signal }) => {
      const exchange = new Exchange(signal);
      const response = await exchange.begin((ownSignal) => request.send(send, ownSignal));
      if (!retryer.retriesStatus(response.status)) return exchange.handOver(response, retryer, facts);
      throw new HeldResponse(response, exchange, `${facts.method} ${facts.destination}`);
    });
  } catch (error) {
    if (error instanceof HeldResponse) return error.handOver(retryer, facts);
    throw error;
  }
}

/**
 * One request and its answer. It is ended by the signal of its attempt until the headers are there, and by the caller's own after that too.
 */
class Exchange {
  readonly #controller = new AbortController();
  readonly #stopFollowing: () => void;

  constructor(attempt: AbortSignal) {
    this.#stopFollowing = follow(attempt, this.#controller);
  }

  async begin(send: (signal: AbortSignal) => Promise<Response>): Promise<Response> {
    try {
      return await send(this.#controller.signal);
    } finally {
      this.#stopFollowing();
    }
  }

  handOver(response: Response, retryer: HttpRetryer, facts: RequestFacts): Response {
    if (response.body === null || response.status < 200) return response;
    const controller = this.#controller;
    const release = retryer.onEnd(facts, (reason) => controller.abort(reason));
    const body = watchedBody(response.body, {
      response,
      watch: retryer.bodyWatch(facts),
      end: (error) => controller.abort(error),
      onSettled: release,
    });
    return responseWithBody(response, body);
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }
}

class HeldResponse extends HeldAnswer {
  readonly #response: Response;
  readonly #exchange: Exchange;

  constructor(response: Response, exchange: Exchange, request: string) {
    super(response.status, response.headers, request, () => exchange.abort(this));
    this.#response = response;
    this.#exchange = exchange;
  }

  handOver(retryer: HttpRetryer, facts: RequestFacts): Response {
    return this.#exchange.handOver(this.#response, retryer, facts);
  }
}

function follow(signal: AbortSignal, controller: AbortController): () => void {
  if (signal.aborted) {
    controller.abort(signal.reason);
    return () => {};
  }
  return onAbort(signal, () => controller.abort(signal.reason));
}
