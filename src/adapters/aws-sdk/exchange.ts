import { Readable } from 'node:stream';
import { NetworkDownError } from '../../errors/index.js';
import { orAborted } from '../../events/index.js';
import { AbortError, type AttemptContext, type NetworkSource } from '../../retry/index.js';
import { abortError, toAbortSignal } from './abort-signal.js';
import type { IdleSockets } from './idle-sockets.js';
import type { LastAddresses } from './last-addresses.js';
import type { Wiring } from './network-aware-handler.js';
import { watchBody } from './response-body.js';
import type { SdkHandler, SdkHandlerOptions, SdkOutput, SdkRequest } from './sdk.js';
import { noteSending } from './sendings.js';

/** What one request needs of its client. */
export interface ExchangeWiring extends Omit<Wiring, 'network'> {
  readonly handler: SdkHandler;
  readonly idleSockets: IdleSockets;
  readonly addresses: LastAddresses;
  /** As judged for the request's own destination. */
  readonly network: NetworkSource;
}

/** One request and its answer, through as many outages as come between. To the SDK it is one attempt. */
export class Exchange {
  readonly #wiring: ExchangeWiring;
  readonly #options: SdkHandlerOptions;
  readonly #signal: AbortSignal | undefined;
  #request: SdkRequest;
  /** When an outage was noticed, by `performance.now()`. */
  #lostAt: number | undefined;
  #isPaused = false;

  constructor(request: SdkRequest, options: SdkHandlerOptions, wiring: ExchangeWiring) {
    this.#request = request;
    this.#options = options;
    this.#wiring = wiring;
    this.#signal = toAbortSignal(options.abortSignal);
  }

  async run(): Promise<SdkOutput> {
    const { retryer, retry, network, fates } = this.#wiring;
    const signal = this.#signal;
    try {
      return await retryer.run((_attemptNumber, context) => this.#attempt(context), {
        network,
        signal,
        // A trial that fails would cost the stream.
        ...(!isRepeatable(this.#request.body) && { trialInterval: Number.POSITIVE_INFINITY }),
        // Neither path nor query: they may hold secrets.
        name: retry.name ?? `${this.#request.method} ${this.#request.hostname}`,
        onPause: (event) => {
          this.#isPaused = true;
          this.#lostAt ??= performance.now();
          retry.onPause?.(event);
        },
        onResume: (event) => {
          this.#isPaused = false;
          retry.onResume?.(event);
        },
      });
    } catch (error) {
      if (signal?.aborted) throw abortError(signal);
      // It waited as long as it may; to have the SDK try again would be to wait as long again.
      if (this.#isPaused) fates.set(error, 'final');
      throw error;
    }
  }

  async #attempt({ signal }: AttemptContext): Promise<SdkOutput> {
    const { network, retry, fates } = this.#wiring;
    if (this.#lostAt !== undefined) await this.#renew(this.#lostAt, signal);
    try {
      const output = await this.#send(signal);
      const { interruptAfter, idempotent = true } = retry;
      watchBody(output.response, { network, interruptAfter, idempotent, signal: this.#signal, fates });
      return output;
    } catch (error) {
      this.#lostAt = performance.now();
      throw canBeSentAgain(this.#request.body) ? error : endOf(error, signal);
    }
  }

  async #send(abortSignal: AbortSignal): Promise<SdkOutput> {
    const { handler, network, addresses } = this.#wiring;
    const options = { ...this.#options, abortSignal };
    if (this.#signal !== undefined) noteSending(this.#signal);
    try {
      const output = await handler.handle(this.#request, options);
      addresses.note(this.#request, output);
      return output;
    } catch (error) {
      const mayBeSent = canBeSentAgain(this.#request.body) && network.state !== 'down' && !abortSignal.aborted;
      const redirected = mayBeSent ? addresses.redirect(this.#request, error) : undefined;
      if (redirected === undefined) throw error;
      return await handler.handle(redirected, options);
    }
  }

  /** What an outage may have spoilt: the connections of before, and a signature that counts by minutes. */
  async #renew(lostAt: number, signal: AbortSignal): Promise<void> {
    const { idleSockets, signatures } = this.#wiring;
    idleSockets.dropOlderThan(lostAt);
    // Credentials may have to be fetched for it, by somebody who knows nothing of the signal.
    this.#request = await orAborted(signatures.renew(this.#request), signal);
    this.#lostAt = undefined;
  }
}

/** A stream is consumed by its first sending, if only in part; not by one that has failed before it came to the body. */
function canBeSentAgain(body: unknown): boolean {
  return isRepeatable(body) || isUntouched(body);
}

function isRepeatable(body: unknown): boolean {
  return body === undefined || body === null || typeof body === 'string' || isBytes(body);
}

function isUntouched(body: unknown): boolean {
  return body instanceof Readable && !body.destroyed && body.readableFlowing === null && !Readable.isDisturbed(body);
}

function isBytes(body: unknown): boolean {
  return ArrayBuffer.isView(body) || body instanceof ArrayBuffer;
}

/** Ends the call with what there is to say. That an attempt was aborted says less than why. */
function endOf(error: unknown, signal: AbortSignal): AbortError {
  const { reason } = signal;
  // Another object than the reason, which would mean: aborted, to be sent again.
  if (reason instanceof NetworkDownError) return new AbortError(new NetworkDownError(reason.reason, { cause: error }));
  return new AbortError(error instanceof Error ? error : String(error));
}
