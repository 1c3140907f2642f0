import { type LogFunction, type Logger, type LogLevel, type LogValue, writeLog } from '../log/index.js';
import type { AttemptEvent, CallEvent, FailureEvent, PauseEvent, ResumeEvent, SettleEvent } from './events.js';
import type { Follower } from './follow.js';

/** Writes down what one call goes through. */
export class CallLog implements Follower {
  readonly #logger: Logger | LogFunction;
  readonly #signal: AbortSignal | undefined;
  /** Whether the attempt that runs, or has just ended, is a trial. */
  #isTrial = false;
  #hadTrouble = false;

  constructor(logger: Logger | LogFunction, signal: AbortSignal | undefined) {
    this.#logger = logger;
    this.#signal = signal;
  }

  attempt(event: AttemptEvent): void {
    this.#isTrial = event.isTrial;
    this.#write('debug', 'attempt starts', event, { trial: event.isTrial || undefined });
  }

  failure(event: FailureEvent): void {
    const { duration, error, isTrial, spent } = event;
    this.#hadTrouble = true;
    // One that is lost has ended nothing: the pause goes on until the network is back.
    this.#isTrial = isTrial && spent;
    const particulars = { trial: isTrial || undefined, durationMs: Math.round(duration) };
    if (spent) this.#write('warn', 'attempt failed', event, particulars, { error });
    else this.#write('debug', 'attempt lost to the network', event, particulars, { error });
  }

  pause(event: PauseEvent): void {
    this.#hadTrouble = true;
    this.#isTrial = false;
    this.#write('warn', 'network is down, waiting for network to recover', event, { reason: event.reason });
  }

  resume(event: ResumeEvent): void {
    const { reason, duration } = event;
    // A trial that was not lost ends the pause by itself: the network need not have recovered, and nothing may have to be repeated.
    const message = this.#isTrial ? 'pause ended by a trial' : 'network recovered, retrying operation';
    this.#write('info', message, event, { reason, pausedMs: Math.round(duration) });
  }

  settle(event: SettleEvent): void {
    const particulars = { outages: event.outages || undefined, durationMs: Math.round(event.duration) };
    if (event.ok) {
      this.#write(this.#hadTrouble ? 'info' : 'debug', 'operation succeeded', event, particulars);
    } else if (this.#signal?.aborted && event.error === this.#signal.reason) {
      this.#write('info', 'operation aborted', event, particulars, { error: event.error });
    } else {
      this.#write('error', 'operation failed', event, particulars, { error: event.error });
    }
  }

  #write(
    level: LogLevel,
    message: string,
    { name, attemptNumber }: CallEvent,
    particulars: Readonly<Record<string, LogValue | undefined>>,
    thrown: { readonly error?: unknown } = {},
  ): void {
    const fields = { operation: name, attempt: attemptNumber, ...particulars };
    writeLog(this.#logger, { level, message, fields, ...thrown });
  }
}
