import { linkSignals, throwIfAborted } from '../events/index.js';
import { inconclusive } from './failure.js';
import { OnlineWatch } from './online-watch.js';
import type { ProbeContext } from './probe-context.js';
import type { Measurement, ProbeFailure, ProbeResult, ProbeVerdict } from './result.js';

/** What is to be probed. */
export interface ProbeTask {
  /** The engine's name. */
  readonly probe: string;
  /** The target as it was given. */
  readonly target: string;
  /** Milliseconds, for everything together. */
  readonly timeout: number;
}

/** What an engine works with. */
export interface ProbeRun {
  /** Aborts when the time is over, and when the caller aborts. */
  readonly signal: AbortSignal;
  /** Whether the time is over. */
  readonly isOver: boolean;
  /** Whether this host's network was down at any moment so far. An engine whose measurement has gaps asks, before it blames anybody for them. */
  readonly wasOffline: boolean;
  /** Says what is asked, as `'192.0.2.1:443'` or `'192.0.2.1'`, as soon as that is known: from then on, the way there decides over being offline. */
  towards(destination: string): void;
}

/**
 * Gives an engine its time and its signal, and judges what it found by what is known of this host's own network.
 *
 * @param measure resolves to what it measured, also when the time is over or the target fails. It is not waited for any longer than it takes
 * to settle after the signal has aborted.
 * @throws the caller's reason when it aborts; whatever else `measure` rejects with.
 */
export async function runProbe<Facts extends object, Phase extends string>(
  task: ProbeTask,
  { signal: given, monitor }: ProbeContext,
  measure: (run: ProbeRun) => Promise<Measurement<Facts, Phase>>,
): Promise<ProbeResult<Facts, Phase>> {
  throwIfAborted(given);
  const deadline = new AbortController();
  const { signal, release } = linkSignals(given, deadline.signal);
  // After a stall of the event loop, timers run before what the kernel has kept for us meanwhile: that is heard first.
  const timer = setTimeout(
    () => setImmediate(() => deadline.abort(new Error('the time of the probe is over'))),
    task.timeout,
  );
  const watch = new OnlineWatch(monitor);
  const startedAt = Date.now();
  const start = performance.now();
  try {
    const measured = await measure({
      signal,
      get isOver() {
        return deadline.signal.aborted;
      },
      get wasOffline() {
        return watch.wasDown;
      },
      towards: (destination) => watch.towards(destination),
    });
    throwIfAborted(given);
    const duration = performance.now() - start;
    const verdict = await judge(measured.verdict, watch, given);
    return {
      probe: task.probe,
      target: task.target,
      ...verdict,
      ...(watch.reason !== undefined && { offline: watch.reason }),
      ...(measured.address !== undefined && { address: measured.address }),
      startedAt,
      duration,
      samples: measured.samples,
      timings: measured.timings,
      facts: measured.facts,
    };
  } finally {
    clearTimeout(timer);
    release();
    watch.release();
  }
}

/** A failure in an outage of this host's own is nobody else's. */
async function judge(
  verdict: ProbeVerdict,
  watch: OnlineWatch,
  signal: AbortSignal | undefined,
): Promise<ProbeVerdict> {
  if (verdict.status === 'ok') return verdict;
  if (mayBeOurs(verdict)) await watch.lookAgain(asError(verdict), signal);
  if (!watch.wasDown || verdict.status === 'inconclusive') return verdict;
  const why = watch.reason === undefined ? '' : ` (${watch.reason})`;
  return inconclusive('offline', `this host's network was down${why}, and so nothing can be said: ${verdict.message}`);
}

/** Whoever has answered has been reached, at least then. */
function mayBeOurs({ failureSource, reason }: ProbeFailure): boolean {
  return failureSource !== 'target' || reason === 'reset';
}

function asError({ reason, message }: ProbeFailure): Error {
  return Object.assign(new Error(message), { code: reason === 'timeout' ? 'ETIMEDOUT' : 'EHOSTUNREACH' });
}
