import { AttemptTimeoutError, NetworkDownError, toError } from '../../errors/index.js';
import { linkSignals, onAbort } from '../../events/index.js';
import { sharedMonitor, type TargetOptions } from '../../monitor/index.js';
import {
  AbortError,
  classifyFailure,
  createRetryer,
  type NetworkSource,
  type Operation,
  type RetryContext,
  type Retryer,
  type RetryOptions,
} from '../../retry/index.js';
import { HeldAnswer } from './held-answer.js';
import { isIdempotent } from './http-idempotency.js';
import {
  type HttpOptions,
  type HttpSettings,
  httpSettings,
  type StatusOptions,
  type WayOptions,
} from './http-options.js';
import { watchForLoss } from './loss-watch.js';
import { networkTo } from './network-to.js';

/** What has to be known of a request to decide about its repetition. */
export interface RequestFacts {
  /** As `'host:port'`; left out where it is not known, as by the dispatcher of a single origin. */
  readonly destination: string | undefined;
  readonly method: string;
  readonly hasIdempotencyKey: boolean;
  /** Whether its body can be sent again from the start. */
  readonly isReplayable: boolean;
  /**
   * Whether a body that cannot be sent again is still to be had whole, because nothing of it was read. Left out for clients that touch no body
   * before they are connected: there, what failed to connect proves it.
   */
  readonly isUntouched?: (() => boolean) | undefined;
  /** Ends it, wherever it is. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs HTTP requests by the rules that all adapters share: judged by their own destination; repeated freely where an outage was to blame, and by the
 * Retryer's options otherwise, but only where sending them twice does no harm.
 */
export class HttpRetryer {
  readonly #retryer: Retryer;
  readonly #network: NetworkSource | undefined;
  readonly #settings: HttpSettings;

  /**
   * @param owner what the options belong to, for error messages.
   * @param defaults the adapter's own, in place of the Retryer's.
   * @throws {InvalidOptionError} where an option has a wrong name, type or range.
   */
  constructor(
    owner: string,
    network: NetworkSource | undefined,
    options: HttpOptions & StatusOptions,
    defaults: RetryOptions = {},
  ) {
    this.#settings = httpSettings(owner, options);
    this.#network = network;
    const given = Object.entries(this.#settings.retry).filter(([, value]) => value !== undefined);
    this.#retryer = createRetryer({
      ...defaults,
      ...Object.fromEntries(given),
      network,
      idempotent: options.idempotent,
    });
  }

  /** Which answers are held back for another attempt. */
  retriesStatus(status: number): boolean {
    return this.#settings.statuses.has(status);
  }

  /** Runs one request. An answer that is held back has to be thrown as a {@link HeldAnswer}: it is discarded when it is not the last. */
  async run<Value>(request: RequestFacts, operation: Operation<Value>): Promise<Value> {
    const { retry } = this.#settings;
    const { signal, release } = linkSignals(request.signal, retry.signal);
    let held: HeldAnswer | undefined;
    try {
      return await this.#retryer.run(
        async (attemptNumber, context) => {
          try {
            return await operation(attemptNumber, context);
          } catch (error) {
            if (error instanceof HeldAnswer) held = error;
            else if (!request.isReplayable && request.isUntouched?.() === false) throw new AbortError(toError(error));
            throw error;
          }
        },
        {
          network: this.networkFor(request),
          idempotent: this.isRepeatable(request),
          name: retry.name ?? nameOf(request),
          signal,
          shouldRetry: async (context) => {
            const again = await this.#isWorthIt(context);
            if (again) held?.discard();
            return again;
          },
        },
      );
    } catch (error) {
      if (error !== held) held?.discard();
      throw error;
    } finally {
      release();
    }
  }

  /** Calls back when the request has to end: by its own signal, or by that of the options. @returns ends it. */
  onEnd(request: RequestFacts, end: (reason: unknown) => void): () => void {
    const { signal, release } = linkSignals(request.signal, this.#settings.retry.signal);
    if (signal.aborted) end(signal.reason);
    else onAbort(signal, () => end(signal.reason));
    return release;
  }

  /**
   * For the reading of an answer that the caller has already.
   *
   * @returns begins to watch the network under it, and calls back when that is lost; returns what ends the watch.
   */
  bodyWatch(request: RequestFacts): (onLost: (error: NetworkDownError) => void) => () => void {
    const { waitForNetwork, interruptAfter } = this.#settings.retry;
    if (waitForNetwork === false || !this.isRepeatable(request)) return () => () => {};
    // Now, while what the option `via` throws has somewhere to go.
    const network = this.networkFor(request);
    return (onLost) => watchForLoss(network, interruptAfter, onLost);
  }

  isRepeatable({ method, hasIdempotencyKey, isReplayable }: Omit<RequestFacts, 'signal'>): boolean {
    return isReplayable && (this.#settings.idempotent ?? isIdempotent(method, hasIdempotencyKey));
  }

  networkFor({ destination }: Pick<RequestFacts, 'destination'>): NetworkSource {
    if (destination === undefined) return this.#network ?? sharedMonitor();
    return networkTo(destination, this.#network, targetOptions(this.#settings.way, destination));
  }

  async #isWorthIt(context: RetryContext): Promise<boolean> {
    const { shouldRetry } = this.#settings.retry;
    return shouldRetry === undefined ? this.#mayBeCured(context.error) : shouldRetry(context);
  }

  /** Not a certificate that was refused, or a request that is malformed: what is no answer, no network error and no shortage stays as it is. */
  #mayBeCured(error: unknown): boolean {
    if (error instanceof AttemptTimeoutError || error instanceof NetworkDownError) return true;
    const failure = classifyFailure(error);
    if (failure.kind === 'response') return this.retriesStatus(failure.status);
    return failure.kind !== 'unknown';
  }
}

/**
 * Tries, where the client makes none of its own: as many as got and ky make. The Retryer's ten would keep a caller waiting for a quarter of an
 * hour when the server is broken.
 */
export const FEW_RETRIES: RetryOptions = { retries: 2 };

/** Where a request goes, as `'host:port'`; `undefined` for what does not go over the network, such as `data:`. */
export function destinationOf(url: URL): string | undefined {
  const port = url.port === '' ? DEFAULT_PORTS.get(url.protocol) : url.port;
  return port === undefined ? undefined : `${url.hostname}:${port}`;
}

const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ['http:', '80'],
  ['https:', '443'],
]);

function targetOptions({ via, source, mark, interface: name, askDestination }: WayOptions, to: string): TargetOptions {
  return { via: typeof via === 'function' ? via(to) : via, source, mark, interface: name, askDestination };
}

/** Neither path nor query: they may hold secrets. */
function nameOf({ method, destination }: RequestFacts): string {
  return destination === undefined ? method : `${method} ${destination}`;
}
