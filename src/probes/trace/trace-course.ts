import type { CourseOutcome, CoursePlan, Step, TraceAnswer, TracedProbe } from './course-plan.js';
import { findLoop } from './find-loop.js';
import { type FlowState, isQuiet, newFlow } from './flow-state.js';
import type { StepQueue } from './step-queue.js';

/** What has come in time is read a little later. Milliseconds. */
export const GRACE = 1;

/** How many hops behind the last that answered are asked again in later rounds, where the target was not found. */
const BEHIND = 5;

/** See `timeout` of the options. */
const PATIENCE = 200;
const PATIENCE_FACTOR = 3;

/** How many rounds are sent before the first has its answers: as many as Linux answers. See `interval` of the options. */
const MOST_AHEAD = 5;

/** So often around, a loop is one. */
const ENOUGH_OF_A_LOOP = 3;

/**
 * Which probe of a trace is sent when, and what has come of each. Knows no socket and no clock: moments are handed in.
 *
 * The first round of the first flow finds the distance: it asks a few hops ahead of the last that answered. Of a target, whose answers are
 * limited as those of routers are, what was sent first counts, and so what it answers. All that comes then is asked at once.
 */
export class TraceCourse {
  readonly #plan: CoursePlan;
  readonly #flows: readonly FlowState[];
  readonly #sentAt = new Map<number, number>();
  readonly #sent = new Map<number, TraceAnswer | undefined>();
  /** How many were sent before each. */
  readonly #places = new Map<number, number>();
  #placed = 0;
  #longestRtt = 0;
  #round = 0;
  #nextRoundAt: number;
  #sendError: unknown;
  #isStopped = false;

  constructor(plan: CoursePlan, startAt: number) {
    this.#plan = plan;
    this.#nextRoundAt = startAt + plan.interval;
    this.#flows = Array.from({ length: plan.flows }, () => newFlow(plan));
  }

  get isOver(): boolean {
    return this.#isStopped || (this.#isAsked() && !this.#isWaiting());
  }

  /** The next probe to be sent, if one is due. What is returned has to be reported as sent before this is called again. */
  next(now: number): Step | undefined {
    if (this.#isStopped) return undefined;
    this.#openRounds(now);
    for (const [flow, state] of this.#flows.entries()) {
      const index = this.#nextOf(flow, state, now);
      if (index !== undefined) return this.stepAt(index);
    }
    return undefined;
  }

  /**
   * To be called where `next` has just had nothing, and no answer is there: so that the other rounds do not wait a round trip for the first.
   * What of them meets the target comes behind what counts of it: that is what a target need not answer which limits its answers.
   */
  hurry(): void {
    const { rounds, interval, isSerial, distance = 0 } = this.#plan;
    if (this.#isStopped || interval > 0 || isSerial) return;
    for (const [flow, state] of this.#flows.entries()) {
      if (state.last !== undefined || state.isBlind) continue;
      // As far as the target was the last time, nothing is asked in vain.
      const end = Math.min(state.next - 1, Math.max(distance, state.highest + BEHIND));
      for (; state.ahead < end; state.ahead += 1) {
        for (let round = 1; round < Math.min(rounds, MOST_AHEAD); round += 1) {
          state.parallel.push(this.#indexOf(flow, round, state.ahead + 1));
        }
      }
    }
  }

  /** When there is something to do next; Infinity once it is over. Only right when `next` has just had nothing. */
  due(): number {
    if (this.isOver) return Number.POSITIVE_INFINITY;
    const patience = this.#patience();
    let due =
      this.#round + 1 < this.#plan.rounds && this.#isDiscovered() ? this.#nextRoundAt : Number.POSITIVE_INFINITY;
    // Also what no longer counts: it may be the one that the next is asked after.
    for (const [index, sentAt] of this.#sentAt) due = Math.min(due, sentAt + this.#waitFor(index, patience));
    for (const state of this.#flows) {
      if (state.last === undefined && state.next <= this.#limitOf(state)) due = Math.min(due, state.stretchAt);
      if (state.asking === undefined && this.#hasWork(state, state.serial)) due = Math.min(due, state.quietAt);
    }
    return due;
  }

  sent({ index, flow, ttl, round }: Step, now: number): void {
    this.#sentAt.set(index, now);
    this.#sent.set(index, undefined);
    this.#places.set(index, this.#placed++);
    const state = this.#flows[flow];
    if (state === undefined) return;
    if (this.#isSerial(state, ttl)) state.asking = index;
    else state.quietAt = now + this.#plan.timeout;
    if (state.last === undefined && round === 0) this.#stretchLater(state, now);
  }

  /** This host could not send it after all. Where it can send nothing from the first, no more is tried. */
  unsent({ index, flow }: Step, error: unknown): void {
    this.#sendError = error;
    this.#sentAt.delete(index);
    this.#sent.delete(index);
    const state = this.#flows[flow];
    if (state?.asking === index) state.asking = undefined;
    if (this.#sent.size === 0) this.stop();
    // It may have been the last that the first round had to ask.
    else if (state?.last === undefined && state !== undefined) this.#settleDiscovery(flow, state);
  }

  /** @returns whether it was waited for. */
  answered(index: number, answer: TraceAnswer, now: number): boolean {
    // What is read late has come in time all the same, and the other way round.
    if (answer.rtt > this.#plan.timeout || !this.#sentAt.delete(index)) return false;
    this.#sent.set(index, answer);
    this.#longestRtt = Math.max(this.#longestRtt, answer.rtt);
    const { flow, ttl, round } = this.stepAt(index);
    const state = this.#flows[flow];
    if (state === undefined) return true;
    if (state.asking === index) state.asking = undefined;
    else state.known.add(ttl);
    if (answer.kind !== 'target') this.#askAfterAll(flow, ttl, state);
    if (answer.kind === 'hop') state.highest = Math.max(state.highest, ttl);
    if (answer.kind === 'target') state.targetAt = Math.min(state.targetAt, ttl);
    if (answer.kind === 'unreachable') state.unreachableAt = Math.min(state.unreachableAt, ttl);
    if ((state.firstAt.get(answer.from) ?? ttl) !== ttl) state.sawTwice = true;
    else state.firstAt.set(answer.from, ttl);
    if (state.last === undefined) {
      state.reach = Math.max(state.reach, this.#reachBehind(state.highest));
      if (round === 0) this.#stretchLater(state, now);
      this.#settleDiscovery(flow, state);
    }
    return true;
  }

  /**
   * An error, or an answer, that does not say which probe it is for: routers need not quote more than a header.
   *
   * @param isFromTarget whether the target itself sent it.
   * @returns the one probe that it can be for; undefined where there may be several. Those are then asked again, one by one.
   */
  unmatched(flow: number, isFromTarget: boolean, now: number): Step | undefined {
    const state = this.#flows[flow];
    if (state === undefined || this.#isStopped) return undefined;
    if (state.asking !== undefined) return this.#onlyFor(state.asking, state, isFromTarget);
    state.unnamed += 1;
    if (!state.isBlind && !this.#plan.isSerial) {
      state.isBlind = true;
      if (state.last !== undefined) this.#askOneByOne(flow, state);
    }
    // It need not be looked for any further away.
    if (isFromTarget && state.last === undefined) this.#endDiscovery(flow, state, state.next - 1);
    else if (state.last === undefined) state.stretchAt = now;
    return undefined;
  }

  /** A target behind which a router has answered does not answer there: that is one answer too many, to an earlier probe. */
  #onlyFor(index: number, { highest }: FlowState, isFromTarget: boolean): Step | undefined {
    const step = this.stepAt(index);
    return isFromTarget && step.ttl < highest ? undefined : step;
  }

  /** Gives up what was due by now. Calls back with each probe that no answer is expected to any more. */
  expire(now: number, onClosed: (index: number) => void): void {
    const patience = this.#patience();
    for (const [index, sentAt] of this.#sentAt) {
      if (now < sentAt + this.#waitFor(index, patience)) continue;
      this.#sentAt.delete(index);
      const { flow } = this.stepAt(index);
      const state = this.#flows[flow];
      if (state?.asking === index) state.asking = undefined;
      onClosed(index);
    }
    for (const [flow, state] of this.#flows.entries()) {
      if (state.last === undefined) this.#settleDiscovery(flow, state);
    }
  }

  /** Nothing more is sent or waited for. What still had time to be answered does not count: nobody knows whether it is lost. */
  stop(): void {
    this.#isStopped = true;
    for (const index of this.#sentAt.keys()) this.#sent.delete(index);
    this.#sentAt.clear();
  }

  outcome(): CourseOutcome {
    return {
      probes: [...this.#sent]
        .filter(([index]) => this.#counts(index))
        .map(([index, answer]) => this.#traced(index, answer))
        .sort((a, b) => a.index - b.index),
      ends: this.#flows.map((state) => (Number.isFinite(this.#endOf(state)) ? this.#endOf(state) : undefined)),
      asked: [...this.#sent.keys()].reduce((most, index) => Math.max(most, this.stepAt(index).ttl), 0),
      sendError: this.#sendError,
    };
  }

  stepAt(index: number): Step {
    const { maxHops, flows } = this.#plan;
    const ttl = (index % maxHops) + 1;
    const row = Math.floor(index / maxHops);
    return { index, ttl, flow: row % flows, round: Math.floor(row / flows) };
  }

  #indexOf(flow: number, round: number, ttl: number): number {
    return (round * this.#plan.flows + flow) * this.#plan.maxHops + ttl - 1;
  }

  #nextOf(flow: number, state: FlowState, now: number): number | undefined {
    if (state.last === undefined) {
      return this.#nextToDiscover(flow, state, now) ?? state.parallel.next((index) => !this.#sent.has(index));
    }
    const end = Math.min(state.last, this.#endOf(state));
    const parallel = state.parallel.next((index) => this.#isWanted(index, end));
    if (parallel !== undefined || state.asking !== undefined || !isQuiet(state, now)) return parallel;
    return state.serial.next((index) => this.#isWanted(index, end));
  }

  #isWanted(index: number, end: number): boolean {
    const { ttl, flow, round } = this.stepAt(index);
    if (ttl > end || this.#sent.has(index)) return false;
    return this.#flows[flow]?.targetAt !== ttl || this.#standInFor(flow, round, ttl) === undefined;
  }

  /**
   * What the first round has sent beyond the target has met the target as well: one hop beyond it stands for the second round, two for the
   * third. So the target is not asked once more; where it has been asked already, what was sent first counts.
   */
  #standInFor(flow: number, round: number, targetAt: number): number | undefined {
    if (round === 0 || this.#plan.interval > 0 || targetAt + round > this.#plan.maxHops) return undefined;
    const index = this.#indexOf(flow, 0, targetAt + round);
    const isOne = this.#sent.has(index) && (this.#sent.get(index)?.kind ?? 'target') === 'target';
    return isOne && this.#placeOf(index) < this.#placeOf(this.#indexOf(flow, round, targetAt)) ? index : undefined;
  }

  #placeOf(index: number): number {
    return this.#sent.has(index) ? (this.#places.get(index) ?? 0) : Number.POSITIVE_INFINITY;
  }

  /** What answers from beyond the target is not the target, and stands for no probe of it. */
  #askAfterAll(flow: number, ttl: number, state: FlowState): void {
    const round = ttl - state.targetAt;
    if (round >= 1 && round <= this.#round) state.parallel.push(this.#indexOf(flow, round, state.targetAt));
  }

  /** The probe of the target itself that one beyond it stands for. */
  #standsFor(index: number): number | undefined {
    const { flow, ttl, round } = this.stepAt(index);
    const { targetAt = Number.POSITIVE_INFINITY } = this.#flows[flow] ?? {};
    const meant = ttl - targetAt;
    if (round > 0 || meant < 1 || meant >= this.#plan.rounds) return undefined;
    return this.#standInFor(flow, meant, targetAt) === index ? this.#indexOf(flow, meant, targetAt) : undefined;
  }

  /** Whether it is up to the end of its flow, or stands for one that is, and no other stands for it. */
  #counts(index: number): boolean {
    const { flow, ttl, round } = this.stepAt(index);
    const state = this.#flows[flow];
    if (ttl > this.#endOf(state)) return this.#standsFor(index) !== undefined;
    return ttl !== state?.targetAt || this.#standInFor(flow, round, ttl) === undefined;
  }

  #traced(index: number, answer: TraceAnswer | undefined): TracedProbe {
    const meant = this.#standsFor(index);
    const { flow, round, ttl } = this.stepAt(meant ?? index);
    return { index: meant ?? index, flow, round, ttl, answer, isStandIn: meant !== undefined };
  }

  #isWaiting(): boolean {
    for (const index of this.#sentAt.keys()) if (this.#counts(index)) return true;
    return false;
  }

  #nextToDiscover(flow: number, state: FlowState, now: number): number | undefined {
    // The others look no further than the first has found the target.
    if (flow > 0 && this.#flows[0]?.last === undefined) return undefined;
    if (state.next > this.#limitOf(state) || state.asking !== undefined) return undefined;
    if (!this.#plan.isSerial && state.next > state.reach) {
      if (now < state.stretchAt) return undefined;
      state.reach = state.next - 1 + this.#plan.window;
    }
    state.next += 1;
    return this.#indexOf(flow, 0, state.next - 1);
  }

  /** How far to ask once a router has answered. */
  #reachBehind(highest: number): number {
    const { distance = 0, window } = this.#plan;
    return highest < distance ? distance : highest + window;
  }

  #limitOf(state: FlowState): number {
    const end = this.#endOf(state);
    if (Number.isFinite(end) || state === this.#flows[0]) return Math.min(this.#plan.maxHops, end);
    const { last: guess = 0, targetAt = Number.POSITIVE_INFINITY } = this.#flows[0] ?? {};
    // A few more, where the first flow has found it at another distance.
    return Math.min(this.#plan.maxHops, Number.isFinite(targetAt) ? Math.max(guess, this.#reachOf(state)) : guess);
  }

  /** Of a later flow, which first asks as far as the first one had to, and then a hop more for each that answers. */
  #reachOf({ highest, targetAt }: FlowState): number {
    return Number.isFinite(targetAt) ? targetAt : highest + 1;
  }

  #settleDiscovery(flow: number, state: FlowState): void {
    if (flow > 0 && this.#flows[0]?.last === undefined) return;
    const end = this.#endOf(state);
    if (Number.isFinite(end)) {
      if (!this.#plan.isSerial || state.asking === undefined) this.#endDiscovery(flow, state, end);
      return;
    }
    const isAsked = state.next > this.#limitOf(state) && !this.#isWaitingFor(flow);
    if (isAsked || (state.sawTwice && this.#goesRound(flow))) {
      this.#endDiscovery(flow, state, Math.min(state.next - 1, state.highest + BEHIND));
    }
  }

  #endDiscovery(flow: number, state: FlowState, last: number): void {
    state.last = last;
    state.reach = this.#plan.maxHops;
    if (flow === 0) {
      for (const other of this.#flows) if (other !== state) other.reach = Math.max(other.reach, last);
    }
    for (let round = 1; round <= this.#round; round += 1) this.#enqueue(flow, state, round);
    if (state.isBlind) this.#askOneByOne(flow, state);
  }

  #openRounds(now: number): void {
    while (this.#round + 1 < this.#plan.rounds && this.#isDiscovered() && now >= this.#nextRoundAt) {
      this.#round += 1;
      // What a stalled process has missed is not made up for in a burst.
      this.#nextRoundAt = Math.max(this.#nextRoundAt, now) + this.#plan.interval;
      for (const [flow, state] of this.#flows.entries()) this.#enqueue(flow, state, this.#round);
    }
  }

  #enqueue(flow: number, state: FlowState, round: number): void {
    for (let ttl = 1; ttl <= (state.last ?? 0); ttl += 1) {
      const queue = this.#isSerial(state, ttl) ? state.serial : state.parallel;
      queue.push(this.#indexOf(flow, round, ttl));
    }
  }

  /** What was sent and not answered with its name is as if it had not been sent. */
  #askOneByOne(flow: number, state: FlowState): void {
    for (let round = 0; round < this.#plan.rounds; round += 1) {
      for (let ttl = 1; ttl <= (state.last ?? 0); ttl += 1) {
        if (state.known.has(ttl)) continue;
        const index = this.#indexOf(flow, round, ttl);
        if (this.#sent.get(index) !== undefined) continue;
        if (this.#sent.delete(index)) state.nameless += 1;
        this.#sentAt.delete(index);
        if (round <= this.#round) state.serial.push(index);
      }
    }
  }

  #isSerial(state: FlowState, ttl: number): boolean {
    return this.#plan.isSerial || (state.isBlind && state.last !== undefined && !state.known.has(ttl));
  }

  #endOf(state: FlowState | undefined): number {
    if (state === undefined) return Number.POSITIVE_INFINITY;
    return Number.isFinite(state.targetAt) ? state.targetAt : state.unreachableAt;
  }

  #isDiscovered(): boolean {
    return this.#flows.every(({ last }) => last !== undefined);
  }

  #isAsked(): boolean {
    if (!this.#isDiscovered() || this.#round + 1 < this.#plan.rounds) return false;
    return this.#flows.every((state) => !this.#hasWork(state, state.parallel) && !this.#hasWork(state, state.serial));
  }

  #hasWork(state: FlowState, queue: StepQueue): boolean {
    const end = Math.min(state.last ?? 0, this.#endOf(state));
    return queue.has((index) => this.#isWanted(index, end));
  }

  /** For an answer in the first round, by which the distance is found. */
  #isWaitingFor(flow: number): boolean {
    for (const index of this.#sentAt.keys()) {
      const step = this.stepAt(index);
      if (step.flow === flow && step.round === 0) return true;
    }
    return false;
  }

  #goesRound(flow: number): boolean {
    const { next } = this.#flows[flow] ?? { next: 1 };
    const path = Array.from(
      { length: next - 1 },
      (_, at) => this.#sent.get(this.#indexOf(flow, 0, at + 1))?.from ?? null,
    );
    const loop = findLoop(path);
    if (loop === undefined) return false;
    const answered = path.filter((address, at) => at + 1 >= loop.ttl && address !== null).length;
    return answered >= Math.max(ENOUGH_OF_A_LOOP * loop.addresses.length, MOST_AT_ONE_PLACE);
  }

  /** Where nothing comes, the first round asks further all the same. */
  #stretchLater(state: FlowState, now: number): void {
    if (this.#plan.isSerial) return;
    const { timeout } = this.#plan;
    state.stretchAt = now + Math.min(timeout, Math.max(timeout / 10, 2 * this.#longestRtt));
  }

  /** How long a probe is waited for where all is not lost by giving it up. */
  #patience(): number {
    return Math.min(this.#plan.timeout, PATIENCE_FACTOR * this.#longestRtt + PATIENCE);
  }

  #waitFor(index: number, patience: number): number {
    const isBlind = this.#flows[this.stepAt(index).flow]?.isBlind === true;
    const isFound = Number.isFinite(this.#flows[0]?.targetAt);
    const isImpatient = !isBlind && (isFound || (this.#plan.isSerial && this.#longestRtt > 0));
    return (isImpatient ? patience : this.#plan.timeout) + GRACE;
  }
}

/** One address that answers for so many hops is a loop of its own; fewer are a router that counts twice. */
const MOST_AT_ONE_PLACE = 6;
