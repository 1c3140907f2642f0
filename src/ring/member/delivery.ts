import type { NetworkSource, RetryOptions } from '../../retry/index.js';
import { Retryer } from '../../retry/index.js';
import type { MemberLog } from './member-log.js';
import type { Registration } from './registration.js';
import type { RegistryClient } from './registry-client.js';
import { RegistryError } from './registry-error.js';
import type { ReportQueue } from './report-queue.js';

/** Milliseconds. A registry that is back is told within so long, or within the interval of reports. */
const LONGEST_BACKOFF = 5_000;
/** Milliseconds for one attempt, all registries together. */
const ATTEMPT = 60_000;

/** Milliseconds. */
interface DeliveryPace {
  readonly patience: number;
  readonly reportInterval: number;
}

/** What is said to the registry until it has heard it: that this member is there, and what it has seen. */
export class Delivery {
  readonly #client: RegistryClient;
  readonly #registration: Registration;
  readonly #queue: ReportQueue;
  readonly #log: MemberLog;
  readonly #patience: number;
  readonly #retryer: Retryer;
  #delivered = 0;

  /**
   * @param network that of the way to the registry; undefined where nobody knows of outages.
   * @param pace `patience` is after how many milliseconds a call comes back to tell that it is alive, and is then made again.
   */
  constructor(
    parts: {
      readonly client: RegistryClient;
      readonly registration: Registration;
      readonly queue: ReportQueue;
      readonly log: MemberLog;
    },
    network: NetworkSource | undefined,
    pace: DeliveryPace,
  ) {
    this.#client = parts.client;
    this.#registration = parts.registration;
    this.#queue = parts.queue;
    this.#log = parts.log;
    this.#patience = pace.patience;
    this.#retryer = new Retryer(retryOptions(network, pace));
  }

  /** How many reports were acknowledged. */
  get delivered(): number {
    return this.#delivered;
  }

  /** @throws what the last attempt failed with; the signal's reason. */
  async register(signal: AbortSignal): Promise<void> {
    const { isRegistered } = this.#registration;
    if (isRegistered) return;
    await this.#retryer.run((_attempt, context) => this.#registration.register(context.signal), {
      signal,
      name: 'register',
    });
    this.#log.write('info', 'registered', { registry: this.#client.url, ip: this.#registration.self.ip });
  }

  /**
   * Delivers what waits, as far as that is possible in a while.
   *
   * @returns whether nothing is left.
   * @throws what the last attempt failed with; the signal's reason.
   */
  async deliver(signal: AbortSignal): Promise<boolean> {
    const until = performance.now() + this.#patience;
    while (this.#queue.size > 0 && performance.now() < until) {
      await this.#retryer.run((_attempt, context) => this.deliverOne(context.signal), { signal, name: 'report' });
    }
    return this.#queue.size === 0;
  }

  /**
   * Delivers the report that is next, if there is any. What is next may be another one at each attempt.
   *
   * @throws what it fails with.
   */
  async deliverOne(signal: AbortSignal): Promise<void> {
    const report = this.#queue.next();
    if (report === undefined) return;
    const body = this.#queue.bodyOf(report, this.#registration.self.id);
    try {
      if (!this.#registration.isRegistered) await this.#registration.register(signal);
      if ((await this.#client.report(body, signal)) === 'unknown member') await this.#introduceAndReport(body, signal);
    } catch (error) {
      if (!(error instanceof RegistryError && REFUSALS.has(error.status))) throw error;
      this.#log.write('error', 'report refused', { status: error.status }, error);
      this.#queue.drop(report);
      return;
    }
    this.#queue.done(report);
    this.#delivered += 1;
    this.#log.write('debug', 'report delivered', { taken_at: report.takenAt });
  }

  async #introduceAndReport(body: string, signal: AbortSignal): Promise<void> {
    this.#registration.forget();
    await this.#registration.register(signal);
    this.#log.write('info', 'registered again', { registry: this.#client.url });
    if ((await this.#client.report(body, signal)) === 'known') return;
    this.#registration.forget();
    throw new RegistryError('the registry does not know a member that has just registered', 404);
  }
}

/** What is wrong with a report stays wrong. */
const REFUSALS: ReadonlySet<number> = new Set([400, 413, 415, 422]);

function retryOptions(network: NetworkSource | undefined, { patience, reportInterval }: DeliveryPace): RetryOptions {
  return {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 500,
    maxTimeout: Math.min(LONGEST_BACKOFF, reportInterval),
    randomize: true,
    maxRetryTime: patience,
    maxPause: patience,
    timeout: ATTEMPT,
    ...(network === undefined ? { waitForNetwork: false } : { network }),
  };
}
