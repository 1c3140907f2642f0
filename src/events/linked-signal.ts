import { onAbort } from './abort.js';

/** A signal that aborts with the first of several, until it is released. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  /** Takes it off the signals that it hangs on, which may live as long as the process. */
  readonly release: () => void;
}

/** `AbortSignal.any`, which in Node.js 20 keeps what was made of a signal for as long as that signal lives (nodejs/node#55351). */
export function linkSignals(...signals: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController();
  const given = signals.filter((signal) => signal !== undefined);
  const aborted = given.find((signal) => signal.aborted);
  if (aborted !== undefined) {
    controller.abort(aborted.reason);
    return { signal: controller.signal, release: () => {} };
  }
  const releases = given.map((signal) => onAbort(signal, () => controller.abort(signal.reason)));
  return {
    signal: controller.signal,
    release() {
      for (const release of releases) release();
    },
  };
}
