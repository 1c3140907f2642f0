import { InvalidOptionError, toError } from '../errors/index.js';
import type { TargetOptions } from '../monitor/index.js';
import type { NetworkSource } from '../retry/index.js';
import type { NetworkReason, NetworkState } from '../state/index.js';
import { type Channel, type OwnerEnd, openChannel } from './channel.js';
import {
  type Destination,
  enclose,
  type FollowerMessage,
  type FollowerRequest,
  judgementOf,
  type OwnerMessage,
  type OwnerNews,
  parseFollowerMessage,
  type ReportedOutcome,
  type SourceView,
} from './protocol.js';
import { SharedNetworkError } from './shared-network-error.js';
import { warn } from './warn.js';

/** What can be shared: a `NetworkMonitor`, a `SimulatedNetwork`, a `SharedNetwork`, or a source of your own. */
export interface ShareableNetwork extends NetworkSource {
  /** The judgement for one destination. Without it, the other end can have none of its own. */
  target?(destination: string, options?: TargetOptions): NetworkSource;
}

/** A network that is being shared; see {@link shareNetwork}. */
export interface NetworkShare extends Disposable {
  /** Ends it. The other end then knows nothing of the network, which pauses nothing. May be repeated. */
  close(): void;
}

/**
 * Lets another thread or process use this one's monitor, by a `SharedNetwork` at its end. It ends by itself when the other end does, and
 * keeps neither alive. Starting and stopping the monitor stays with you.
 *
 * @param channel the way there: a `MessagePort` that is used for nothing else and whose other end goes to a worker thread; a cluster's worker;
 * or a child process that was forked. A channel of processes may carry your own messages too.
 * @throws {InvalidOptionError} where the network is no network source, or the channel no channel.
 *
 * @example A worker thread:
 * ```
 * const { port1, port2 } = new MessageChannel();
 * shareNetwork(monitor, port1);
 * new Worker(file, { workerData: { networkPort: port2 }, transferList: [port2] });
 * ```
 *
 * @example A cluster:
 * ```
 * cluster.on('fork', (worker) => shareNetwork(monitor, worker));
 * ```
 */
export function shareNetwork(network: ShareableNetwork, channel: OwnerEnd): NetworkShare {
  if (!isNetworkSource(network)) {
    throw new InvalidOptionError('shareNetwork: network', network, 'a network source, such as a NetworkMonitor');
  }
  return new Share(network, channel);
}

/** Sources that may be open over one channel, and groups of work on each: far more than is needed, and a bound on what the other end can make us keep. */
const MOST_SOURCES = 10_000;
const MOST_WORK = 10_000;

/** Characters of the message of an error by which a destination is refused: it is to be read, and a text that is sent has a bound. */
const LONGEST_REFUSAL = 1_000;

/** Says something to the follower that asked. */
type Send = (news: OwnerNews) => void;

class Share implements NetworkShare {
  readonly #network: ShareableNetwork;
  readonly #channel: Channel;
  readonly #subscriptions = new Map<string, Subscription>();
  #isClosed = false;

  constructor(network: ShareableNetwork, end: OwnerEnd) {
    this.#network = network;
    this.#channel = openChannel('shareNetwork', end, {
      onMessage: (value) => this.#receive(value),
      onClose: () => this.#end(),
    });
    // The other end may have spoken before anybody listened.
    this.#send({ type: 'hello' });
  }

  close(): void {
    this.#send({ type: 'bye' });
    this.#end();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#channel.close();
    for (const subscription of this.#subscriptions.values()) subscription.end();
    this.#subscriptions.clear();
  }

  #send(message: OwnerMessage): void {
    if (!this.#isClosed) this.#channel.send(enclose(message));
  }

  #receive(value: unknown): void {
    const parsed = parseFollowerMessage(value);
    if (parsed.kind === 'message') this.#obey(parsed.message);
    if (parsed.kind === 'broken') this.#giveUp(`the other end ${parsed.problem}`);
  }

  #obey(message: FollowerMessage): void {
    if (message.type === 'ping') {
      this.#send({ type: 'pong', follower: message.follower });
      return;
    }
    const { follower, source: number } = message;
    const key = `${number} ${follower}`;
    const known = this.#subscriptions.get(key);
    if (message.type === 'open') {
      known?.end();
      this.#subscriptions.delete(key);
      this.#open(key, number, message.subject, (news) => this.#send({ ...news, follower }));
    } else if (message.type === 'close') {
      known?.end();
      this.#subscriptions.delete(key);
    } else if (known !== undefined) {
      if (!known.obey(message)) this.#giveUp('the other end tracks more work than there can be');
    } else if (message.type === 'report') {
      // Of a source that was refused; nobody has to wait for it.
      this.#send({ type: 'reported', follower, source: number, report: message.report });
    }
  }

  #open(key: string, number: number, subject: Destination | undefined, send: Send): void {
    if (this.#subscriptions.size >= MOST_SOURCES) {
      this.#giveUp('the other end asks about more destinations than there can be');
      return;
    }
    try {
      const source = this.#sourceOf(subject);
      this.#subscriptions.set(key, new Subscription(number, source, send));
    } catch (error) {
      send({ type: 'refused', source: number, because: toError(error).message.slice(0, LONGEST_REFUSAL) });
    }
  }

  #sourceOf(subject: Destination | undefined): NetworkSource {
    if (subject === undefined) return this.#network;
    if (this.#network.target === undefined) {
      throw new SharedNetworkError(`${subject.destination} cannot be judged by itself: the source has no target()`);
    }
    return this.#network.target(subject.destination, subject.options);
  }

  /** A follower that is misunderstood must not be told half of the truth, such as an outage of which the end never arrives. */
  #giveUp(problem: string): void {
    warn(new SharedNetworkError(problem));
    this.close();
  }
}

/** One source that the follower has open. */
class Subscription {
  readonly #number: number;
  readonly #source: NetworkSource;
  readonly #send: Send;
  readonly #unsubscribe: () => void;
  readonly #work = new Map<number, () => void>();
  #waiting: AbortController | undefined;
  #flapTimer: NodeJS.Timeout | undefined;

  constructor(number: number, source: NetworkSource, send: Send) {
    this.#number = number;
    this.#source = source;
    this.#send = send;
    // Subscribed first: a source that is listened to knows its state, one that is not may have to find out.
    this.#unsubscribe = source.onChange(({ to, reason, interface: name }) => this.#tell(to, reason, name));
    this.#tell(source.state, source.reason);
  }

  end(): void {
    this.#unsubscribe();
    this.#waiting?.abort();
    clearTimeout(this.#flapTimer);
    for (const release of this.#work.values()) release();
    this.#work.clear();
  }

  /** Returns whether that is within bounds. */
  obey(message: Exclude<FollowerRequest, { readonly type: 'open' | 'close' }>): boolean {
    switch (message.type) {
      case 'wait':
        this.#wait();
        return true;
      case 'leave':
        this.#waiting?.abort();
        return true;
      case 'report':
        void this.#report(message.report, message.outcome);
        return true;
      case 'track':
        return this.#track(message.work);
      case 'release':
        this.#release(message.work);
        return true;
    }
  }

  /** By the change itself, not by the present state: an outage may be over by the time at which it is told of. */
  #tell(state: NetworkState, reason: NetworkReason | undefined, name?: string): void {
    const view = viewOf(this.#source, state, reason, name);
    this.#send({ type: 'state', source: this.#number, view });
    clearTimeout(this.#flapTimer);
    if (!view.flapping) return;
    // The memory of flaps fades without an event.
    this.#flapTimer = setTimeout(() => this.#tell(this.#source.state, this.#source.reason, name), FLAP_REVIEW);
    this.#flapTimer.unref();
  }

  /** Waits in the follower's stead: a monitor watches more closely while somebody does. The change of state itself is told anyway. */
  #wait(): void {
    this.#waiting?.abort();
    this.#waiting = new AbortController();
    this.#source.waitForNetwork({ signal: this.#waiting.signal, unref: true }).catch(() => {});
  }

  async #report(report: number, outcome: ReportedOutcome): Promise<void> {
    try {
      await this.#source.report(outcome.ok ? outcome : { ok: false, error: reportedError(outcome.code) });
    } catch {
      // It never rejects, by contract. Where somebody's own source does, the follower must not wait for ever.
    }
    this.#send({ type: 'reported', source: this.#number, report });
  }

  #track(work: number): boolean {
    if (this.#work.size >= MOST_WORK) return false;
    this.#release(work);
    const release = this.#source.track?.((reason) => {
      this.#send({ type: 'stranded', source: this.#number, work, reason });
    });
    if (release !== undefined) this.#work.set(work, release);
    return true;
  }

  #release(work: number): void {
    this.#work.get(work)?.();
    this.#work.delete(work);
  }
}

/** How often it is looked whether a network flaps still, in milliseconds; while it does, paused work restarts one operation at a time. */
const FLAP_REVIEW = 1_000;

function viewOf(
  source: NetworkSource,
  state: NetworkState,
  reason: NetworkReason | undefined,
  name: string | undefined,
): SourceView {
  return {
    judgement: judgementOf(state, reason),
    allowsTrials: source.allowsTrials !== false,
    flapping: source.flapping === true,
    ...(name !== undefined && { interface: name }),
  };
}

function reportedError(code: string | undefined): Error {
  return Object.assign(new Error('work failed in another thread or process'), code !== undefined && { code });
}

function isNetworkSource(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'state' in value &&
    ['onChange', 'waitForNetwork', 'report'].every((name) => typeof Reflect.get(value, name) === 'function')
  );
}
