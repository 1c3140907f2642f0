import { NetworkDownError } from '../../errors/index.js';
import { isPathReason, type NetworkReason } from '../../monitor/index.js';
import type { InterruptAfter, NetworkSource } from '../../retry/index.js';

/**
 * Watches the network under work that cannot be repeated, such as the body of an answer that the caller reads already: so that it ends when the
 * network is lost for longer than it should be, or its address or interface has gone, instead of hanging on a dead connection.
 *
 * @param interruptAfter as the Retryer's option of this name.
 * @param onLost called at most once.
 * @returns ends the watch.
 */
export function watchForLoss(
  network: NetworkSource,
  interruptAfter: number | InterruptAfter | undefined,
  onLost: (error: NetworkDownError) => void,
): () => void {
  const watch = new LossWatch(network, limitsOf(interruptAfter), onLost);
  watch.start();
  return () => watch.stop();
}

/** Milliseconds. */
interface Limits {
  readonly path: number;
  readonly reach: number;
}

class LossWatch {
  readonly #network: NetworkSource;
  readonly #limits: Limits;
  readonly #onLost: (error: NetworkDownError) => void;
  #releases: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timedLoss: keyof Limits | undefined;
  #isOver = false;

  constructor(network: NetworkSource, limits: Limits, onLost: (error: NetworkDownError) => void) {
    this.#network = network;
    this.#limits = limits;
    this.#onLost = onLost;
  }

  start(): void {
    const unsubscribe = this.#network.onChange(() => this.#judge());
    const release = this.#network.track?.((reason) => this.#lose(reason));
    this.#releases = release === undefined ? [unsubscribe] : [unsubscribe, release];
    this.#judge();
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    for (const release of this.#releases.splice(0)) release();
  }

  /** Each kind of loss has a time of its own, which begins with it. */
  #judge(): void {
    if (this.#isOver) return;
    const { state, reason = 'unreachable' } = this.#network;
    const loss = state === 'down' ? kindOf(reason) : undefined;
    if (loss === this.#timedLoss) return;
    this.#timedLoss = loss;
    clearTimeout(this.#timer);
    if (loss === undefined || this.#limits[loss] === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#lose(reason), this.#limits[loss]);
    // It is the connection that keeps the process alive, for as long as it does.
    this.#timer.unref();
  }

  #lose(reason: NetworkReason): void {
    if (this.#isOver) return;
    this.stop();
    this.#onLost(new NetworkDownError(reason));
  }
}

function kindOf(reason: NetworkReason): keyof Limits {
  return isPathReason(reason) ? 'path' : 'reach';
}

function limitsOf(given: number | InterruptAfter | undefined): Limits {
  if (typeof given === 'number') return { path: given, reach: given };
  return { path: given?.path ?? DEFAULT_LIMITS.path, reach: given?.reach ?? DEFAULT_LIMITS.reach };
}

/** The Retryer's. */
const DEFAULT_LIMITS: Limits = { path: 2000, reach: 10_000 };
