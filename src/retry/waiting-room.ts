import { KeepAlive, onAbort, throwIfAborted } from '../events/index.js';
import type { NetworkSource } from './network-source.js';
import { narrowWhile, ResumeGate } from './resume-gate.js';
import { breathe, startTimer } from './sleep.js';
import { TrialClock } from './trial-clock.js';

/** On what terms one operation waits. */
export interface Stay {
  /** Whether it waits out an outage. Who waits for a place in the gate alone is shut out when the network goes: that is a wait on other terms. */
  readonly isPaused: boolean;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds after which the wait is over although the network is still down. */
  readonly limit: number;
  /** Milliseconds between two trials of the source; with Infinity this operation takes no part in them. */
  readonly trialInterval: number;
  /** Whether the first trials may come sooner, where it is not certain that they are in vain. */
  readonly triesEarly: boolean;
  /** Whether the process may end while this operation waits. */
  readonly unref: boolean;
}

/**
 * How a wait ended.
 *
 * - `resumed`: the network is there, and the gate had a place.
 * - `trial`: the network is said to be down still; this operation is to find out whether that is true.
 * - `shut out`: the network went before the gate had a place.
 * - `expired`: the limit has passed.
 */
export type Departure = 'resumed' | 'trial' | 'shut out' | 'expired';

/**
 * Where all operations of one source wait out an outage: one look-out for the network, one clock for the trials and one gate, however many
 * wait. Every operation that enters leaves exactly once: by one of the {@link Departure}s, its abort signal or the end of the source.
 */
export class WaitingRoom {
  readonly #source: NetworkSource;
  readonly #gate: ResumeGate;
  readonly #guests = new Set<Guest>();
  readonly #trials = new TrialClock(() => this.#startTrial());
  readonly #keepAlive = new KeepAlive();
  #lookout: AbortController | undefined;
  /** Whether it is hosts that do not answer, and not the kernel, by which the network is down. */
  #isSilence: boolean | undefined;
  #silentSince = Number.NEGATIVE_INFINITY;

  constructor(source: NetworkSource, gate = new ResumeGate(narrowWhile(() => source.flapping === true))) {
    this.#source = source;
    this.#gate = gate;
  }

  /**
   * Waits until the network is there and the gate has a place; not at all where both are so.
   *
   * @throws the signal's reason; or whatever the source's `waitForNetwork` rejects with, such as `MonitorStoppedError`.
   */
  async wait(stay: Stay): Promise<Departure> {
    throwIfAborted(stay.signal);
    if (this.#source.state === 'down') this.#gate.close();
    else this.#gate.open();
    return new Promise((resolve, reject) => {
      const guest = new Guest(stay, resolve, reject);
      const leaveGate = this.#gate.enter(() => guest.leave('resumed'));
      if (guest.hasLeft) return;
      guest.onLeave(leaveGate);
      this.#settleIn(guest);
    });
  }

  /** The network has gone: the gate closes, and the first trial is due a whole interval from now. */
  close(): void {
    this.#trials.begin();
    this.#isSilence = undefined;
    this.shut();
  }

  /** The network is still gone, if for another reason: the gate is closed, and the trials go on in their rhythm. */
  shut(): void {
    this.#gate.close();
    this.#reviewSilence();
    for (const guest of this.#guests) {
      if (guest.isOverdue) guest.leave('expired');
      else if (!guest.stay.isPaused) guest.leave('shut out');
      else this.#scheduleTrial(guest);
    }
    this.#keepLookout();
  }

  #settleIn(guest: Guest): void {
    const { stay } = guest;
    this.#guests.add(guest);
    guest.onLeave(() => this.#forget(guest));
    if (stay.signal) guest.onLeave(onAbort(stay.signal, () => guest.fail(stay.signal?.reason)));
    if (stay.limit !== Number.POSITIVE_INFINITY) guest.onLeave(this.#startLimit(guest));
    if (!stay.unref) guest.onLeave(this.#keepAlive.hold());
    if (this.#gate.isOpen) return;
    this.#scheduleTrial(guest);
    this.#keepLookout();
  }

  #startLimit(guest: Guest): () => void {
    const timer = startTimer(guest.stay.limit, true, () => {
      // With the network back it is only the gate that still holds the operation, and not for long.
      if (this.#gate.isOpen) guest.isOverdue = true;
      else guest.leave('expired');
    });
    return () => clearTimeout(timer);
  }

  #forget(guest: Guest): void {
    this.#guests.delete(guest);
    if (this.#guests.size > 0) return;
    this.#lookout?.abort();
    this.#lookout = undefined;
    this.#trials.stop();
  }

  #keepLookout(): void {
    if (this.#lookout !== undefined || this.#guests.size === 0) return;
    this.#lookout = new AbortController();
    void this.#lookOut(this.#lookout.signal);
  }

  async #lookOut(signal: AbortSignal): Promise<void> {
    try {
      // What keeps the process alive are the operations that wait, each on its own terms.
      await this.#source.waitForNetwork({ signal, unref: true });
      while (this.#source.state === 'down' && !signal.aborted) {
        // It has gone again before this line was reached. A source that contradicts itself must not take the event loop with it.
        await breathe();
        await this.#source.waitForNetwork({ signal, unref: true });
      }
    } catch (error) {
      if (!signal.aborted) this.#dismissAll(error);
      return;
    }
    if (signal.aborted) return;
    this.#lookout = undefined;
    this.#trials.stop();
    this.#gate.open();
  }

  #dismissAll(error: unknown): void {
    this.#lookout = undefined;
    for (const guest of [...this.#guests]) guest.fail(error);
  }

  /** Lets the one that has waited longest find out. It goes to the end of the queue if it must come back, so that all take their turn. */
  #startTrial(): void {
    const makesSense = this.#source.allowsTrials !== false;
    const candidate = makesSense ? this.#nextCandidate() : undefined;
    // Where those have left who wanted one now, it is not due for the others yet, and their intervals go on.
    if (candidate !== undefined || !makesSense) this.#trials.note();
    candidate?.leave('trial');
    for (const guest of this.#guests) this.#scheduleTrial(guest);
  }

  #nextCandidate(): Guest | undefined {
    for (const guest of this.#guests) {
      if (this.#trials.isDue(this.#trialDueAt(guest))) return guest;
    }
    return undefined;
  }

  #scheduleTrial(guest: Guest): void {
    this.#trials.schedule(this.#trialDueAt(guest));
  }

  /**
   * The kernel is not wrong about a path. Hosts that do not answer may be: the first trial comes soon after they fell silent, and each interval
   * is twice the one before until it is as long as the option says.
   */
  #trialDueAt({ stay: { trialInterval, triesEarly } }: Guest): number {
    const { lastTrialAt, trials } = this.#trials;
    const regular = lastTrialAt + trialInterval;
    if (!triesEarly || this.#isSilence !== true) return regular;
    const early = trialInterval / 2 ** Math.max(0, EARLY_TRIALS - trials);
    return Math.min(regular, Math.max(lastTrialAt, this.#silentSince) + early);
  }

  /** A path that has just come back leads nowhere for a moment; that is not yet the silence of hosts which may be wrong. */
  #reviewSilence(): void {
    const isSilence = this.#source.reason === 'unreachable';
    if (isSilence === this.#isSilence) return;
    this.#isSilence = isSilence;
    if (isSilence) this.#trials.renew();
    this.#silentSince = performance.now();
  }
}

/** Trials of an outage that come sooner than `trialInterval`: with its default 1, 2, 4, 8 and 15 seconds, each after the one before. */
const EARLY_TRIALS = 5;

/** One operation that waits. */
class Guest {
  readonly stay: Stay;
  /** Its limit passed while it was only the gate that held it. */
  isOverdue = false;
  hasLeft = false;
  readonly #resolve: (departure: Departure) => void;
  readonly #reject: (error: unknown) => void;
  readonly #cleanUps: (() => void)[] = [];

  constructor(stay: Stay, resolve: (departure: Departure) => void, reject: (error: unknown) => void) {
    this.stay = stay;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onLeave(cleanUp: () => void): void {
    this.#cleanUps.push(cleanUp);
  }

  leave(departure: Departure): void {
    this.#cleanUp();
    this.#resolve(departure);
  }

  fail(error: unknown): void {
    this.#cleanUp();
    this.#reject(error);
  }

  #cleanUp(): void {
    this.hasLeft = true;
    for (const cleanUp of this.#cleanUps.splice(0)) cleanUp();
  }
}
