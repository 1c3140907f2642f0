import { InvalidOptionError } from '../../errors/index.js';
import type { TargetOptions } from '../../monitor/index.js';
import {
  checkOptions,
  either,
  functionRule,
  nonEmptyString,
  type OptionRules,
  wholeNumberFrom,
} from '../../options/index.js';
import { createRetryer, type NetworkSource, type RetryOptions } from '../../retry/index.js';
import { Fates } from './fates.js';
import { NetworkAwareHandler } from './network-aware-handler.js';
import { OutageFreeStrategy } from './outage-free-strategy.js';
import { isClientConfiguration, isRetryStrategy, type SdkClientConfiguration } from './sdk.js';
import { Signatures } from './signatures.js';

/** How a client meets outages. All of them are the Retryer's own options, or say how the requests reach their destination. */
export interface NetworkAwareOptions
  extends Pick<
      RetryOptions,
      | 'name'
      | 'logger'
      | 'interruptAfter'
      | 'maxPause'
      | 'maxOutages'
      | 'trialInterval'
      | 'idempotent'
      | 'unref'
      | 'onPause'
      | 'onResume'
    >,
    Omit<TargetOptions, 'via'> {
  /**
   * The proxy that the requests are sent through, as `'host:port'`: the path is judged to that one. A function says it for each destination
   * (`'host:port'`), and `undefined` for one that is reached without.
   *
   * @default none
   */
  readonly via?: string | ((destination: string) => string | undefined) | undefined;
}

/** What goes into a client's configuration. */
export interface NetworkAware {
  /** For a client with extensions of its own: `extensions: [...networkAware(monitor).extensions, ...yours]`. */
  readonly extensions: ClientExtension[];
}

/** A runtime extension, as every client of the AWS SDK takes it. */
export interface ClientExtension {
  /** Called by the client when it is made. */
  configure(configuration: object): void;
}

/**
 * Makes any client of the AWS SDK for JavaScript v3 network-aware, by what is spread into its configuration. While the kernel has no way to the
 * endpoint, requests wait instead of failing; one that hangs on a dead connection is ended and sent again, signed anew; and none of this is an
 * attempt to the SDK. For every other failure its own rules go on as they are: `maxAttempts`, `retryMode`, token bucket, Retry-After.
 *
 * Each request is judged by its own endpoint. The client's `requestHandler` and `retryStrategy`, its own or yours, are kept and wrapped.
 *
 * @param network left out, it is the monitor that the process shares.
 * @throws {InvalidOptionError} where an option has a wrong name, type or range.
 *
 * @example
 * ```
 * const s3 = new S3Client({ ...networkAware(monitor), region: 'eu-central-1' });
 * const db = new DynamoDBClient({ ...networkAware(monitor), region: 'eu-central-1' });
 * ```
 */
export function networkAware(network?: NetworkSource, options: NetworkAwareOptions = {}): NetworkAware {
  checkOptions('networkAware', options, RULES);
  const { via, source, mark, interface: name, askDestination, ...retry } = options;
  const way = { source, mark, interface: name, askDestination };
  // A failure of its own is the SDK's matter, so that nothing is ever retried here.
  const retryer = createRetryer({ ...retry, network, retries: 0 });

  function configure(client: object): void {
    const handler = isClientConfiguration(client) ? client.httpHandler() : undefined;
    // Older clients take extensions too, but have them replace a handler that they do not use (3.600 is one).
    if (!isClientConfiguration(client) || handler === undefined) {
      throw new InvalidOptionError(
        'networkAware: client',
        client,
        'a client of the AWS SDK for JavaScript, 3.731 or later',
      );
    }
    // Given twice, it is still one.
    if (handler instanceof NetworkAwareHandler) return;
    const fates = new Fates();
    const signatures = new Signatures();
    signatures.rememberThoseOf(client);
    keepOutagesFrom(client, fates, options.maxOutages ?? MOST_OUTAGES);
    client.setHttpHandler(new NetworkAwareHandler(handler, { retryer, network, via, way, retry, fates, signatures }));
  }

  return { extensions: [{ configure }] };
}

/** The Retryer's default for `maxOutages`. */
const MOST_OUTAGES = 100;

/** The client asks for its strategy with every call, and so each call has one of its own around the one that they share. */
function keepOutagesFrom(client: SdkClientConfiguration, fates: Fates, maxOutages: number): void {
  const provide = client.retryStrategy();
  client.setRetryStrategy(async () => {
    const strategy = await provide();
    return isRetryStrategy(strategy) ? new OutageFreeStrategy(strategy, fates, maxOutages) : strategy;
  });
}

/** Checked where it is used: by the Retryer, and by the network, which knows what an address is. */
const elsewhere = { allowed: '', accepts: () => true };

const RULES: OptionRules<NetworkAwareOptions> = {
  via: either(nonEmptyString, functionRule),
  source: nonEmptyString,
  mark: wholeNumberFrom(0, 2 ** 32 - 1),
  interface: nonEmptyString,
  askDestination: elsewhere,
  name: elsewhere,
  logger: elsewhere,
  interruptAfter: elsewhere,
  maxPause: elsewhere,
  maxOutages: elsewhere,
  trialInterval: elsewhere,
  idempotent: elsewhere,
  unref: elsewhere,
  onPause: elsewhere,
  onResume: elsewhere,
};
