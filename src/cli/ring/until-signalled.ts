import { once } from 'node:events';
import { onSignals } from '../signals.js';

/**
 * Milliseconds within which a further signal is the same request: timeout(1) sends it to the process and to its group, and npx passes on what the
 * terminal has sent to both.
 */
const ONE_REQUEST = 500;

/**
 * Does what has to be done until one of these signals comes, and afterwards. When it comes once more, the process ends at once.
 *
 * @param onSignal called at the first one.
 */
export async function untilSignalled(
  signals: readonly NodeJS.Signals[],
  onSignal: (signal: NodeJS.Signals) => void,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stopping = new AbortController();
  let first: number | undefined;
  const release = onSignals(signals, (signal) => {
    if (first === undefined) {
      first = performance.now();
      onSignal(signal);
      stopping.abort();
    } else if (performance.now() - first > ONE_REQUEST) {
      release();
      // Nobody takes it any more.
      process.kill(process.pid, signal);
    }
  });
  try {
    await work(stopping.signal);
  } finally {
    release();
  }
}

/** Resolves when a signal has aborted. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
