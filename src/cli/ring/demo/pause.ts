import { onAbort } from '../../../events/index.js';

/** Waits for so many milliseconds, or until the signal aborts. */
export function pause(duration: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      release();
      resolve();
    };
    const timer = setTimeout(end, duration);
    const release = onAbort(signal, end);
  });
}

/** Waits for something, and no longer than so many milliseconds. */
export async function atMost(duration: number, promise: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  await Promise.race([promise, pause(duration, over.signal)]);
  over.abort();
}
