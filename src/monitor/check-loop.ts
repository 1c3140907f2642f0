import { type CheckTarget, type HostDecision, runCheckRound } from './check-round.js';
import { type Egress, wayKey } from './path.js';

export interface CheckLoopOptions {
  /** Milliseconds. */
  readonly interval: number;
  /** Milliseconds. */
  readonly timeout: number;
}

/** What a {@link CheckLoop} asks and tells its owner. */
export interface CheckLoopOwner {
  /** The check hosts that a round would ask now: those that the kernel knows a way to. */
  hosts(): readonly CheckTarget[];
  /** The destinations of work, which are asked themselves before the silence of all check hosts is held against them. */
  destinations(doubt: 'of all' | 'of some'): readonly CheckTarget[];
  /** Whether rounds should follow each other quickly, because the first answer will end an outage. */
  urgent(): boolean;
  /** Whether one more round is wanted at once, because hosts were silent that speak for somebody. */
  unconfirmed(): boolean;
  /** Whether work is in flight or waits for that answer. */
  busy(): boolean;
  /** Before each periodic round. */
  onTick(): void;
  /** A check host has answered; `onDecided` follows. */
  onHostAnswer(host: CheckTarget): void;
  onDecided(decision: HostDecision, target: CheckTarget): void;
  onRoundEnd(): void;
}

/**
 * Milliseconds from one urgent round's start to the next one's: the first answer is wanted at once, and the first packet over a link that has
 * just come back is easily lost.
 */
const URGENT_DELAYS = [0, 20, 50, 100, 200] as const;
/** Then four rounds a second, or fewer where connects wait long; after some seconds one, after a minute ever fewer, down to the interval. */
const EARLY = { delay: 250, rounds: 40 } as const;
const LATE = { delay: 1_000, rounds: 90 } as const;
const ROUNDS_PER_TIMEOUT = 8;
const SLOWING = 1.5;
/** Rounds that overlap because their connects are still waiting; a bound on open sockets. */
const MOST_ROUNDS_AT_ONCE = 16;

/** Decides when rounds of checks run: at the interval, at once when asked, quickly after each other while the network is away. */
export class CheckLoop {
  readonly #options: CheckLoopOptions;
  readonly #owner: CheckLoopOwner;
  readonly #rounds = new Set<AbortController>();
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #urgentRounds = 0;
  #restarts = 0;
  #silentRounds = 0;
  #silentAt = Number.NEGATIVE_INFINITY;
  #workFailed = false;
  /** The rounds that failing work has asked for and that nobody has answered yet, by the way out that the work takes. */
  readonly #looks = new Map<string, Promise<void>>();

  constructor(options: CheckLoopOptions, owner: CheckLoopOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  /**
   * Whether the silence of every host is beyond doubt: two rounds in a row, or one that failing work asked for. A single round may have hit
   * a moment of loss.
   */
  get silenceConfirmed(): boolean {
    return this.#silentRounds >= 2 || (this.#silentRounds === 1 && this.#workFailed);
  }

  start(): void {
    this.#running = true;
    this.#urgentRounds = 0;
    this.#silentRounds = 0;
    this.#workFailed = false;
    this.#schedule(0);
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    this.abandonRounds();
  }

  /** The path is another one: what the rounds in flight will say is about the old one. The next round runs at once. */
  restart(): void {
    if (!this.#running) return;
    this.abandonRounds();
    this.#silentRounds = 0;
    this.#urgentRounds = 0;
    this.#restarts += 1;
    this.#begin();
  }

  /** Ends the rounds in flight without a result. */
  abandonRounds(): void {
    for (const round of this.#rounds) round.abort();
    this.#rounds.clear();
  }

  /** Runs one round now and resolves when it has ended. */
  check(): Promise<void> {
    return this.#run(() => {});
  }

  /** Somebody is held by what was heard before he came: the next round runs now, and the ones after it quickly. */
  hurry(): void {
    if (!this.#running) return;
    this.#urgentRounds = 0;
    this.#schedule(0);
  }

  /**
   * Looks because work has failed: resolves at the first answer, or when the round has ended. Everybody who asks meanwhile shares it.
   *
   * @param via the way out that the work takes, where it is known: then only answers by that one count.
   */
  look(via?: Egress): Promise<void> {
    this.#workFailed = true;
    const way = via === undefined ? '' : wayKey(via);
    const known = this.#looks.get(way);
    if (known !== undefined) return known;
    const look = new Promise<void>((resolve) => {
      const settle = (): void => {
        this.#looks.delete(way);
        resolve();
      };
      const onAnswer = ({ egress }: CheckTarget): void => {
        if (via === undefined || egress === undefined || wayKey(egress) === way) settle();
      };
      void this.#run(onAnswer).then(settle);
    });
    this.#looks.set(way, look);
    return look;
  }

  #schedule(delay: number): void {
    clearTimeout(this.#timer);
    if (!this.#running) return;
    this.#timer = setTimeout(() => this.#tick(), delay);
    this.#timer.unref();
  }

  #tick(): void {
    const restarts = this.#restarts;
    this.#owner.onTick();
    // What the owner saw may have restarted or stopped the loop, and then the round runs already.
    if (this.#running && this.#restarts === restarts) this.#begin();
  }

  /** Plans the next round and runs this one. */
  #begin(): void {
    const urgent = this.#owner.urgent();
    this.#urgentRounds = urgent ? this.#urgentRounds + 1 : 0;
    // The next one is planned from this one's start: it must not wait for connects that will time out.
    this.#schedule(urgent ? this.#urgentDelay() : this.#options.interval);
    // A connect keeps the process alive while it is pending (a libuv request cannot be unreferenced). Where nobody waits for its outcome, one
    // round must end before the next begins, so that in between the process can.
    if (this.#rounds.size >= (this.#owner.busy() ? MOST_ROUNDS_AT_ONCE : 1)) return;
    void this.#run(() => {});
  }

  #urgentDelay(): number {
    const round = this.#urgentRounds;
    const steady = round < EARLY.rounds ? EARLY.delay : LATE.delay * SLOWING ** Math.max(0, round - LATE.rounds);
    const delay = URGENT_DELAYS[round] ?? Math.max(steady, this.#options.timeout / ROUNDS_PER_TIMEOUT);
    return Math.min(delay, this.#options.interval);
  }

  async #run(onAnswer: (target: CheckTarget) => void): Promise<void> {
    const hosts = this.#owner.hosts();
    if (hosts.length === 0) return;
    const destinations = this.#owner.destinations(this.#isInDoubt() ? 'of all' : 'of some');
    const startedAt = performance.now();
    const round = new AbortController();
    this.#rounds.add(round);
    const found = new Set<HostDecision['found']>();
    await runCheckRound({
      targets: [...hosts, ...destinations],
      timeout: this.#options.timeout,
      signal: round.signal,
      onDecided: (decision, target) => {
        if (round.signal.aborted) return;
        const isReached = decision.found === 'reached';
        if (hosts.includes(target)) {
          found.add(decision.found);
          if (isReached) this.#onHostAnswer(target);
        }
        this.#owner.onDecided(decision, target);
        if (isReached) onAnswer(target);
      },
    });
    this.#rounds.delete(round);
    if (round.signal.aborted || !this.#running) return;
    this.#noteRound(found, startedAt);
    this.#owner.onRoundEnd();
    if (this.#owner.urgent() ? this.#urgentRounds === 0 : this.#isUnconfirmed(found)) this.#schedule(0);
  }

  /** Whether this round's silence is the first, which is confirmed without waiting out the interval. */
  #isUnconfirmed(found: ReadonlySet<HostDecision['found']>): boolean {
    // A round that cannot be made ends at once, and would be repeated as quickly for as long as that lasts.
    if (!found.has('silent')) return false;
    return (this.#silentRounds === 1 && !this.silenceConfirmed) || this.#owner.unconfirmed();
  }

  /** Whether the check hosts may be about to be held against somebody: they were silent, or work has failed. */
  #isInDoubt(): boolean {
    return this.#silentRounds > 0 || this.#workFailed || this.#owner.urgent();
  }

  #onHostAnswer(host: CheckTarget): void {
    this.#silentRounds = 0;
    this.#workFailed = false;
    this.#owner.onHostAnswer(host);
  }

  #noteRound(found: ReadonlySet<HostDecision['found']>, startedAt: number): void {
    // Rounds that overlap have met one and the same moment of loss.
    if (found.has('reached') || !found.has('silent') || startedAt < this.#silentAt) return;
    this.#silentRounds += 1;
    this.#silentAt = performance.now();
  }
}
