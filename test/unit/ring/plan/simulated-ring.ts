import { mayTest, type Roster, rosterAt, type TestClaim, turnOf } from '../../../../src/ring/plan/index.js';

/** A member of the simulation: what it believes the time and the members to be. */
export interface SimulatedMember {
  readonly id: string;
  /** What its clock shows at a true time, in milliseconds. */
  clock(time: number): number;
  /** Whom it takes for members at a true time. */
  members(time: number): readonly string[];
}

/** What protects members beside their timetables. */
export interface Guards {
  /** Keep to one list through a slot. */
  readonly roster: 'kept' | 'renewed at once';
  /** What a bandwidth server and its process have: one test at a time, whichever side they are on. */
  readonly lease: 'one' | 'none';
}

export interface World {
  readonly members: readonly SimulatedMember[];
  readonly options: { readonly slot: number; readonly clockTolerance: number };
  readonly guards: Guards;
  /** True time at which it ends, from 0. */
  readonly duration: number;
  /** Milliseconds that a message takes at most. */
  readonly latency: number;
  /** How likely a source begins, in each step of its turn. */
  readonly eagerness: number;
  /** Numbers from 0 to 1. */
  random(): number;
}

/** A stretch of true time through which a member is in a test. */
export interface Stint {
  readonly member: string;
  readonly test: number;
  readonly from: number;
  readonly until: number;
}

export interface Test {
  readonly source: string;
  readonly target: string;
  /** Whether the source had all the time that it had asked for. */
  readonly isWhole: boolean;
}

export interface Outcome {
  readonly stints: readonly Stint[];
  readonly tests: readonly Test[];
  readonly refused: readonly string[];
}

/** Lets members with clocks and lists of their own test each other, in steps of true time. */
export function simulate(world: World): Outcome {
  const simulation = new Simulation(world);
  for (let time = 0; time < world.duration; time += TICK) simulation.step(time);
  return simulation.outcome;
}

/** Two stints of one member that overlap. Those that touch do not. */
export function overlapping(stints: readonly Stint[]): readonly Stint[] {
  const inOrder = [...stints].sort((a, b) => a.from - b.from);
  for (const [at, stint] of inOrder.entries()) {
    const other = inOrder.slice(at + 1).find(({ member, from }) => member === stint.member && from < stint.until);
    if (other !== undefined) return [stint, other];
  }
  return [];
}

const TICK = 20;

interface Message {
  readonly claim: TestClaim;
  readonly target: string;
  readonly begun: number;
  readonly plannedEnd: number;
  readonly due: number;
}

class Simulation {
  readonly outcome = { stints: [] as Stint[], tests: [] as Test[], refused: [] as string[] };
  readonly #world: World;
  readonly #actors: ReadonlyMap<string, Actor>;
  #messages: readonly Message[] = [];

  constructor(world: World) {
    this.#world = world;
    this.#actors = new Map(world.members.map((member) => [member.id, new Actor(member, world)]));
  }

  step(time: number): void {
    const due = this.#messages.filter((message) => message.due <= time).sort((a, b) => a.due - b.due);
    this.#messages = this.#messages.filter((message) => message.due > time);
    for (const message of due) this.#arrive(message);
    for (const actor of this.#actors.values()) this.#ask(actor, time);
  }

  #ask(actor: Actor, time: number): void {
    const { random, latency, options, eagerness } = this.#world;
    // One at a time as source. Some begin at once, some anywhere in their turn.
    if (time < actor.sourceUntil || random() >= eagerness || actor.isLeased(time)) return;
    const at = actor.member.clock(time);
    const turn = turnOf(actor.member.id, actor.roster(time), at, options);
    if (turn?.role !== 'source' || at < turn.from || at >= turn.until) return;
    // One test in a turn; who was refused may ask again.
    if (turn.slot === actor.testedIn) return;
    const most = turn.until - at;
    const plannedEnd = time + (random() < 0.5 ? most : most * random());
    actor.sourceUntil = plannedEnd;
    actor.leasedUntil = plannedEnd;
    const claim = { source: actor.member.id, version: turn.version, at };
    const due = time + random() * latency;
    this.#messages = [...this.#messages, { claim, target: turn.partner, begun: time, plannedEnd, due }];
  }

  #arrive({ claim, target, begun, plannedEnd, due }: Message): void {
    const source = this.#actors.get(claim.source);
    const actor = this.#actors.get(target);
    // Who has given up has closed the connection.
    if (source === undefined || due >= plannedEnd) return;
    const answer = actor === undefined ? 'absent' : this.#answer(actor, claim, due);
    const back = this.#world.random() * this.#world.latency;
    if (actor === undefined || typeof answer === 'string') {
      this.outcome.refused.push(`${answer}`);
      source.sourceUntil = due + back;
      source.leasedUntil = due + back;
      return;
    }
    const cut = due + answer;
    const targetEnd = Math.min(cut, plannedEnd + back);
    const sourceEnd = Math.min(plannedEnd, cut + back);
    source.testedIn = Math.floor(claim.at / this.#world.options.slot);
    source.sourceUntil = sourceEnd;
    source.leasedUntil = sourceEnd;
    actor.leasedUntil = targetEnd;
    const test = this.outcome.tests.length;
    this.outcome.tests.push({ source: claim.source, target, isWhole: sourceEnd === plannedEnd });
    this.outcome.stints.push({ member: claim.source, test, from: begun, until: sourceEnd });
    this.outcome.stints.push({ member: target, test, from: due, until: targetEnd });
  }

  /** For how long it may test, or why not. */
  #answer(actor: Actor, claim: TestClaim, time: number): number | string {
    const at = actor.member.clock(time);
    const verdict = mayTest(actor.member.id, claim, actor.roster(time), at, this.#world.options);
    if (!verdict.isAllowed) return verdict.reason;
    return actor.isLeased(time) ? 'lease' : verdict.until - at;
  }
}

class Actor {
  readonly member: SimulatedMember;
  readonly #world: World;
  /** When its test as source is over. */
  sourceUntil = 0;
  /** In which slot it was the source of one. */
  testedIn: number | undefined;
  /** When its test is over, whichever side it is on. */
  leasedUntil = 0;
  #roster: Roster | undefined;

  constructor(member: SimulatedMember, world: World) {
    this.member = member;
    this.#world = world;
  }

  isLeased(time: number): boolean {
    return this.#world.guards.lease === 'one' && time < this.leasedUntil;
  }

  roster(time: number): readonly string[] {
    const { guards, options } = this.#world;
    const known = this.member.members(time);
    if (guards.roster === 'renewed at once') return known;
    this.#roster = rosterAt(this.#roster, known, this.member.clock(time), options);
    return this.#roster.members;
  }
}
