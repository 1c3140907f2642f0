import { toError } from '../../errors/index.js';
import type { RecordStore } from '../../store/index.js';
import {
  type AlertEvent,
  type ExpectedMembers,
  judgeMembers,
  leaveOut,
  type MembersJudgement,
} from '../expected/index.js';
import { LeaderElection, ROUNDS_UNTIL_GONE } from './leader-election.js';
import type { OwnSight } from './own-sight.js';
import type { RingBook } from './ring-book.js';
import { type KeptState, WatchRecord } from './watch-record.js';

/** What a {@link MembershipWatch} needs. */
export interface MembershipWatchOptions {
  readonly book: RingBook;
  readonly store: RecordStore;
  readonly expected: ExpectedMembers;
  readonly sight: OwnSight;
  /** Told of each alert that begins or ends, by one of the registries that share the store; resolves when those who are to know do, or never will. */
  readonly notify: (event: AlertEvent) => Promise<void>;
  readonly onError: (error: Error) => void;
}

/**
 * Judges again and again who is missing. Of several registries with one store each judges for those who ask it; one of them keeps the state, and
 * tells of alerts. What it has not told when it ends is told by the next.
 *
 * Time in which nobody could judge is left out, as if it had not been: no grace period runs on in it.
 */
export class MembershipWatch {
  readonly #options: MembershipWatchOptions;
  readonly #election: LeaderElection;
  readonly #record: WatchRecord;
  /** What is being told. */
  readonly #telling = new Set<string>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #rounds = Promise.resolve();
  /** Whether there were rounds since the last judgement in which nothing could be known. */
  #wasBlind = false;
  #last: MembersJudgement | undefined;

  constructor(options: MembershipWatchOptions) {
    this.#options = options;
    this.#election = new LeaderElection(options.store, options.expected.checkInterval);
    this.#record = new WatchRecord(options.store);
  }

  /** Who is missing now; while that cannot be known, who was when it could. Changes nothing. */
  get judgement(): MembersJudgement {
    return this.#options.sight.isClear || this.#last === undefined ? this.#judge() : this.#last;
  }

  start(): void {
    const { checkInterval } = this.#options.expected;
    const age = this.#age(this.#record.read());
    if (age > ROUNDS_UNTIL_GONE * checkInterval) this.#options.sight.wasBlindFor(age);
    this.#timer ??= setInterval(() => this.#next(), checkInterval).unref();
    this.#next();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#rounds;
    await this.#election.leave();
  }

  /** One round after another, however long one takes. */
  #next(): void {
    this.#rounds = this.#rounds.then(() => this.#round()).catch((error) => this.#options.onError(toError(error)));
  }

  async #round(): Promise<void> {
    const { sight, store } = this.#options;
    if (this.#timer === undefined) return;
    if (!sight.isClear) {
      this.#wasBlind = true;
      return this.#election.leave();
    }
    if (!(await this.#election.isLeader()) || !sight.isClear) return;
    const { state, alerts } = this.#judge();
    this.#wasBlind = false;
    const untold = [...this.#record.read().untold, ...alerts];
    await this.#record.write({ state, untold, judgedAt: store.now() });
    for (const event of untold) this.#tell(event);
  }

  #judge(): MembersJudgement {
    const { book, store, expected } = this.#options;
    const kept = this.#record.read();
    const age = this.#age(kept);
    const isGap = this.#wasBlind || age > ROUNDS_UNTIL_GONE * expected.checkInterval;
    const gap = isGap ? Math.max(0, age - expected.checkInterval) : 0;
    const present = book.active().map(({ instance_id: id, location }) => ({ id, location }));
    this.#last = judgeMembers(expected, present, leaveOut(kept.state, gap), store.now());
    return this.#last;
  }

  #age({ judgedAt }: KeptState): number {
    const now = this.#options.store.now();
    return Math.max(0, now - (judgedAt ?? now));
  }

  #tell(event: AlertEvent): void {
    const id = idOf(event);
    if (this.#telling.has(id)) return;
    this.#telling.add(id);
    this.#options
      .notify(event)
      .then(() => this.#onTold(id))
      .catch((error) => this.#options.onError(toError(error)));
  }

  async #onTold(id: string): Promise<void> {
    const kept = this.#record.read();
    await this.#record.write({ ...kept, untold: kept.untold.filter((each) => idOf(each) !== id) });
    this.#telling.delete(id);
  }
}

function idOf({ event, at, alert }: AlertEvent): string {
  return JSON.stringify([event, at, alert.key]);
}
