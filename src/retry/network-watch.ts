import type { NetworkChange, NetworkReason, WorkOutcome } from '../state/index.js';
import type { AttemptKind } from './attempt.js';
import type { NetworkSource } from './network-source.js';
import { WaitingRoom } from './waiting-room.js';

/** What an attempt in flight is told. */
export interface Watcher {
  /** The network is down; also called when only the reason has changed. */
  onDown(reason: NetworkReason): void;
  /** The network is there again. */
  onRecovery(): void;
}

/**
 * All that the calls of one source share: one subscription while any call is open, a count of the outages that have ended, and the waiting
 * room. By the count, whether an outage overlapped an attempt is a comparison of two numbers, and no outage is too short to be seen.
 */
export class NetworkWatch {
  readonly room: WaitingRoom;
  /** Whether `recoveries` goes on while no call is open, since the source itself counts. */
  readonly missesNothing: boolean;
  readonly #source: NetworkSource;
  readonly #watchers = new Set<Watcher>();
  #calls = 0;
  #recoveries = 0;
  #wasDown = false;
  #outageReason: NetworkReason | undefined;
  #unsubscribe: (() => void) | undefined;

  private constructor(source: NetworkSource) {
    this.#source = source;
    this.missesNothing = source.recoveries !== undefined;
    this.room = new WaitingRoom(source);
  }

  static of(source: NetworkSource): NetworkWatch {
    const known = watches.get(source);
    if (known !== undefined) return known;
    const watch = new NetworkWatch(source);
    watches.set(source, watch);
    return watch;
  }

  /** A call begins; `close` must follow. */
  open(): void {
    this.#calls += 1;
    if (this.#calls > 1) return;
    // What was down when the last call ended and is down now counts as the same outage, whose trials go on in their rhythm.
    const goesOn = this.#wasDown;
    this.#wasDown = false;
    // Subscribed first: a source that is listened to knows its state, one that is not may have to find out.
    this.#unsubscribe = this.#source.onChange((change) => this.#onChange(change));
    if (this.#wasDown || !this.isDown) return;
    this.#wasDown = true;
    this.#outageReason = this.#source.reason;
    if (goesOn) this.room.shut();
    else this.room.close();
  }

  close(): void {
    this.#calls -= 1;
    if (this.#calls > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  get isDown(): boolean {
    return this.#source.state === 'down';
  }

  /**
   * How many outages have ended. Comparable only between two moments of one call; and of one that is open, unless the watch misses nothing.
   */
  get recoveries(): number {
    return this.#source.recoveries ?? this.#recoveries;
  }

  /** Why the network is, or last was, down. */
  get outageReason(): NetworkReason | undefined {
    return this.#outageReason;
  }

  /** Why the network is down right now, which may have changed since the outage began. */
  get currentReason(): NetworkReason | undefined {
    return this.#source.reason;
  }

  /** Says that work is in flight; see {@link NetworkSource.track}. */
  track(onStranded: (reason: NetworkReason) => void): (() => void) | undefined {
    return this.#source.track?.(onStranded);
  }

  /** Has the source look again after a failure; resolves when `isDown` is what it found. */
  async reportFailure(error: unknown): Promise<void> {
    await this.#report({ ok: false, error });
  }

  /**
   * Tells the source that an attempt was answered, where that is news to it. Against an outage only a trial speaks: any other attempt began
   * before it, and may have had its answer by then.
   */
  reportAnswer(kind: AttemptKind): void {
    const { state } = this.#source;
    if (state === 'up' || (state === 'down' && kind === 'regular')) return;
    void this.#report({ ok: true });
  }

  add(watcher: Watcher): void {
    this.#watchers.add(watcher);
  }

  delete(watcher: Watcher): void {
    this.#watchers.delete(watcher);
  }

  /** Subscribes to the end of an outage alone. */
  onRecovery(onRecovery: () => void): () => void {
    const watcher = { onDown() {}, onRecovery };
    this.add(watcher);
    return () => this.delete(watcher);
  }

  #onChange({ to, reason }: NetworkChange): void {
    if (to === 'down') this.#onDown(reason);
    else if (this.#wasDown) this.#onRecovery();
  }

  #onDown(reason: NetworkReason): void {
    this.#outageReason = reason;
    if (this.#wasDown) this.room.shut();
    else this.room.close();
    this.#wasDown = true;
    for (const watcher of [...this.#watchers]) watcher.onDown(reason);
  }

  #onRecovery(): void {
    this.#wasDown = false;
    this.#recoveries += 1;
    for (const watcher of [...this.#watchers]) watcher.onRecovery();
  }

  async #report(outcome: WorkOutcome): Promise<void> {
    try {
      await this.#source.report(outcome);
    } catch {
      // It never rejects, by contract. Where somebody's own source does, its trouble must not take the place of the operation's error.
    }
  }
}

const watches = new WeakMap<NetworkSource, NetworkWatch>();
