import fc from 'fast-check';
import type { DownReason } from '../../../../src/state/index.js';
import { type CallPlan, callPlans, describePlan, MAX_CALLS } from './plan.js';
import type { World } from './world.js';

/** Something that happens in a world. Nobody but the code under test has a state to keep here: what must be so, the world knows. */
export type WorldCommand = fc.AsyncCommand<Count, World>;

/** All that decides whether a command makes sense. */
export interface Count {
  calls: number;
}

/** An event without any duration. */
interface Happening {
  readonly text: string;
  readonly happen: (world: World) => void;
}

class Happens implements WorldCommand {
  /** The events come in one turn, with so many microtasks between them. */
  constructor(
    private readonly happenings: readonly Happening[],
    private readonly ticks: number,
  ) {}

  check(): boolean {
    return true;
  }

  async run(_count: Count, world: World): Promise<void> {
    for (const { happen } of this.happenings) {
      happen(world);
      for (let tick = 0; tick < this.ticks; tick += 1) await Promise.resolve();
    }
    await world.time.rest();
    world.verify();
  }

  toString(): string {
    return this.happenings.map(({ text }) => text).join(`, ${this.ticks} ticks, `);
  }
}

class Starts implements WorldCommand {
  constructor(private readonly plans: readonly CallPlan[]) {}

  check(count: Readonly<Count>): boolean {
    return count.calls + this.plans.length <= MAX_CALLS;
  }

  async run(count: Count, world: World): Promise<void> {
    count.calls += this.plans.length;
    for (const plan of this.plans) world.start(plan);
    await world.time.rest();
    world.verify();
  }

  toString(): string {
    return `start ${this.plans.map(describePlan).join(' and ')}`;
  }
}

class Passes implements WorldCommand {
  constructor(private readonly duration: number) {}

  check(): boolean {
    return true;
  }

  async run(_count: Count, world: World): Promise<void> {
    await world.time.pass(this.duration, world.verify);
  }

  toString(): string {
    return `${this.duration} ms pass`;
  }
}

const reasons = fc.constantFrom<DownReason>('no-carrier', 'no-route', 'unreachable', 'unreachable');
const names = fc.constantFrom('near' as const, 'far' as const);
const call = fc.nat(MAX_CALLS - 1);

function happening(text: string, happen: (world: World) => void): Happening {
  return { text, happen };
}

const happenings: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 5, arbitrary: reasons.map((reason) => happening(`down: ${reason}`, (world) => world.down(reason))) },
  { weight: 5, arbitrary: fc.constant(happening('up', (world) => world.up())) },
  { weight: 1, arbitrary: fc.constant(happening('degraded', (world) => world.degrade())) },
  {
    weight: 1,
    arbitrary: reasons.map((reason) => happening(`down unnoticed: ${reason}`, (world) => world.downUnnoticed(reason))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(names, reasons)
      .map(([name, reason]) => happening(`${name} lost: ${reason}`, (world) => world.loseDestination(name, reason))),
  },
  {
    weight: 1,
    arbitrary: names.map((name) => happening(`${name} restored`, (world) => world.restoreDestination(name))),
  },
  { weight: 1, arbitrary: fc.constant(happening('stranded', (world) => world.strand())) },
  { weight: 2, arbitrary: call.map((index) => happening(`abort ${index}`, (world) => world.abort(index))) },
  { weight: 2, arbitrary: call.map((index) => happening(`progress ${index}`, (world) => world.advance(index))) },
  { weight: 1, arbitrary: fc.constant(happening('stop', (world) => world.stop())) },
);

const moreHappenings: fc.Arbitrary<Happening> = fc.oneof(
  fc.boolean().map((is) => happening(`flapping: ${is}`, (world) => world.setFlapping(is))),
  fc
    .record({ times: fc.integer({ min: 1, max: 4 }), downFor: fc.nat(3000), upFor: fc.nat(1000) })
    .map((flapping) => happening(`flap ${fc.stringify(flapping)}`, (world) => world.flap(flapping))),
  fc
    .tuple(fc.constantFrom('host' as const, 'near' as const), fc.integer({ min: 1, max: 5000 }))
    .map(([name, timeout]) => happening(`wait for ${name}, ${timeout} ms`, (world) => world.wait(name, timeout))),
);

/** More than pass the gate of one source at once. */
function toOneSource(plans: readonly CallPlan[]): WorldCommand {
  return new Starts(plans.map((plan) => ({ ...plan, source: plans[0]?.source ?? 'host' })));
}

/** What can happen in a world. */
export const worldCommands: fc.Arbitrary<WorldCommand>[] = [
  fc.oneof(
    { weight: 4, arbitrary: fc.array(callPlans, { minLength: 1, maxLength: 4 }).map((plans) => new Starts(plans)) },
    { weight: 1, arbitrary: fc.array(callPlans, { minLength: 10, maxLength: 14 }).map(toOneSource) },
  ),
  fc.oneof(fc.nat(100), fc.nat(2000), fc.integer({ min: 2000, max: 25_000 })).map((duration) => new Passes(duration)),
  happenings.map((each) => new Happens([each], 0)),
  moreHappenings.map((each) => new Happens([each], 0)),
  fc
    .tuple(fc.array(happenings, { minLength: 2, maxLength: 4 }), fc.nat(6))
    .map(([several, ticks]) => new Happens(several, ticks)),
];
