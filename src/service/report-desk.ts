import { KeepAlive } from '../events/index.js';
import type { ReportedOutcome } from './protocol.js';

/**
 * How long an answer to a report is waited for, in milliseconds: longer than the rounds of checks that a monitor may need for one. Then its
 * end is taken for dead or stuck, and what it may say is not waited for again until it has said anything at all.
 */
const PATIENCE = 30_000;

/**
 * Reports that are on their way, and those who wait for what comes of them. However many there are of one kind, one is under way and one
 * more will follow it: whoever comes meanwhile shares the second, since the first may have been looked into before the work failed.
 */
export class ReportDesk {
  readonly #send: (report: number, outcome: ReportedOutcome) => void;
  readonly #onSilence: () => void;
  readonly #queues = new Map<string, Queue>();
  readonly #pending = new Map<number, () => void>();
  readonly #keepAlive = new KeepAlive();
  #count = 0;
  #silent = false;

  /** @param onSilence called when a report has not been answered in time. Nobody waits for an answer any more then. */
  constructor(send: (report: number, outcome: ReportedOutcome) => void, onSilence: () => void) {
    this.#send = send;
    this.#onSilence = onSilence;
  }

  /** Resolves when the other end has looked, or will not. */
  report(outcome: ReportedOutcome): Promise<void> {
    // By code, since not every failure says the same of the network.
    const kind = outcome.ok ? 'ok' : `failed ${outcome.code}`;
    const queue = this.#queues.get(kind);
    if (queue === undefined) return this.#begin(kind, outcome);
    queue.next ??= queue.current.then(() => this.#begin(kind, outcome));
    return queue.next;
  }

  /** The other end has looked. */
  answered(report: number): void {
    this.#pending.get(report)?.();
  }

  /** The other end is alive. */
  heard(): void {
    this.#silent = false;
  }

  /** The other end is gone, or says nothing: nobody waits for it until it is heard again. */
  dismiss(): void {
    this.#silent = true;
    for (const settle of [...this.#pending.values()]) settle();
  }

  #begin(kind: string, outcome: ReportedOutcome): Promise<void> {
    const current = this.#ask(outcome).then(() => {
      if (this.#queues.get(kind)?.next === undefined) this.#queues.delete(kind);
    });
    this.#queues.set(kind, { current });
    return current;
  }

  #ask(outcome: ReportedOutcome): Promise<void> {
    this.#count += 1;
    const report = this.#count;
    const answer = this.#silent ? Promise.resolve() : this.#answerTo(report);
    this.#send(report, outcome);
    return answer;
  }

  #answerTo(report: number): Promise<void> {
    return new Promise((resolve) => {
      // The channel keeps no process alive, and work that waits for an answer must not be ended by that.
      const release = this.#keepAlive.hold();
      const settle = (): void => {
        clearTimeout(timer);
        release();
        this.#pending.delete(report);
        resolve();
      };
      const timer = setTimeout(() => this.#giveUp(), PATIENCE);
      this.#pending.set(report, settle);
    });
  }

  #giveUp(): void {
    this.dismiss();
    this.#onSilence();
  }
}

interface Queue {
  readonly current: Promise<void>;
  next?: Promise<void>;
}
