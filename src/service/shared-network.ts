import { randomUUID } from 'node:crypto';
import { KeepAlive } from '../events/index.js';
import type { TargetOptions } from '../monitor/index.js';
import type { NetworkSource } from '../retry/index.js';
import type { NetworkChange, NetworkReason, NetworkState, WaitOptions, WorkOutcome } from '../state/index.js';
import { type Channel, type FollowerEnd, openChannel } from './channel.js';
import { type Destination, enclose, type FollowerMessage, type OwnerNews, parseOwnerMessage } from './protocol.js';
import { Pulse } from './pulse.js';
import { RemoteSource, type RemoteSourceOwner } from './remote-source.js';
import { sharedDestination } from './shared-destination.js';
import { SharedNetworkError } from './shared-network-error.js';
import { warn } from './warn.js';

/** The judgement for one destination, made by the monitor at the other end; see {@link SharedNetwork.target}. */
export interface SharedTarget extends NetworkSource {
  /** The destination as it was given. */
  readonly destination: string;
  /** The state of the way to this destination. */
  readonly state: NetworkState;
  /** Why the state is what it is. */
  readonly reason: NetworkReason;
  /** Says that work to this destination is in flight; see `NetworkSource.track`. */
  track(onStranded?: (reason: NetworkReason) => void): () => void;
}

/**
 * The network as a monitor in another thread or process sees it, for the work in this one: the other half of {@link shareNetwork}. One
 * monitor then serves a whole process with its worker threads, or a cluster, with one socket and one set of checks.
 *
 * States come as they change and are known here at once, without asking; what becomes of work goes to the monitor, as if the work were in
 * its own thread. Where the monitor cannot be heard (not yet, no more, or it has not answered for half a minute) the state is `unknown`,
 * which pauses nothing, until it is heard again.
 * It never keeps the thread or process alive.
 *
 * @example In a worker thread:
 * ```
 * const network = new SharedNetwork(workerData.networkPort);
 * const retryer = createRetryer({ network });
 * ```
 *
 * @example In a cluster's worker, or another forked process:
 * ```
 * const retryer = createRetryer({ network: new SharedNetwork(process) });
 * ```
 */
export class SharedNetwork implements NetworkSource, Disposable {
  /** Several may use the one channel of a process. */
  readonly #id = randomUUID();
  readonly #channel: Channel;
  readonly #sources = new Map<number, RemoteSource>();
  readonly #idle = new Set<RemoteSource>();
  /** What nothing is known of since the other end does not answer. */
  readonly #lost = new Set<RemoteSource>();
  readonly #targetsByKey = new Map<string, WeakRef<Target>>();
  readonly #forgotten = new FinalizationRegistry<string>((key) => {
    // Unless the destination was asked for again meanwhile.
    if (this.#targetsByKey.get(key)?.deref() === undefined) this.#targetsByKey.delete(key);
  });
  readonly #owner: RemoteSourceOwner;
  readonly #host: RemoteSource;
  readonly #keepAlive = new KeepAlive();
  readonly #pulse = new Pulse({
    ping: () => this.#send({ type: 'ping', follower: this.#id }),
    onSilence: () => this.#forEach((source) => this.#lose(source)),
  });
  #count = 0;
  #isClosed = false;
  #onFirstWord: (() => void) | undefined;
  readonly #firstWord = new Promise<void>((resolve) => {
    this.#onFirstWord = resolve;
  });

  /**
   * @param channel the way to the owner: a `MessagePort` that is used for nothing else (and not `parentPort`), or `process` where it was
   * forked.
   * @throws {InvalidOptionError} where it is something else.
   */
  constructor(channel: FollowerEnd) {
    this.#channel = openChannel('SharedNetwork', channel, {
      onMessage: (value) => this.#receive(value),
      onClose: () => this.#end((source) => source.lose()),
    });
    this.#owner = {
      send: (request) => this.#send({ ...request, follower: this.#id }),
      onUse: (source) => this.#use(source),
      onIdle: (source) => this.#rest(source),
      onSilence: (source) => this.#lose(source),
      watch: () => this.#pulse.watch(),
    };
    this.#host = new RemoteSource(HOST, undefined, this.#owner);
    this.#open(this.#host);
  }

  /** What the monitor makes of the network; `unknown` until it has said so, and when it cannot be heard any more. */
  get state(): NetworkState {
    return this.#host.state;
  }

  /** Why the state is what it is. */
  get reason(): NetworkReason {
    return this.#host.reason;
  }

  /** See `NetworkSource.allowsTrials`. */
  get allowsTrials(): boolean {
    return this.#host.allowsTrials;
  }

  /** Whether the network has gone down so often lately that what comes back is not likely to stay. */
  get flapping(): boolean {
    return this.#host.flapping;
  }

  /** Resolves when the first state has come, or after five seconds in which none has. Until then, nothing is held up. */
  async ready(): Promise<void> {
    const release = this.#keepAlive.hold();
    const timer = setTimeout(() => this.#onFirstWord?.(), FIRST_WORD);
    await this.#firstWord;
    clearTimeout(timer);
    release();
  }

  /** Calls the listener after every change of state, and while it is `down` also of the reason, until the returned function is called. */
  onChange(listener: (change: NetworkChange) => void): () => void {
    return this.#host.onChange(listener);
  }

  /**
   * Resolves as soon as the state is not `down`, at once where it is not. Waiting keeps the process alive, unless `unref` is given.
   *
   * @throws the signal's reason when it aborts; `OutageTimeoutError` after `timeout`; `MonitorStoppedError` when the monitor, or this end, is
   * stopped.
   */
  waitForNetwork(options?: WaitOptions): Promise<void> {
    return this.#host.waitForNetwork(options);
  }

  /**
   * Tells the monitor what became of work, and resolves when `state` is what it found then. A monitor that does not answer is waited for no
   * longer than half a minute.
   */
  report(outcome: WorkOutcome): Promise<void> {
    return this.#host.report(outcome);
  }

  /** Says that work is in flight; see `NetworkSource.track`. */
  track(onStranded?: (reason: NetworkReason) => void): () => void {
    return this.#host.track(onStranded);
  }

  /**
   * The judgement for one destination, given as `'host'`, `'host:port'` or URL; see `NetworkMonitor.target`. The same destination gives the
   * same object for as long as somebody has it.
   *
   * Whether a text is a destination is found out at the other end. Where it is none, the state stays `unknown`, and a
   * {@link SharedNetworkError} comes as a process warning.
   *
   * Of a URL, no more is sent than it takes to connect.
   *
   * @throws {InvalidOptionError} where the destination is no text, an option has a wrong name or type, or a text is too long to be sent.
   */
  target(destination: string, options: TargetOptions = {}): SharedTarget {
    const subject = sharedDestination('SharedNetwork.target', destination, options);
    const key = JSON.stringify([destination, Object.entries(options).sort()]);
    const known = this.#targetsByKey.get(key)?.deref();
    if (known !== undefined) return known;
    this.#count += 1;
    const target = new Target(this.#count, destination, subject, this.#owner);
    this.#targetsByKey.set(key, new WeakRef(target));
    this.#forgotten.register(target, key);
    if (this.#isClosed) {
      target.stop();
      return target;
    }
    this.#open(target);
    this.#rest(target);
    return target;
  }

  /** Listens no more: every waiter is rejected with `MonitorStoppedError`, and a port is closed. May be repeated. */
  close(): void {
    if (this.#isClosed) return;
    // A channel of processes lives on, and nothing else would tell the owner.
    for (const { number } of this.#sources.values()) this.#owner.send({ type: 'close', source: number });
    this.#end((source) => source.stop());
  }

  /** `close`, at the end of the block of a `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #send(message: FollowerMessage): void {
    if (!this.#isClosed) this.#channel.send(enclose(message));
  }

  #receive(value: unknown): void {
    const parsed = parseOwnerMessage(value);
    if (parsed.kind === 'foreign') return;
    if (parsed.kind === 'broken') {
      warn(new SharedNetworkError(`the other end ${parsed.problem}: use the same version of netpause at both`));
      this.#end((source) => source.lose());
      return;
    }
    const { message } = parsed;
    this.#pulse.heard();
    if (message.type === 'hello') this.#forEach((source) => this.#open(source));
    else if (message.type === 'bye') this.#forEach((source) => source.lose());
    else this.#hear(message);
  }

  #hear(message: { readonly follower: string } & (OwnerNews | { readonly type: 'pong' })): void {
    // What is said to another one in this process shows as well that the owner lives.
    this.#recover();
    if (message.follower !== this.#id || message.type === 'pong') return;
    this.#tell(message);
  }

  #tell(message: OwnerNews): void {
    const source = this.#sources.get(message.source);
    // What was closed meanwhile may still be told of.
    if (source === undefined) return;
    switch (message.type) {
      case 'state':
        source.show(message.view);
        if (source === this.#host) this.#onFirstWord?.();
        break;
      case 'reported':
        source.answered(message.report);
        break;
      case 'stranded':
        source.strand(message.work, message.reason);
        break;
      case 'refused':
        warn(new SharedNetworkError(message.because));
        source.lose();
    }
  }

  #end(end: (source: RemoteSource) => void): void {
    this.#isClosed = true;
    this.#channel.close();
    this.#onFirstWord?.();
    this.#forEach(end);
    this.#idle.clear();
    this.#lost.clear();
  }

  /** Of a copy: a listener that hears of it may ask for another target. */
  #forEach(act: (source: RemoteSource) => void): void {
    for (const source of [...this.#sources.values()]) act(source);
  }

  #open(source: RemoteSource): void {
    this.#lost.delete(source);
    this.#sources.set(source.number, source);
    source.open();
  }

  #lose(source: RemoteSource): void {
    this.#lost.add(source);
    source.lose();
  }

  /** The other end answers again. What it has said meanwhile may be old, so all of it is asked for anew. */
  #recover(): void {
    const lost = [...this.#lost];
    this.#lost.clear();
    for (const source of lost) if (source.isOpen) this.#open(source);
  }

  #use(source: RemoteSource): void {
    this.#idle.delete(source);
    if (!source.isOpen && !this.#isClosed) this.#open(source);
  }

  /** A few destinations that nobody works on are kept up to date, so that the next work on them finds their state known. */
  #rest(source: RemoteSource): void {
    if (source === this.#host || this.#isClosed) return;
    this.#idle.add(source);
    if (this.#idle.size <= MOST_IDLE) return;
    for (const oldest of this.#idle) {
      this.#idle.delete(oldest);
      this.#sources.delete(oldest.number);
      this.#lost.delete(oldest);
      oldest.close();
      break;
    }
  }
}

class Target extends RemoteSource implements SharedTarget {
  readonly destination: string;

  constructor(number: number, destination: string, subject: Destination, owner: RemoteSourceOwner) {
    super(number, subject, owner);
    this.destination = destination;
  }
}

/** The number of the source that is the host's network itself. */
const HOST = 0;

/** Milliseconds to wait for the first state: long for an owner that lives, short for somebody who waits for one that does not. */
const FIRST_WORD = 5_000;

/** Destinations that are kept up to date although nobody works on them; each is some hundred bytes here, and a look-up per change there. */
const MOST_IDLE = 100;
