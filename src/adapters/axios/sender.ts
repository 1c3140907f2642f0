import { Readable } from 'node:stream';
import type { AxiosAdapter, AxiosRequestConfig, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { isError } from '../../errors/index.js';
import { onAbort } from '../../events/index.js';
import type { HttpRetryer, RequestFacts } from '../shared/http-retryer.js';
import { watchedBody } from '../shared/watched-body.js';

/** Sends one request through axios's own adapter, as often as it must, each time with a signal of its own. */
export class Sender {
  readonly #send: AxiosAdapter;
  /** It stays the caller's own object: interceptors and retries know it again. */
  readonly #config: InternalAxiosRequestConfig;
  readonly #ownSignal: AxiosRequestConfig['signal'];
  #controller = new AbortController();
  /** What the last attempt was refused with: its answer may be a stream that holds a connection until it is read. */
  #refusal: unknown;

  constructor(send: AxiosAdapter, config: InternalAxiosRequestConfig) {
    this.#send = send;
    this.#config = config;
    this.#ownSignal = config.signal;
  }

  /** @param attempt ends it until the answer is there. */
  async send(attempt: AbortSignal): Promise<AxiosResponse> {
    this.discardUnless(undefined);
    const controller = new AbortController();
    this.#controller = controller;
    if (attempt.aborted) controller.abort(attempt.reason);
    const stopFollowing = attempt.aborted ? () => {} : onAbort(attempt, () => controller.abort(attempt.reason));
    this.#config.signal = controller.signal;
    try {
      return await this.#send(this.#config);
    } catch (error) {
      this.#refusal = error;
      throw error;
    } finally {
      stopFollowing();
      this.#restoreSignal();
    }
  }

  /** Lets go of an answer that nobody will read, which is all but the one that the caller is handed with this error. */
  discardUnless(error: unknown): void {
    const refusal = this.#refusal;
    this.#refusal = undefined;
    if (refusal === error || !isError(refusal) || !('response' in refusal)) return;
    const body: unknown = Reflect.get(Object(refusal.response), 'data');
    if (body instanceof Readable) body.destroy();
    else this.#controller.abort();
  }

  /** The body of the last answer, which ends with the network, or when the caller cancels the request. */
  follow(
    response: AxiosResponse,
    body: ReadableStream<Uint8Array>,
    retryer: HttpRetryer,
    facts: RequestFacts,
    release: () => void,
  ): ReadableStream<Uint8Array> {
    const controller = this.#controller;
    const end = (reason: unknown): void => controller.abort(reason);
    const releaseEnd = retryer.onEnd(facts, end);
    return watchedBody(body, {
      response,
      watch: retryer.bodyWatch(facts),
      end,
      onSettled: () => {
        releaseEnd();
        release();
      },
    });
  }

  #restoreSignal(): void {
    if (this.#ownSignal === undefined) delete this.#config.signal;
    else this.#config.signal = this.#ownSignal;
  }
}
