import { setTimeout as sleep } from 'node:timers/promises';
import { orAborted } from '../../events/index.js';
import type { NetworkChange, NetworkReason, NetworkState } from '../../monitor/index.js';
import { isReady } from './readiness.js';

/** A network that is waited for. */
export interface AwaitedNetwork {
  readonly state: NetworkState;
  readonly reason: NetworkReason;
  onChange(listener: (change: NetworkChange) => void): () => void;
  waitForNetwork(options: { readonly signal: AbortSignal }): Promise<void>;
}

export interface ReadyWait {
  /** Has the network looked at anew; resolves when what was found is known. */
  look(): Promise<unknown>;
  readonly signal: AbortSignal;
  /** How the network stands, in words. */
  describe(): string;
  tell(line: string): void;
}

/** From one look to the next while nothing is known to be broken, in milliseconds: a network that is coming up need not tell of it. */
const LOOK_INTERVAL = 500;

/**
 * Resolves when the network is there, at once where it is.
 *
 * @throws the signal's reason.
 */
export async function untilReady(network: AwaitedNetwork, { look, signal, describe, tell }: ReadyWait): Promise<void> {
  const ready = new AbortController();
  const ended = AbortSignal.any([signal, ready.signal]);
  const review = (): void => {
    if (isReady(network.state, network.reason)) ready.abort();
  };
  const unsubscribe = network.onChange(review);
  let told = '';
  try {
    for (review(); !ready.signal.aborted; review()) {
      signal.throwIfAborted();
      const state = describe();
      if (state !== told && network.state !== 'unknown') tell(state);
      told = state;
      // Whoever waits has the monitor look more closely.
      await network.waitForNetwork({ signal });
      await orAborted(look(), ended).catch(() => {});
      await sleep(LOOK_INTERVAL, undefined, { signal: ended }).catch(() => {});
    }
  } finally {
    unsubscribe();
  }
}
