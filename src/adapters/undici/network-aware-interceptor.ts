import type { Dispatcher } from 'undici';
import type { NetworkSource } from '../../retry/index.js';
import { IDEMPOTENCY_KEY } from '../shared/http-idempotency.js';
import type { HttpOptions, StatusOptions } from '../shared/http-options.js';
import { destinationOf, FEW_RETRIES, HttpRetryer, type RequestFacts } from '../shared/http-retryer.js';
import { isReplayableBody } from '../shared/replayable-body.js';
import { Exchange } from './exchange.js';

/** The Retryer's options, and those of the way. */
export interface InterceptorOptions extends HttpOptions, StatusOptions {}

/**
 * An interceptor for undici's dispatchers that makes their requests wait for the network instead of failing without it.
 *
 * While the way to the origin is gone, nothing is dispatched; a request that is in flight on a way that is lost is ended, and dispatched again
 * when the network is back, without spending an attempt. What fails for another reason, and the statuses 408, 425, 429, 500, 502, 503 and 504, is
 * tried again by the Retryer's rules, with `retries: 2` by default; the last answer is passed on as it is. All this only for requests that may be
 * sent twice: by their method or their Idempotency-Key, and with a body that is no stream. Others are sent once, when there is a way; so are the
 * bodies that `fetch` dispatches, which are streams to undici: see `createFetch` of `netpause/fetch` for those.
 *
 * Once the headers of an answer are passed on, the request is not repeated; should the network be lost after that, the body ends with
 * `NetworkDownError`. CONNECT and upgrades are passed on untouched. undici's own timeouts hold for each attempt, and not for the waits.
 *
 * @param network a `NetworkMonitor`, `SimulatedNetwork` or your own; by default the monitor that the process shares.
 * @throws {InvalidOptionError} where an option has a wrong name, type or range.
 *
 * @example
 * ```
 * setGlobalDispatcher(new Agent().compose(networkAwareInterceptor(monitor)));
 * ```
 */
export function networkAwareInterceptor(
  network?: NetworkSource,
  options: InterceptorOptions = {},
): Dispatcher.DispatcherComposeInterceptor {
  const retryer = new HttpRetryer('networkAwareInterceptor', network, options, FEW_RETRIES);
  return (dispatch) => (request, handler) => {
    if (request.method === 'CONNECT' || request.upgrade) return dispatch(request, handler);
    new Exchange(retryer, (attempt) => dispatch(request, attempt), handler, factsOf(request)).start();
    return true;
  };
}

function factsOf({ origin, method, headers, body }: Dispatcher.DispatchOptions): Omit<RequestFacts, 'signal'> {
  return {
    // A Client or Pool knows its origin, and need not be told.
    destination: origin === undefined ? undefined : destinationOf(new URL(origin)),
    method,
    hasIdempotencyKey: namesOf(headers).includes(IDEMPOTENCY_KEY),
    isReplayable: isReplayableBody(body),
  };
}

/** Headers come as an object, as pairs, or as a flat list of names and values. */
function namesOf(headers: Dispatcher.DispatchOptions['headers']): readonly string[] {
  if (headers === undefined || headers === null) return [];
  const names = isIterable(headers) ? namesIn([...headers]) : Object.keys(headers);
  return names.map((name) => name.toLowerCase());
}

function namesIn(list: readonly unknown[]): readonly string[] {
  return list.flatMap((item, index) => {
    if (Array.isArray(item)) return [String(item[0])];
    return index % 2 === 0 ? [String(item)] : [];
  });
}

function isIterable(headers: object): headers is Iterable<unknown> {
  return Symbol.iterator in headers;
}
