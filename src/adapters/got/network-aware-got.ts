import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import type { ExtendOptions, HandlerFunction, Options, RequestFunction, RetryFunction } from 'got';
import type { NetworkSource } from '../../retry/index.js';
import { IDEMPOTENCY_KEY } from '../shared/http-idempotency.js';
import type { HttpOptions } from '../shared/http-options.js';
import { destinationOf, HttpRetryer, type RequestFacts } from '../shared/http-retryer.js';
import { isReplayableBody } from '../shared/replayable-body.js';
import { GotSession } from './got-session.js';

/**
 * The Retryer's options and those of the way. Retries of what is no outage are got's own: its option `retry` says how many there are, of which
 * methods and after which errors and statuses.
 */
export type GotOptions = Omit<HttpOptions, 'retries' | 'shouldRetry' | 'shouldConsumeRetry'>;

/**
 * Options for `got.extend` by which its requests wait for the network instead of failing without it.
 *
 * While the way to the host is gone, no request is sent; one that is in flight on a way that is lost is ended and, with got's promises, made again
 * when the network is back, without counting against `retry.limit`. Everything else is left to got: its `retry`, its hooks, and its timeouts, which
 * hold for each attempt and do not run while it waits. Only requests that may be sent twice are ended and repeated: by their method or their
 * Idempotency-Key, and with a body that is no stream. Others are sent once, when there is a way. A `got.stream` is parked and ended too, but got
 * makes it again only for those who listen to its `retry` event. With got's `http2`, requests are parked, but not ended.
 *
 * @param network a `NetworkMonitor`, `SimulatedNetwork` or your own; by default the monitor that the process shares.
 * @throws {InvalidOptionError} where an option has a wrong name, type or range.
 *
 * @example
 * ```
 * const client = got.extend(networkAwareGot(monitor));
 * const orders = await client('https://api.example.com/orders').json();
 * ```
 */
export function networkAwareGot(network?: NetworkSource, options: GotOptions = {}): ExtendOptions {
  const retryer = new HttpRetryer('networkAwareGot', network, options, { retries: 0 });
  const handler: HandlerFunction = (request, next) => {
    const session = new GotSession(retryer, (url) => factsOf(request, url));
    prepare(request, session);
    const result = next(request);
    endWith(result, session);
    return result;
  };
  return { handlers: [handler] };
}

/** Puts the session between got and its requests, and between got and its decisions about failures. */
function prepare(request: Options, session: GotSession): void {
  const { request: send, retry } = request;
  request.request = (url, ...rest) => {
    const begin = () => {
      const sent = send?.(url, ...rest) ?? senderFor(request, url)(url, ...rest);
      if (sent === undefined) throw new TypeError('the option request of got has made no request');
      return sent;
    };
    const [{ socketPath }] = rest;
    // A socket of this very machine needs no network.
    return socketPath ? begin() : session.send(url, begin);
  };
  const decide: RetryFunction = (failure) => {
    const isOver = retry.enforceRetryRules === true && failure.computedValue === 0;
    return isOver || retry.calculateDelay === undefined ? failure.computedValue : retry.calculateDelay(failure);
  };
  const calculateDelay: RetryFunction = (failure) => session.delayAfter(failure, () => decide(failure));
  // With its rules enforced, got would not ask about the last attempt at all.
  request.retry = { ...retry, enforceRetryRules: false, calculateDelay };
  // Asked last, about what got rejects with: nothing of the request is left.
  request.hooks.beforeError.push((error) => {
    session.end();
    return error;
  });
}

/** got's own choice. The URL may have become another by a redirect. */
function senderFor(options: Options, url: URL): RequestFunction {
  if (options.http2) return options.getFallbackRequestFunction() ?? https.request;
  return url.protocol === 'https:' ? https.request : http.request;
}

/**
 * Hears of the ends that got does not tell of otherwise. Not by the promise's own: whoever listens to that hides from Node that nobody handles its
 * failure.
 */
function endWith(result: GotReturn, session: GotSession): void {
  if (result instanceof Readable) {
    result.once('close', () => session.endUnlessRepeated());
  } else if (isCancelable(result)) {
    const cancel = result.cancel.bind(result);
    result.cancel = (reason) => {
      session.end();
      cancel(reason);
    };
  }
}

type GotReturn = ReturnType<Parameters<HandlerFunction>[1]>;

function isCancelable(result: unknown): result is { cancel(reason?: string): void } {
  return typeof result === 'object' && result !== null && 'cancel' in result && typeof result.cancel === 'function';
}

function factsOf({ method, headers, body }: Options, url: URL): Omit<RequestFacts, 'signal'> {
  return {
    destination: destinationOf(url),
    method,
    hasIdempotencyKey: headers[IDEMPOTENCY_KEY] !== undefined,
    isReplayable: isReplayableBody(body),
  };
}
