import {
  type ClaimVerdict,
  mayTest,
  nextTurn,
  type Roster,
  rosterAt,
  type TestClaim,
  type TimetableOptions,
  type Turn,
  turnOf,
} from '../plan/index.js';

/** What a member has to do for bandwidth tests, as one who tests and as one who is tested: both go by the same list through a slot. */
export class BandwidthTurns {
  readonly #self: string;
  readonly #members: () => readonly string[];
  readonly #timetable: TimetableOptions;
  #roster: Roster | undefined;
  /** The slot in which it has tested last. */
  #usedSlot: number | undefined;

  /** @param members the ids of the others, as they are known now. */
  constructor(self: string, members: () => readonly string[], timetable: TimetableOptions) {
    this.#self = self;
    this.#members = members;
    this.#timetable = timetable;
  }

  /** The test that may begin now; undefined where it is somebody else's turn, or it has begun already. */
  turnAt(now: number): Turn | undefined {
    const turn = turnOf(this.#self, this.#rosterAt(now), now, this.#timetable);
    if (turn?.role !== 'source' || turn.slot === this.#usedSlot) return undefined;
    return now >= turn.from && now < turn.until ? turn : undefined;
  }

  /** A member is the source of no more than one test in a slot. */
  use({ slot }: Turn): void {
    this.#usedSlot = slot;
  }

  /** Milliseconds until the next turn begins, as far as that can be told; Infinity where there is none. */
  untilNext(now: number): number {
    const turn = nextTurn(this.#self, this.#rosterAt(now), now, this.#timetable);
    return turn === undefined ? Number.POSITIVE_INFINITY : turn.from - now;
  }

  /** Whether another member may test this one. */
  judge(claim: TestClaim, now: number): ClaimVerdict {
    return mayTest(this.#self, claim, this.#rosterAt(now), now, this.#timetable);
  }

  #rosterAt(now: number): readonly string[] {
    this.#roster = rosterAt(this.#roster, [this.#self, ...this.#members()], now, this.#timetable);
    return this.#roster.members;
  }
}
