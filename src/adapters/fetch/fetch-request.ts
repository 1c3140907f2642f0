import { IDEMPOTENCY_KEY } from '../shared/http-idempotency.js';
import { isReplayableBody, isUntouchedStream } from '../shared/replayable-body.js';
import { bufferStart } from './buffer-start.js';
import type { FetchInit } from './create-fetch.js';

/** What a caller wants fetched, in a form that can be sent as often as its body allows. */
export class FetchRequest {
  readonly url: URL;
  readonly method: string;
  readonly signal: AbortSignal | undefined;
  readonly hasIdempotencyKey: boolean;
  /** Whether its body can be sent again. */
  readonly isReplayable: boolean;
  readonly #input: string | URL | Request;
  readonly #init: FetchInit;

  /**
   * @throws {TypeError} as `fetch` does, for a URL, a method or headers that make no sense.
   */
  static async of(input: string | URL | Request, init: FetchInit): Promise<FetchRequest> {
    const { body, signal } = init;
    if (!isRequest(input) || (body !== undefined && body !== null)) return new FetchRequest(input, init);
    if (input.body === null) return new FetchRequest(input, init);
    // It does not say what its body was made of, and a stream can be read once.
    return new FetchRequest(input, { ...init, body: await bufferStart(input.body, signal ?? input.signal) });
  }

  private constructor(input: string | URL | Request, init: FetchInit) {
    this.#input = input;
    this.#init = init;
    const given = isRequest(input) ? input : undefined;
    this.url = new URL(given?.url ?? String(input));
    this.method = (init.method ?? given?.method ?? 'GET').toUpperCase();
    this.signal = init.signal ?? (init.signal === null ? undefined : given?.signal);
    this.hasIdempotencyKey = new Headers(init.headers ?? given?.headers).has(IDEMPOTENCY_KEY);
    this.isReplayable = typeof init.body === 'function' || isReplayableBody(init.body);
  }

  /** Whether a body that cannot be sent again is still there as it was. */
  get isUntouched(): boolean {
    return isUntouchedStream(this.#init.body);
  }

  async send(fetch: typeof globalThis.fetch, signal: AbortSignal | undefined): Promise<Response> {
    const { body: given, ...init } = this.#init;
    const body = typeof given === 'function' ? await given() : given;
    return fetch(this.#input, {
      ...init,
      ...(signal !== undefined && { signal }),
      ...(body !== undefined && { body }),
      // What undici asks for where a body has no end that is known.
      ...(!isReplayableBody(body) && { duplex: 'half' }),
    });
  }
}

function isRequest(input: string | URL | Request): input is Request {
  // By shape: those of Node and of the undici package are two classes.
  return typeof input === 'object' && 'url' in input && 'headers' in input;
}
