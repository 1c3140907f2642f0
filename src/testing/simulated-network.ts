import { InvalidOptionError } from '../errors/index.js';
import type { TargetOptions } from '../monitor/index.js';
import {
  boolean,
  checkComplete,
  checkOptions,
  milliseconds,
  type OptionRules,
  oneOf,
  wholeNumberFrom,
} from '../options/index.js';
import type { NetworkSource } from '../retry/index.js';
import {
  type DownReason,
  isPathReason,
  type Judgement,
  type NetworkChange,
  type NetworkReason,
  type NetworkState,
  type WaitOptions,
  type WorkOutcome,
} from '../state/index.js';
import { SimulatedSource, type SimulatedVerdict } from './simulated-source.js';

/** How a {@link SimulatedNetwork} begins, and what it makes of work. */
export interface SimulatedNetworkOptions {
  /**
   * The state to begin with.
   *
   * @default 'up'
   */
  readonly state?: NetworkState | undefined;
  /**
   * Whether work that gets through while the state is `down` makes it `degraded`, as it does in a `NetworkMonitor`. By default only your test
   * changes the state.
   *
   * @default false
   */
  readonly believesReports?: boolean | undefined;
  /**
   * Whether a pause lets trials through.
   *
   * @default true
   */
  readonly allowsTrials?: boolean | undefined;
}

/** A network that goes down and up again, over and over. */
export interface Flapping {
  /** How often it goes down. */
  readonly times: number;
  /** Milliseconds. */
  readonly downFor: number;
  /** Milliseconds. */
  readonly upFor: number;
}

/** The judgement for one destination: down with the network, or alone. */
export type SimulatedTarget = NetworkSource & { readonly destination: string };

/**
 * A network for tests: a source for the Retryer that is up or down because your test says so. No kernel, no sockets, no time of its own: its
 * timers are the global ones, so that the fake timers of vitest, jest and node:test move it. Those of node:test leave `performance.now()` alone,
 * by which durations are measured: let it follow their clock with `mock.method(performance, 'now', () => Date.now())`.
 *
 * What an outage has cost the retryer tells: each `failure` event, and each attempt of `retryReport(error)`, says whether it was `spent`.
 *
 * @example
 * ```
 * const network = new SimulatedNetwork();
 * const uploading = retry(upload, { network });
 * network.down();
 * // … the upload fails or hangs, and is paused
 * network.up();
 * await uploading; // done, and no attempt was spent
 *
 * expect(network).toMatchObject({ waiters: 0, listeners: 0, tracked: 0 }); // and nothing is left behind
 * ```
 */
export class SimulatedNetwork implements NetworkSource {
  readonly #believesReports: boolean;
  readonly #allowsTrials: boolean;
  readonly #host: SimulatedSource;
  readonly #targets = new Map<string, Target>();
  readonly #lostDestinations = new Map<string, DownReason>();
  #judgement: Judgement;
  #unnoticed: DownReason | undefined;
  #flapping: AbortController | undefined;
  #reports = 0;
  #lastOutcome: WorkOutcome | undefined;

  /** @throws {InvalidOptionError} where an option has a wrong name, type or range. */
  constructor(options: SimulatedNetworkOptions = {}) {
    checkOptions('SimulatedNetwork', options, OPTIONS);
    const { state = 'up', believesReports = false, allowsTrials = true } = options;
    this.#believesReports = believesReports;
    this.#allowsTrials = allowsTrials;
    this.#judgement = INITIAL[state];
    this.#host = new SimulatedSource(this.#verdict(), (outcome) => this.#onReport(outcome));
  }

  get state(): NetworkState {
    return this.#host.state;
  }

  get reason(): NetworkReason {
    return this.#host.reason;
  }

  get allowsTrials(): boolean {
    return this.#host.allowsTrials;
  }

  onChange(listener: (change: NetworkChange) => void): () => void {
    return this.#host.onChange(listener);
  }

  waitForNetwork(options?: WaitOptions): Promise<void> {
    return this.#host.waitForNetwork(options);
  }

  report(outcome: WorkOutcome): Promise<void> {
    return this.#host.report(outcome);
  }

  track(onStranded?: (reason: NetworkReason) => void): () => void {
    return this.#host.track(onStranded);
  }

  /**
   * Whether the network counts as flapping, so that what was paused restarts one operation at a time. Set it as your test needs it.
   *
   * @default false
   */
  flapping = false;

  /** The network is lost. */
  down(reason: DownReason = 'no-carrier'): void {
    checkReason('down', reason);
    this.#judge({ state: 'down', reason });
  }

  /** The network is there. */
  up(): void {
    this.#judge(INITIAL.up);
  }

  /** The network is there as far as anybody can tell, which pauses nothing. */
  degraded(reason: 'partly-unreachable' | 'unverified' | 'checks-disagree' = 'partly-unreachable'): void {
    checkReason('degraded', reason, DEGRADED_REASON);
    this.#judge({ state: 'degraded', reason });
  }

  /** The network is lost, but nobody has noticed: the state becomes `down` when the first failure is reported. */
  downUnnoticed(reason: DownReason = 'unreachable'): void {
    checkReason('downUnnoticed', reason);
    this.#unnoticed = reason;
  }

  /**
   * Goes down and up again, over and over, beginning at once. Whatever else is called in the meantime takes effect; `stop()` ends it.
   *
   * @returns a promise that resolves when it is up for good.
   *
   * @example
   * ```
   * await network.flap({ times: 3, downFor: 200, upFor: 1000 });
   * ```
   */
  async flap(flapping: Flapping): Promise<void> {
    checkOptions('SimulatedNetwork.flap', flapping, FLAPPING);
    checkComplete('SimulatedNetwork.flap', flapping, FLAPPING);
    const { times, downFor, upFor } = flapping;
    this.#flapping?.abort();
    const ended = new AbortController();
    this.#flapping = ended;
    for (let count = 0; count < times && !ended.signal.aborted; count += 1) {
      this.down();
      await pass(downFor, ended.signal);
      if (ended.signal.aborted) return;
      this.up();
      if (count + 1 < times) await pass(upFor, ended.signal);
    }
  }

  /**
   * The judgement for one destination; the same object each time.
   *
   * @param _options accepted as the monitor accepts them, so that the code under test need not know which of the two it has. Here they
   * change nothing.
   *
   * @example
   * ```
   * const sftp = network.target('sftp.example.com:22');
   * network.loseDestination('sftp.example.com:22');
   * sftp.state; //=> 'down'
   * network.state; //=> 'up'
   * ```
   */
  target(destination: string, _options?: TargetOptions): SimulatedTarget {
    const known = this.#targets.get(destination);
    if (known !== undefined) return known;
    const target = new Target(destination, this.#verdictOf(destination), (outcome) => this.#onReport(outcome));
    this.#targets.set(destination, target);
    return target;
  }

  /** One destination is lost, the rest of the network is not: its targets go down. */
  loseDestination(destination: string, reason: DownReason = 'no-route'): void {
    checkReason('loseDestination', reason);
    this.#lostDestinations.set(destination, reason);
    this.#publish();
  }

  /** The destination is there again. */
  restoreDestination(destination: string): void {
    this.#lostDestinations.delete(destination);
    this.#publish();
  }

  /** The connections that are in flight cannot be carried any more, though the network is there: their address or interface has gone. */
  strand(reason: DownReason = 'no-address'): void {
    checkReason('strand', reason);
    for (const source of this.#sources()) source.strand(reason);
  }

  /** Stops, as a monitor is stopped: whoever waits gets `MonitorStoppedError`. The next change of state starts it again. */
  stop(): void {
    this.#flapping?.abort();
    for (const source of this.#sources()) source.stop();
  }

  /** How often work was reported, over all targets. */
  get reports(): number {
    return this.#reports;
  }

  /** What was reported last. */
  get lastOutcome(): WorkOutcome | undefined {
    return this.#lastOutcome;
  }

  /** How many promises of `waitForNetwork` are pending, over all targets. */
  get waiters(): number {
    return this.#sum((source) => source.waiters);
  }

  /** How many listeners `onChange` holds, over all targets. */
  get listeners(): number {
    return this.#sum((source) => source.listeners);
  }

  /** How much work `track` says is in flight, over all targets. */
  get tracked(): number {
    return this.#sum((source) => source.tracked);
  }

  #judge(judgement: Judgement): void {
    this.#unnoticed = undefined;
    this.#judgement = judgement;
    this.#publish();
  }

  #publish(): void {
    this.#host.judge(this.#verdict());
    for (const target of this.#targets.values()) target.judge(this.#verdictOf(target.destination));
  }

  #verdict(): SimulatedVerdict {
    return { judgement: this.#judgement, allowsTrials: this.#allowsTrials };
  }

  #verdictOf(destination: string): SimulatedVerdict {
    const reason = this.#lostDestinations.get(destination);
    if (reason === undefined) return this.#verdict();
    // Where the kernel has no way to the very destination, an attempt could only fail.
    return { judgement: { state: 'down', reason }, allowsTrials: this.#allowsTrials && !isPathReason(reason) };
  }

  #onReport(outcome: WorkOutcome): void {
    this.#reports += 1;
    this.#lastOutcome = outcome;
    if (!outcome.ok && this.#unnoticed !== undefined) this.down(this.#unnoticed);
    if (outcome.ok && this.#believesReports && this.state === 'down') this.degraded('checks-disagree');
  }

  #sources(): SimulatedSource[] {
    return [this.#host, ...this.#targets.values()];
  }

  #sum(count: (source: SimulatedSource) => number): number {
    return this.#sources().reduce((sum, source) => sum + count(source), 0);
  }
}

class Target extends SimulatedSource {
  readonly destination: string;

  constructor(destination: string, verdict: SimulatedVerdict, onReport: (outcome: WorkOutcome) => void) {
    super(verdict, onReport);
    this.destination = destination;
  }
}

const INITIAL: Readonly<Record<NetworkState, Judgement>> = {
  unknown: { state: 'unknown', reason: 'not-judged' },
  up: { state: 'up', reason: 'reachable' },
  degraded: { state: 'degraded', reason: 'partly-unreachable' },
  down: { state: 'down', reason: 'no-carrier' },
};

const OPTIONS: OptionRules<SimulatedNetworkOptions> = {
  state: oneOf('unknown', 'up', 'degraded', 'down'),
  believesReports: boolean,
  allowsTrials: boolean,
};

const FLAPPING: OptionRules<Flapping> = {
  times: wholeNumberFrom(1, 1_000_000),
  downFor: milliseconds(),
  upFor: milliseconds(),
};

const DOWN_REASON = oneOf('no-carrier', 'link-down', 'no-address', 'no-route', 'unreachable');

const DEGRADED_REASON = oneOf('partly-unreachable', 'unverified', 'checks-disagree');

function checkReason(method: string, reason: unknown, rule = DOWN_REASON): void {
  if (!rule.accepts(reason)) throw new InvalidOptionError(`SimulatedNetwork.${method}: reason`, reason, rule.allowed);
}

/** Lets time pass on the global clock, or less of it when the signal aborts. */
function pass(duration: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, duration);
    signal.addEventListener('abort', end);
  });
}
