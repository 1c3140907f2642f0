import { callSafely } from '../events/index.js';
import type { NetworkReason } from '../state/index.js';
import type { Attempt, AttemptKind } from './attempt.js';
import { nextCallId } from './call-id.js';
import type { CallEvent, RetryerEvents } from './events.js';
import { History } from './report.js';
import type { RetrySettings } from './settings.js';

/** Where the events of a call go. */
export interface Observer {
  hears(name: keyof RetryerEvents): boolean;
  tell<Name extends keyof RetryerEvents>(name: Name, ...event: Parameters<RetryerEvents[Name]>): void;
}

/** What a call went through, written down for its report and told to whoever listens. */
export class Journal {
  attemptNumber = 1;
  /** How many outages the call has met. */
  outages = 0;
  readonly #callId = nextCallId();
  readonly #settings: RetrySettings;
  readonly #observer: Observer | undefined;
  readonly #startedAt: number;
  #history: History | undefined;
  #outage: { readonly startedAt: number; readonly reason: NetworkReason | undefined } | undefined;

  /** @param startedAt when the call began, by `performance.now()`. */
  constructor(settings: RetrySettings, observer: Observer | undefined, startedAt: number) {
    this.#settings = settings;
    this.#observer = observer;
    this.#startedAt = startedAt;
  }

  attemptStarts(kind: AttemptKind): void {
    this.#observer?.tell('attempt', { ...this.#event(), isTrial: kind === 'trial' });
  }

  attemptFailed(attempt: Attempt, error: unknown, duration: number, fate: 'spent' | 'unspent'): void {
    const { number, kind } = attempt;
    const spent = fate === 'spent';
    const isTrial = kind === 'trial';
    // Not by its duration: after the failure the source may have taken a while to look again.
    const startedAt = Date.now() - (performance.now() - attempt.startedAt);
    this.#writable.addAttempt({ number, startedAt, duration, error, spent, isTrial });
    this.#observer?.tell('failure', { ...this.#event(), isTrial, error, duration, spent });
  }

  pauseBegins(reason: NetworkReason | undefined): void {
    this.outages += 1;
    this.#outage = { startedAt: performance.now(), reason };
    const event = { ...this.#event(), reason };
    const { onPause } = this.#settings;
    if (onPause) callSafely(() => onPause(event));
    this.#observer?.tell('pause', event);
  }

  pauseEnds(): void {
    const { reason, duration } = this.#closeOutage();
    const event = { ...this.#event(), reason, duration };
    const { onResume } = this.#settings;
    if (onResume) callSafely(() => onResume(event));
    this.#observer?.tell('resume', event);
  }

  succeeded(): void {
    this.#observer?.tell('settle', { ...this.#event(), duration: this.#duration, ok: true });
  }

  failed(error: unknown): void {
    if (this.#outage !== undefined) this.#closeOutage();
    this.#writable.explain(error);
    this.#observer?.tell('settle', { ...this.#event(), duration: this.#duration, ok: false, error });
  }

  /** Made when there is something to write down: a call that succeeds at once has no history. */
  get #writable(): History {
    this.#history ??= new History();
    return this.#history;
  }

  get #duration(): number {
    return performance.now() - this.#startedAt;
  }

  #closeOutage(): { readonly reason: NetworkReason | undefined; readonly duration: number } {
    const { startedAt = performance.now(), reason } = this.#outage ?? {};
    const duration = performance.now() - startedAt;
    this.#outage = undefined;
    this.#writable.addOutage({ startedAt: Date.now() - duration, duration, reason });
    return { reason, duration };
  }

  #event(): CallEvent {
    const { attemptNumber, outages } = this;
    return { callId: this.#callId, name: this.#settings.name, attemptNumber, outages };
  }
}
