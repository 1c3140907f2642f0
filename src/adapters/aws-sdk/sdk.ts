/**
 * What is used of the AWS SDK's inner interfaces, by shape: no package of the SDK has to be installed or found for it, and whichever version a
 * client has brings its own strategies, handlers and signers.
 *
 * Source: `@smithy/types`: RequestHandler, RetryStrategyV2, HttpSigner, and the extension configurations of the clients.
 */

/** A request as it is signed and sent. */
export interface SdkRequest {
  readonly protocol?: string | undefined;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface SdkOutput {
  readonly response: { body?: unknown };
}

export interface SdkHandlerOptions {
  /** An AbortSignal, or one of the SDK's own from before Node had any: `{ aborted, onabort }`. */
  readonly abortSignal?: unknown;
}

/** What sends requests: the client's `requestHandler`. */
export interface SdkHandler {
  handle(request: SdkRequest, options?: SdkHandlerOptions): Promise<SdkOutput>;
  readonly metadata?: unknown;
  destroy?(): void;
  updateHttpClientConfig?(key: string, value: unknown): void;
  httpHandlerConfigs?(): object;
}

export interface SdkRetryToken {
  getRetryCount(): number;
  getRetryDelay(): number;
}

export interface SdkRetryErrorInfo {
  readonly error?: unknown;
}

/** What decides over the attempts of one client. */
export interface SdkRetryStrategy {
  readonly mode?: unknown;
  acquireInitialRetryToken(scope: string): Promise<SdkRetryToken>;
  refreshRetryTokenForRetry(token: SdkRetryToken, info: SdkRetryErrorInfo): Promise<SdkRetryToken>;
  recordSuccess(token: SdkRetryToken): void;
}

export type SdkSign = (request: SdkRequest, identity: unknown, properties: unknown) => Promise<SdkRequest>;

/** What signs requests; the two handlers follow the clock of the server. */
export interface SdkSigner {
  sign: SdkSign;
  readonly errorHandler?: unknown;
  readonly successHandler?: unknown;
}

export interface SdkAuthScheme {
  readonly schemeId: string;
  readonly signer: SdkSigner;
}

/** What an extension may change of the client that it is given to. */
export interface SdkClientConfiguration {
  httpHandler(): SdkHandler | undefined;
  setHttpHandler(handler: SdkHandler): void;
  retryStrategy(): () => Promise<object>;
  setRetryStrategy(provider: () => Promise<object>): void;
  httpAuthSchemes?(): readonly SdkAuthScheme[];
  setHttpAuthScheme?(scheme: SdkAuthScheme): void;
}

/** Whether an extension was given what the clients of today give it. */
export function isClientConfiguration(configuration: object): configuration is SdkClientConfiguration {
  return ['httpHandler', 'setHttpHandler', 'retryStrategy', 'setRetryStrategy'].every((name) =>
    hasMethod(configuration, name),
  );
}

/** Whether it is a strategy of the second kind; one of the first runs all attempts by itself. */
export function isRetryStrategy(strategy: object): strategy is SdkRetryStrategy {
  return ['acquireInitialRetryToken', 'refreshRetryTokenForRetry', 'recordSuccess'].every((name) =>
    hasMethod(strategy, name),
  );
}

function hasMethod(value: object, name: string): boolean {
  return typeof Reflect.get(value, name) === 'function';
}
