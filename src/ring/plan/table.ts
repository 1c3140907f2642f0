import { hash } from 'node:crypto';
import { placeMembers } from './members.js';
import { modulo } from './modulo.js';
import { opponentOf, roundsOf } from './round-robin.js';
import type { TimetableSettings } from './timetable-options.js';

/** Who tests whom in one slot. */
export interface TimetablePair {
  /** Who begins the test. */
  readonly source: string;
  /** Who is tested. */
  readonly target: string;
}

/** What a member has to do in one slot. Times are of its own clock, in milliseconds since the epoch. */
export interface Turn {
  /** The source begins the test; the target waits for its claim. */
  readonly role: 'source' | 'target';
  /** Who is on the other side. */
  readonly partner: string;
  /** The number of the slot, counted from the epoch. */
  readonly slot: number;
  /** Before this moment nothing is begun. */
  readonly from: number;
  /** By this moment everything is over. */
  readonly until: number;
  /** Stands for the list of members and the options: who has another has another timetable. */
  readonly version: string;
}

/** The timetable of one list of members. */
export class Table {
  readonly version: string;
  readonly #ids: readonly string[];
  readonly #seats: ReadonlyMap<string, number>;
  readonly #settings: TimetableSettings;

  constructor(owner: string, members: readonly string[], settings: TimetableSettings) {
    this.#ids = placeMembers(owner, members).map(({ id }) => id);
    this.#seats = new Map(this.#ids.map((id, seat) => [id, seat]));
    this.#settings = settings;
    this.version = versionOf(this.#ids, settings);
  }

  get period(): number {
    return slotsToCover(this.#ids.length);
  }

  pairs(slot: number): readonly TimetablePair[] {
    return this.#ids.flatMap((source, seat) => {
      const partner = this.#partner(seat, slot);
      return partner?.role === 'source' ? [{ source, target: partner.id }] : [];
    });
  }

  turn(self: string, slot: number): Turn | undefined {
    const seat = this.#seats.get(self);
    const partner = seat === undefined ? undefined : this.#partner(seat, slot);
    if (partner === undefined) return undefined;
    const { slot: length, clockTolerance } = this.#settings;
    const from = slot * length + clockTolerance;
    const until = (slot + 1) * length - clockTolerance;
    return { role: partner.role, partner: partner.id, slot, from, until, version: this.version };
  }

  #partner(seat: number, slot: number): { readonly id: string; readonly role: Turn['role'] } | undefined {
    const other = opponentOf(seat, this.#ids.length, slot);
    const id = other === undefined ? undefined : this.#ids[other];
    if (other === undefined || id === undefined) return undefined;
    const isSource = seat < other === (modulo(slot, 2) === 0);
    return { id, role: isSource ? 'source' : 'target' };
  }
}

/**
 * In how many slots every ordered pair has its turn, exactly once in any row of so many: 2·(n−1) where n is even, 2·n where it is odd, while the list
 * stays the same.
 *
 * Everyone meets everyone in R rounds, and each round is a slot. R is odd, so who met in an even slot meets in an odd one next time: in even
 * slots the one test, in odd ones the other way round.
 *
 * @param members how many there are, n.
 */
export function slotsToCover(members: number): number {
  return 2 * roundsOf(members);
}

/** 128 bits of SHA-256 over JSON, in which no two lists are written alike. The first entry changes with the rules of the timetable. */
function versionOf(ids: readonly string[], { slot, clockTolerance }: TimetableSettings): string {
  const text = JSON.stringify(['netpause timetable 1', slot, clockTolerance, ids]);
  return hash('sha256', text, 'hex').slice(0, 32);
}
