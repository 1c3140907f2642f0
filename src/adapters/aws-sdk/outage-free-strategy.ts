import type { Fates } from './fates.js';
import type { SdkRetryErrorInfo, SdkRetryStrategy, SdkRetryToken } from './sdk.js';

/**
 * The client's own strategy for one call, which never hears of an outage. Most outages do not come this far: the handler has sent the request
 * again. What remains are answers that were lost while the SDK was reading them.
 */
export class OutageFreeStrategy implements SdkRetryStrategy {
  readonly #inner: SdkRetryStrategy;
  readonly #fates: Fates;
  readonly #maxOutages: number;
  #outages = 0;

  constructor(inner: SdkRetryStrategy, fates: Fates, maxOutages: number) {
    this.#inner = inner;
    this.#fates = fates;
    this.#maxOutages = maxOutages;
  }

  /** By this the SDK tells in its User-Agent how it retries. */
  get mode(): unknown {
    return this.#inner.mode;
  }

  acquireInitialRetryToken(scope: string): Promise<SdkRetryToken> {
    return this.#inner.acquireInitialRetryToken(scope);
  }

  /** The same token again is a repetition that costs nothing. It waits for nobody: the handler does, beneath the call's own signal. */
  async refreshRetryTokenForRetry(token: SdkRetryToken, info: SdkRetryErrorInfo): Promise<SdkRetryToken> {
    const fate = await this.#fates.of(info.error);
    if (fate === 'final') throw info.error;
    if (fate === 'own' || this.#outages >= this.#maxOutages) return this.#inner.refreshRetryTokenForRetry(token, info);
    this.#outages += 1;
    return token;
  }

  recordSuccess(token: SdkRetryToken): void {
    this.#inner.recordSuccess(token);
  }
}
