import type { DownReason, WorkOutcome } from '../../../../src/state/index.js';
import { type Flapping, SimulatedNetwork } from '../../../../src/testing/index.js';
import { type Invariant, InvariantViolation } from './invariant.js';
import { type CallHost, ObservedCall } from './observed-call.js';
import { ObservedSource, type SourceTraits } from './observed-source.js';
import type { CallPlan, SourceName } from './plan.js';
import type { Situation } from './situation.js';
import { SLACK, VirtualTime } from './virtual-time.js';

/** What a world is made of; everything else happens in it. */
export interface WorldPlan extends SourceTraits {
  /** Whether work that gets through speaks against an outage. */
  readonly believesReports: boolean;
  readonly allowsTrials: boolean;
  /** Whether it counts as flapping at first, so that the gate is narrow. */
  readonly flapping: boolean;
}

/** A network, the calls that depend on it, and everything that must be so at every moment. */
export class World implements CallHost {
  readonly time = new VirtualTime();
  readonly reportDelay: number;
  readonly calls: ObservedCall[] = [];
  /** Which situations were met, so that a test can say that it has met them. */
  readonly situations = new Set<Situation>();
  readonly #network: SimulatedNetwork;
  readonly #sources: Readonly<Record<Exclude<SourceName, 'none'>, ObservedSource>>;
  readonly #violations: InvariantViolation[] = [];
  readonly #waits: Wait[] = [];

  constructor({ believesReports, allowsTrials, flapping, ...traits }: WorldPlan) {
    this.#network = new SimulatedNetwork({ believesReports, allowsTrials });
    this.reportDelay = traits.reportDelay;
    const observe = (source: SimulatedNetwork | ReturnType<SimulatedNetwork['target']>): ObservedSource => {
      const observed: ObservedSource = new ObservedSource(source, this.time, traits, {
        onLoss: () => {
          for (const call of this.#callsOf(observed)) call.onLoss();
        },
        onRecovery: () => {
          for (const call of this.#callsOf(observed)) call.onRecovery();
        },
        onReport: (outcome) => this.#onReport(observed, outcome),
      });
      return observed;
    };
    const network = this.#network;
    this.#sources = {
      host: observe(network),
      near: observe(network.target('near')),
      far: observe(network.target('far')),
    };
    this.setFlapping(flapping);
  }

  // What happens

  start(plan: CallPlan): void {
    const source = plan.source === 'none' ? undefined : this.#sources[plan.source];
    const call = new ObservedCall(plan, source, this);
    this.calls.push(call);
    call.run();
  }

  abort(call: number): void {
    this.calls[call]?.abort();
  }

  advance(call: number): void {
    this.calls[call]?.advance();
  }

  down(reason: DownReason): void {
    this.#network.down(reason);
  }

  downUnnoticed(reason: DownReason): void {
    this.#network.downUnnoticed(reason);
  }

  up(): void {
    this.#network.up();
  }

  degrade(): void {
    this.#network.degraded();
  }

  loseDestination(name: 'near' | 'far', reason: DownReason): void {
    this.#network.loseDestination(name, reason);
    this.#review();
  }

  restoreDestination(name: 'near' | 'far'): void {
    this.#network.restoreDestination(name);
    this.#review();
  }

  strand(): void {
    for (const source of this.#everySource) source.strandings += 1;
    this.#network.strand();
  }

  setFlapping(flapping: boolean): void {
    for (const source of this.#everySource) source.flapping = flapping;
  }

  flap(flapping: Flapping): void {
    const own = this.time.disown();
    void this.#network.flap(flapping).finally(() => {
      own();
      this.time.stir();
    });
  }

  stop(): void {
    for (const source of this.#everySource) source.stoppedAt = this.time.now;
    this.#network.stop();
    for (const wait of this.#waits) wait.onStop();
    this.#review();
  }

  /** Somebody waits for the network directly. */
  wait(name: Exclude<SourceName, 'none'>, timeout: number): void {
    const source = name === 'host' ? this.#network : this.#network.target(name);
    this.#waits.push(
      new Wait(source.waitForNetwork({ timeout, unref: true }), this.#sources[name], this.time, timeout),
    );
  }

  // What is seen

  isOvertaking(source: ObservedSource, since: number): boolean {
    // Where it was stopped in this moment, those who waited are about to be dismissed.
    if (source.stoppedAt === this.time.now) return false;
    return this.#callsOf(source).some((call) => call.hasWaitedSince(since));
  }

  isPassedOver(source: ObservedSource, since: number, moment: number): boolean {
    return this.#callsOf(source).some((call) => call.hasWaitedSince(since) && call.trialDueAt(source) < moment - SLACK);
  }

  blame(violation: InvariantViolation): void {
    this.#violations.push(violation);
  }

  note(situation: Situation): void {
    this.situations.add(situation);
  }

  #onReport(source: ObservedSource, outcome: WorkOutcome): void {
    if (this.#callsOf(source).some((call) => call.explains(outcome))) return;
    this.blame(new InvariantViolation(13, `it was told of ${outcome.ok ? 'an answer' : String(outcome.error)}`));
  }

  // What must be so

  readonly verify = (): void => {
    const [violation] = this.#violations;
    if (violation !== undefined) throw violation;
    for (const call of this.calls) call.verify();
    for (const source of this.#everySource) this.#verifySource(source);
    for (const wait of this.#waits) wait.verify();
    this.#verifyTimers();
  };

  #verifySource(source: ObservedSource): void {
    const open = this.#callsOf(source).filter((call) => !call.isOver);
    const waiting = open.filter((call) => call.waiting !== 'no');
    const { listeners, waiters, tracked } = source.held;
    const working = open.filter((call) => call.runningAttempt !== undefined).length;
    this.#expect(12, listeners === (open.length > 0 ? 1 : 0), `${listeners} listeners for ${open.length} calls`);
    this.#expect(12, tracked === working, `${tracked} tracked for ${working} attempts`);
    this.#expect(12, waiters <= (waiting.length > 0 ? 1 : 0), `${waiters} waiters for ${waiting.length} calls`);
    const mustWait = source.isDown && open.some((call) => call.waiting === 'in the room');
    this.#expect(8, !mustWait || waiters === 1, 'nobody looks out for the network');
    this.#verifyGate(source);
  }

  #verifyGate(source: ObservedSource): void {
    const recovery = source.lastRecovery;
    if (recovery?.at !== this.time.now || source.isDown) return;
    const { starts, forgone, places, placesInAll } = recovery;
    this.#expect(9, starts <= placesInAll, `${starts} restarted together`);
    const waiting = this.#callsOf(source).map((call) => call.waiting);
    const resting = waiting.filter((state) => state === 'perhaps resting').length;
    const isFull = starts + forgone + resting >= places || !waiting.includes('in the room');
    this.#expect(9, isFull, `only ${starts} restarted, though there were ${places} places`);
    if (waiting.includes('in the room')) this.note('some waited in the gate');
  }

  #verifyTimers(): void {
    const ofCalls = this.calls.reduce((sum, call) => sum + call.timers, 0);
    const ofSources = this.#everySource.reduce((sum, source) => sum + this.#timersOf(source), 0);
    const timers = this.time.foreignTimers - this.#waits.filter((wait) => wait.hasTimer).length;
    this.#expect(12, timers <= ofCalls + ofSources, `${timers} timers, where ${ofCalls + ofSources} are of use`);
    this.#verifyHold();
  }

  /** What waits holds the process, unless it was told not to; and nothing else does. */
  #verifyHold(): void {
    const { holdingTimers } = this.time;
    const holding = this.calls.filter((call) => !call.options.unref);
    const ofCalls = holding.reduce((sum, call) => sum + call.timers, 0);
    const ofSources = this.#everySource.reduce((sum, source) => sum + this.#holdOf(source), 0);
    this.#expect(12, holdingTimers <= ofCalls + ofSources, `${holdingTimers} timers hold the process without need`);
    this.#expect(12, holdingTimers > 0 || !holding.some((call) => call.holdsProcess), 'the process may end too soon');
  }

  /** For who waits here; and for the gate, whose rounds are short. */
  #holdOf(source: ObservedSource): number {
    const waiting = this.#callsOf(source).filter((call) => call.waiting !== 'no');
    return (waiting.some((call) => !call.options.unref) ? 1 : 0) + (waiting.length > 0 && !source.isDown ? 1 : 0);
  }

  /** For the trials or the gate; and one that keeps the process alive. */
  #timersOf(source: ObservedSource): number {
    const waiting = this.#callsOf(source).filter((call) => call.waiting !== 'no');
    const holding = waiting.filter((call) => !call.options.unref);
    return (waiting.length > 0 ? 1 : 0) + (holding.length > 0 ? 1 : 0);
  }

  /** Lets everything come to its end, and sees that nothing is left. */
  async finish(): Promise<void> {
    this.setFlapping(false);
    this.up();
    for (const name of ['near', 'far'] as const) this.restoreDestination(name);
    await this.time.rest();
    for (let minutes = 0; minutes < ENOUGH_MINUTES; minutes += 1) await this.time.pass(60_000, this.verify);
    this.#expect(
      8,
      this.calls.every((call) => call.isOver),
      'a call never ends',
    );
    this.#expect(12, this.time.foreignTimers === 0, `${this.time.foreignTimers} timers are left`);
    const { waiters, listeners, tracked } = this.#network;
    // The three listeners are those of the observers.
    this.#expect(12, waiters === 0 && listeners === 3 && tracked === 0, 'the source is not left alone');
  }

  #callsOf(source: ObservedSource): ObservedCall[] {
    return this.calls.filter((call) => call.source === source);
  }

  get #everySource(): readonly ObservedSource[] {
    return Object.values(this.#sources);
  }

  /** Whether trials make sense can change without a change of state. */
  #review(): void {
    for (const source of this.#everySource) source.review();
  }

  #expect(invariant: Invariant, holds: boolean, otherwise: string): void {
    if (!holds) throw new InvariantViolation(invariant, otherwise);
  }
}

/** As many as the longest script takes, in which one attempt after another hangs until its server gives it up. */
const ENOUGH_MINUTES = 12;

/** Somebody who waits for a source directly. */
class Wait {
  #settlement: 'pending' | 'resolved' | 'rejected' = 'pending';
  #wasStopped = false;
  readonly #startedAt: number;

  constructor(
    promise: Promise<void>,
    private readonly source: ObservedSource,
    private readonly time: VirtualTime,
    private readonly timeout: number,
  ) {
    this.#startedAt = time.now;
    promise.then(
      () => {
        this.#settlement = 'resolved';
        time.stir();
      },
      () => {
        this.#settlement = 'rejected';
        time.stir();
      },
    );
  }

  get hasTimer(): boolean {
    return this.#settlement === 'pending';
  }

  onStop(): void {
    this.#wasStopped = true;
  }

  verify(): void {
    const isOverdue = this.time.now > this.#startedAt + this.timeout + SLACK;
    if (this.#settlement !== 'pending') return;
    if (!this.source.isDown || this.#wasStopped || isOverdue)
      throw new InvariantViolation(10, 'a waiter never settles');
  }
}
