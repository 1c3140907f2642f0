import { Readable } from 'node:stream';
import type { AxiosAdapter, AxiosInstance, AxiosRequestConfig, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { InvalidOptionError, toError } from '../../errors/index.js';
import type { NetworkSource } from '../../retry/index.js';
import { IDEMPOTENCY_KEY } from '../shared/http-idempotency.js';
import type { HttpOptions, StatusOptions } from '../shared/http-options.js';
import { destinationOf, FEW_RETRIES, HttpRetryer, type RequestFacts } from '../shared/http-retryer.js';
import { loadPeer } from '../shared/load-peer.js';
import { isReplayableBody, isUntouchedStream } from '../shared/replayable-body.js';
import { followCancellation } from './cancellation.js';
import { Sender } from './sender.js';

/** The Retryer's options, and those of the way. */
export interface AxiosOptions extends HttpOptions, StatusOptions {}

/**
 * Makes an axios instance wait for the network instead of failing without it, and gives it back.
 *
 * It stands in the place of the instance's adapter and before the one that was there, so that interceptors see one request, however often it is
 * sent. While the way to the host is gone, nothing is sent; a request that is in flight on a way that is lost is ended, and sent again when the
 * network is back, without spending an attempt. What fails for another reason, and the statuses 408, 425, 429, 500, 502, 503 and 504, is tried again
 * by the Retryer's rules, with `retries: 2` by default; with axios-retry or interceptors of your own that retry, say `retries: 0`. All this only
 * for requests that may be sent twice: by their method or their Idempotency-Key, and with a body that is no stream. Others are sent once, when
 * there is a way.
 *
 * axios's `timeout` holds for each attempt, and not for the waits. With `responseType: 'stream'` an answer is the caller's as soon as its headers
 * are there; should the network be lost after that, the stream ends with `NetworkDownError`.
 *
 * @param network a `NetworkMonitor`, `SimulatedNetwork` or your own; by default the monitor that the process shares.
 * @throws {InvalidOptionError} where it is no axios instance, or an option has a wrong name, type or range.
 *
 * @example
 * ```
 * const api = networkAwareAxios(axios.create({ baseURL: 'https://api.example.com' }), monitor);
 * const { data } = await api.get('/orders');
 * ```
 */
export function networkAwareAxios<Instance extends AxiosInstance>(
  instance: Instance,
  network?: NetworkSource,
  options: AxiosOptions = {},
): Instance {
  if (typeof instance !== 'function' || typeof instance.getUri !== 'function') {
    throw new InvalidOptionError('networkAwareAxios: instance', instance, 'an axios instance');
  }
  const retryer = new HttpRetryer('networkAwareAxios', network, options, FEW_RETRIES);
  const inner = instance.defaults.adapter;
  instance.defaults.adapter = async (config) => {
    const send = await adapterOf(inner);
    const url = instance.getUri(config);
    const destination = URL.canParse(url) && !config.socketPath ? destinationOf(new URL(url)) : undefined;
    // It fails by itself, or goes to this very machine.
    if (destination === undefined) return send(config);
    return perform(retryer, send, config, destination);
  };
  return instance;
}

/** axios knows its adapters by name, and takes the first of several that there is. */
async function adapterOf(adapter: AxiosRequestConfig['adapter']): Promise<AxiosAdapter> {
  if (typeof adapter === 'function') return adapter;
  const { getAdapter } = await loadPeer('axios', 'netpause/axios', () => import('axios'));
  return getAdapter(adapter);
}

async function perform(
  retryer: HttpRetryer,
  send: AxiosAdapter,
  config: InternalAxiosRequestConfig,
  destination: string,
): Promise<AxiosResponse> {
  const ended = new AbortController();
  const facts: RequestFacts = {
    destination,
    method: config.method ?? 'GET',
    hasIdempotencyKey: config.headers.has(IDEMPOTENCY_KEY),
    isReplayable: isReplayableBody(config.data),
    isUntouched: () => isUntouchedStream(config.data),
    signal: ended.signal,
  };
  const release = followCancellation(config, ended);
  const sender = new Sender(send, config);
  try {
    const response = await retryer.run(facts, (_attemptNumber, { signal }) => sender.send(signal));
    if (response.data instanceof Readable) followStream(retryer, facts, response.data, release);
    else if (isWebStream(response.data))
      response.data = sender.follow(response, response.data, retryer, facts, release);
    else release();
    return response;
  } catch (error) {
    release();
    sender.discardUnless(error);
    throw error;
  }
}

/** What the caller reads by himself ends with the network, or when he cancels the request. */
function followStream(retryer: HttpRetryer, facts: RequestFacts, stream: Readable, release: () => void): void {
  const end = (reason: unknown): void => {
    stream.destroy(toError(reason));
  };
  const releases = [retryer.bodyWatch(facts)(end), retryer.onEnd(facts, end), release];
  stream.once('close', () => {
    for (const each of releases) each();
  });
}

function isWebStream(data: unknown): data is ReadableStream<Uint8Array> {
  return typeof data === 'object' && data !== null && 'getReader' in data;
}
