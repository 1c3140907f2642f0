import { setTimeout as sleep } from 'node:timers/promises';
import { orAborted } from '../events/index.js';
import type { NetworkMonitor } from '../monitor/index.js';

/** A name may not be resolved, nor a silence be confirmed, when the first round of checks ends: this long it is looked again, in milliseconds. */
const PATIENCE = 8_000;
const INTERVAL = 100;

/**
 * Starts a monitor and lets it look until it has come to a judgement.
 *
 * @throws the signal's reason.
 */
export async function firstLook(monitor: NetworkMonitor, signal: AbortSignal): Promise<void> {
  await monitor.start();
  const deadline = performance.now() + PATIENCE;
  do {
    await orAborted(monitor.check(), signal);
    if (isJudged(monitor)) return;
    await orAborted(sleep(INTERVAL), signal);
  } while (performance.now() < deadline);
}

function isJudged(monitor: NetworkMonitor): boolean {
  const { state, checks } = monitor.snapshot();
  return state !== 'unknown' && !checks.some(({ error }) => error === 'ENOTFOUND');
}
