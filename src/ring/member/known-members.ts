import { isDeepStrictEqual } from 'node:util';
import { type MemberRecord, memberRecordSchema, WIRE_LIMITS } from '../wire/index.js';

/** What a new list of members has changed. */
export interface MembersChange {
  /** Those that are gone, or are known by another name, address or place from now on; as they were. */
  readonly left: readonly MemberRecord[];
  /** Whether anybody has come, gone or changed. */
  readonly isChanged: boolean;
  /** Who has this member's id at another place: only one of the two is seen by the others. */
  readonly namesake: MemberRecord | undefined;
}

/** Who this member is, as others see it. */
export interface Self {
  readonly id: string;
  readonly ip: string;
  readonly port: number;
}

/** The other members, as the registry told last. */
export class KnownMembers {
  /** Milliseconds for which a member is kept that the registry tells of no more, without having heard that it left. */
  readonly #grace: number;
  readonly #members = new Map<string, Known>();

  /** @param grace for a registry that was restarted and has forgotten everybody: until all have registered again. */
  constructor(grace: number) {
    this.#grace = grace;
  }

  /** In the order of their ids. */
  get list(): readonly MemberRecord[] {
    return [...this.#members.values()]
      .map(({ member }) => member)
      .sort((a, b) => (a.instance_id < b.instance_id ? -1 : 1));
  }

  get size(): number {
    return this.#members.size;
  }

  get(id: string): MemberRecord | undefined {
    return this.#members.get(id)?.member;
  }

  /**
   * Takes over what a registry tells; what of it is no member is left out.
   *
   * @param now milliseconds of a monotonic clock.
   */
  update(told: readonly unknown[], self: Self, now: number): MembersChange {
    const members = readMembers(told, self);
    const left: MemberRecord[] = [];
    let isChanged = false;
    for (const [id, known] of this.#members) {
      const member = members.active.get(id);
      if (member !== undefined && isSamePlace(member, known.member)) continue;
      if (member === undefined && this.#isKept(known, members, now)) continue;
      this.#members.delete(id);
      left.push(known.member);
    }
    for (const [id, member] of members.active) {
      const known = this.#members.get(id);
      if (known === undefined && this.#members.size >= WIRE_LIMITS.members) continue;
      isChanged ||= known === undefined;
      this.#members.set(id, { member, missedSince: undefined });
    }
    return { left, isChanged: isChanged || left.length > 0, namesake: members.namesake };
  }

  #isKept(known: Known, { active, gone, places }: ToldMembers, now: number): boolean {
    const { member } = known;
    // It said so, or another one has its place: a member that was started again without a name of its own.
    if (gone.has(member.instance_id) || places.has(placeOf(member)) || active.size >= WIRE_LIMITS.members) return false;
    known.missedSince ??= now;
    return now - known.missedSince < this.#grace;
  }
}

interface Known {
  readonly member: MemberRecord;
  /** When the registry told of it no more; by a monotonic clock. */
  missedSince: number | undefined;
}

interface ToldMembers {
  readonly active: ReadonlyMap<string, MemberRecord>;
  /** The ids of those that said that they go. */
  readonly gone: ReadonlySet<string>;
  /** Addresses and ports of the active ones. */
  readonly places: ReadonlySet<string>;
  readonly namesake: MemberRecord | undefined;
}

/** The others: neither this member, nor what it was called in an earlier life. */
function readMembers(told: readonly unknown[], self: Self): ToldMembers {
  const active = new Map<string, MemberRecord>();
  const gone = new Set<string>();
  let namesake: MemberRecord | undefined;
  for (const each of told.slice(0, 2 * WIRE_LIMITS.members)) {
    const parsed = memberRecordSchema.safeParse(each);
    if (!parsed.success) continue;
    const member = parsed.data;
    if (member.status === 'deregistered') gone.add(member.instance_id);
    else if (isSelf(member, self)) namesake ??= isAt(member, self) ? undefined : member;
    else if (active.size < WIRE_LIMITS.members) active.set(member.instance_id, member);
  }
  return { active, gone, places: new Set([...active.values()].map(placeOf)), namesake };
}

function isSelf(member: MemberRecord, self: Self): boolean {
  return member.instance_id === self.id || isAt(member, self);
}

function isAt(member: MemberRecord, { ip, port }: Self): boolean {
  return member.ip === ip && member.port === port;
}

function placeOf({ ip, port }: MemberRecord): string {
  return `${ip} ${port}`;
}

/** Whether what is checked and what it is called in reports and series is the same. */
export function isSamePlace(a: MemberRecord, b: MemberRecord): boolean {
  return isDeepStrictEqual([a.ip, a.port, a.location], [b.ip, b.port, b.location]);
}
