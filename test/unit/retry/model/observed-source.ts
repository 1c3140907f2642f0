import type { NetworkSource } from '../../../../src/retry/index.js';
import type {
  NetworkChange,
  NetworkReason,
  NetworkState,
  WaitOptions,
  WorkOutcome,
} from '../../../../src/state/index.js';
import { isPathReason } from '../../../../src/state/index.js';
import type { VirtualTime } from './virtual-time.js';

/** The return of a network, as those see it who waited for it. */
export interface Recovery {
  readonly at: number;
  /** How many may restart at once. */
  readonly places: number;
  /** How many may have restarted at this moment, where it returned several times in it. */
  readonly placesInAll: number;
  /** How many have restarted since. */
  starts: number;
  /** How many may have left with a place. */
  forgone: number;
}

/** In what one source differs from another. */
export interface SourceTraits {
  /** How long it takes to look again after a failure, in milliseconds. */
  readonly reportDelay: number;
  /** Whether it counts its outages itself. */
  readonly countsOutages: boolean;
}

/** Who hears of what happens to a source before the code under test does. */
export interface SourceListener {
  onLoss(): void;
  onRecovery(): void;
  onReport(outcome: WorkOutcome): void;
}

/**
 * A network source between the simulated network and the code under test: it passes everything on, keeps its own account of what the
 * network went through, and counts who hangs on it.
 */
export class ObservedSource implements NetworkSource {
  flapping = false;
  /** What the code under test holds at this moment. */
  readonly held = { listeners: 0, waiters: 0, tracked: 0 };
  /** How many outages have ended. */
  outagesEnded = 0;
  lastRecovery: Recovery | undefined;
  downSince: number | undefined;
  /** Since when it has been down for a reason of this kind: the path, or reach. */
  kindSince = 0;
  upSince = Number.NEGATIVE_INFINITY;
  /** How often the connections in flight were cut off. */
  strandings = 0;
  stoppedAt = Number.NEGATIVE_INFINITY;
  /** Since when trials have made sense; while they make none it is never. */
  trialsMakeSenseSince = Number.NEGATIVE_INFINITY;
  /** When the last trial began, or else the outage: as far as anybody listened. */
  lastTrialAt = Number.NEGATIVE_INFINITY;
  /** How many trials the outage has had. */
  trials = 0;
  /** Since when it has been down for a reason of this kind, as far as anybody listened. */
  silentSince = Number.NEGATIVE_INFINITY;
  readonly #outcomes: WorkOutcome[] = [];
  readonly #source: NetworkSource;
  readonly #time: VirtualTime;
  /** How long it takes to look again. */
  readonly #reportDelay: number;
  readonly #hears: SourceListener;
  /** Whether the code under test is told how many outages have ended. */
  readonly #counts: boolean;
  #isPathLoss = false;
  #isKnownDown = false;
  #isKnownSilence: boolean | undefined;

  constructor(source: NetworkSource, time: VirtualTime, traits: SourceTraits, hears: SourceListener) {
    this.#source = source;
    this.#time = time;
    this.#reportDelay = traits.reportDelay;
    this.#counts = traits.countsOutages;
    this.#hears = hears;
    source.onChange((change) => this.#onChange(change));
  }

  get state(): NetworkState {
    return this.#source.state;
  }

  get reason(): NetworkReason {
    return this.#source.reason ?? 'not-judged';
  }

  get allowsTrials(): boolean {
    return this.#source.allowsTrials ?? true;
  }

  get recoveries(): number | undefined {
    return this.#counts ? this.outagesEnded : undefined;
  }

  get isDown(): boolean {
    return this.state === 'down';
  }

  onChange(listener: (change: NetworkChange) => void): () => void {
    this.held.listeners += 1;
    if (this.held.listeners === 1) this.#onListening();
    const unsubscribe = this.#source.onChange(listener);
    return once(() => {
      this.held.listeners -= 1;
      unsubscribe();
    });
  }

  async waitForNetwork(options?: WaitOptions): Promise<void> {
    this.held.waiters += 1;
    this.#time.stir();
    try {
      await this.#source.waitForNetwork(options);
    } finally {
      this.held.waiters -= 1;
      this.#time.stir();
    }
  }

  async report(outcome: WorkOutcome): Promise<void> {
    this.#outcomes.push(outcome);
    this.#hears.onReport(outcome);
    if (this.#reportDelay > 0) await new Promise<void>((resolve) => this.#time.after(this.#reportDelay, resolve));
    await this.#source.report(outcome);
    this.#time.stir();
  }

  track(onStranded: (reason: NetworkReason) => void): () => void {
    this.held.tracked += 1;
    const release = this.#source.track?.(onStranded);
    return once(() => {
      this.held.tracked -= 1;
      release?.();
    });
  }

  /** Whether it was told of this failure, so that it looked again. */
  hasAsked(error: unknown): boolean {
    return this.#outcomes.some((outcome) => !outcome.ok && outcome.error === error);
  }

  /** A trial begins. */
  noteTrial(): void {
    this.trials += 1;
    this.lastTrialAt = this.#time.now;
  }

  /** The world has changed something that no change of state tells. */
  review(): void {
    const makesSense = this.allowsTrials;
    if (!makesSense) this.trialsMakeSenseSince = Number.POSITIVE_INFINITY;
    else if (this.trialsMakeSenseSince === Number.POSITIVE_INFINITY) this.trialsMakeSenseSince = this.#time.now;
  }

  #onChange({ from, to, reason }: NetworkChange): void {
    this.#time.stir();
    this.review();
    if (to === 'down') this.#onDown(from, reason);
    else if (from === 'down') this.#onUp();
  }

  #onDown(from: NetworkState, reason: NetworkReason): void {
    const { now } = this.#time;
    if (from !== 'down') {
      this.downSince = now;
      this.#hears.onLoss();
    }
    if (from !== 'down' || isPathReason(reason) !== this.#isPathLoss) this.kindSince = now;
    this.#isPathLoss = isPathReason(reason);
    if (this.held.listeners > 0) this.#learnThatDown();
  }

  #learnKind(): void {
    const isSilence = this.reason === 'unreachable';
    if (isSilence !== this.#isKnownSilence) this.silentSince = this.#time.now;
    if (isSilence && !this.#isKnownSilence) this.trials = 0;
    this.#isKnownSilence = isSilence;
  }

  #onUp(): void {
    this.downSince = undefined;
    this.upSince = this.#time.now;
    this.outagesEnded += 1;
    const places = this.flapping ? 1 : 8;
    const before = this.lastRecovery?.at === this.upSince ? this.lastRecovery : { placesInAll: 0, starts: 0 };
    const { placesInAll, starts } = before;
    this.lastRecovery = { at: this.upSince, places, placesInAll: placesInAll + places, starts, forgone: 0 };
    if (this.held.listeners > 0) this.#isKnownDown = false;
    this.#hears.onRecovery();
  }

  /** An outage that nobody listened to is the one that was heard of last. */
  #onListening(): void {
    if (this.isDown) this.#learnThatDown();
    else this.#isKnownDown = false;
  }

  #learnThatDown(): void {
    if (!this.#isKnownDown) this.#isKnownSilence = undefined;
    this.#learnKind();
    if (this.#isKnownDown) return;
    this.#isKnownDown = true;
    this.lastTrialAt = this.#time.now;
    this.trials = 0;
  }
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act();
  };
}
