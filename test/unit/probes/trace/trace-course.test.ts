import { describe, expect, it } from 'vitest';
import { longestTrace } from '../../../../src/probes/trace/index.js';
import { TraceCourse } from '../../../../src/probes/trace/trace-course.js';
import { type Fate, generator, type Network, PLAN, routers, runCourse } from './course-run.js';

/** For each hop of a flow, how many probes were answered, and of how many. */
function tally({ outcome }: ReturnType<typeof runCourse>, flow = 0): string[] {
  const counts = new Map<number, [number, number]>();
  for (const { ttl, answer, flow: of } of outcome.probes) {
    if (of !== flow) continue;
    const [received, sent] = counts.get(ttl) ?? [0, 0];
    counts.set(ttl, [received + (answer === undefined ? 0 : 1), sent + 1]);
  }
  return [...counts].sort(([a], [b]) => a - b).map(([ttl, [received, sent]]) => `${ttl}: ${received}/${sent}`);
}

const allOf = (hops: number, rounds: number) =>
  Array.from({ length: hops }, (_, at) => `${at + 1}: ${rounds}/${rounds}`);

describe('the course of a trace', () => {
  it.each([1, 2, 5, 8, 15, 29])('asks each of %d routers once in each round, and the target', (count) => {
    const run = runCourse({}, routers(count));
    expect(tally(run)).toEqual(allOf(count + 1, 3));
    expect(run.outcome.ends).toEqual([count + 1]);
  });

  it.each([1, 2, 6, 10])('counts of the target what a limit lets it answer (%d hops ahead)', (window) => {
    for (let count = 0; count < 28; count += 1) {
      let answers = 0;
      const limited: Network = (step) => {
        if (step.ttl > count) answers += 1;
        // Linux answers six at once, if it has not been asked before.
        return answers > 4 && step.ttl > count ? 'silence' : routers(count, 10 * step.ttl)(step);
      };
      expect(tally(runCourse({ window }, limited))).toEqual(allOf(count + 1, 3));
    }
  });

  it('does not wait for the first round before it sends the others', () => {
    const far: Network = (step) => routers(7, 10 * Math.min(step.ttl, 8))(step);
    expect(runCourse({ window: 10 }, far).duration).toBe(90);
    expect(runCourse({ window: 10, rounds: 1 }, far).duration).toBe(80);
    // Five rounds are as many as Linux answers, and the others come when the distance is known.
    const { steps } = runCourse({ window: 10, rounds: 7 }, far);
    for (const { round, at } of steps) expect(round > 4).toBe(at >= 80);
  });

  it.each([1, 2, 9])('asks no further than the target was the last time (%d hops away)', (distance) => {
    const { steps, outcome } = runCourse({ distance, window: 10 }, routers(distance - 1));
    expect(Math.max(...steps.map(({ ttl }) => ttl))).toBe(distance);
    // One probe of the target for each round.
    expect(steps.filter(({ ttl }) => ttl === distance).length).toBe(3);
    expect(outcome.ends).toEqual([distance]);
  });

  it('needs no more than the round trip to the target where its distance is known', () => {
    const far: Network = (step) => routers(7, 10 * Math.min(step.ttl, 8))(step);
    expect(runCourse({ distance: 8, window: 10 }, far).duration).toBe(80);
  });

  it('finds the target nearer or further away than it was', () => {
    for (const distance of [1, 4, 20]) {
      const run = runCourse({ distance, window: 10 }, routers(7));
      expect(tally(run)).toEqual(allOf(8, 3));
    }
  });

  it('looks for it further away where nobody answers at the distance that it had', () => {
    const silent: Network = (step) => (step.ttl === 3 || step.ttl === 4 ? 'silence' : routers(5)(step));
    const run = runCourse({ distance: 3, window: 10 }, silent);
    expect(run.outcome.ends).toEqual([6]);
  });

  it('loses nothing by hurrying among ways of different length', () => {
    for (const short of [2, 3, 4]) {
      const balanced: Network = (step) => routers(step.round === 0 ? 5 : short, 20)(step);
      const run = runCourse({ window: 10 }, balanced);
      expect(run.outcome.ends).toEqual([short + 1]);
      for (const { answer } of run.outcome.probes) expect(answer).toBeDefined();
    }
  });

  it('does not wait for what was sent beyond the target', () => {
    // As many as Linux answers at once.
    let answers = 0;
    const limited: Network = (step) => {
      if (step.ttl === 1) return routers(1)(step);
      answers += 1;
      return answers > 4 ? 'silence' : routers(1)(step);
    };
    const run = runCourse({}, limited);
    expect(tally(run)).toEqual(['1: 3/3', '2: 3/3']);
    expect(run.duration).toBe(10);
  });

  it('asks the target itself where nothing was sent beyond it, or the rounds are to be apart', () => {
    for (const plan of [{ maxHops: 3 }, { interval: 5 }, { isSerial: true }]) {
      const run = runCourse(plan, routers(2));
      expect(tally(run)).toEqual(allOf(3, 3));
      expect(run.steps.filter(({ ttl, round }) => ttl === 3 && round > 0).length).toBe(2);
    }
  });

  it('counts no router beyond the target for the target', () => {
    const strange: Network = (step) => (step.ttl === 4 ? { kind: 'hop', from: 'r4' } : routers(2)(step));
    const run = runCourse({}, strange);
    expect(tally(run)).toEqual(allOf(3, 3));
    for (const { ttl, answer } of run.outcome.probes) expect(answer?.kind).toBe(ttl === 3 ? 'target' : 'hop');
  });

  it('asks six hops ahead of the last that answered', () => {
    const far: Network = ({ ttl }) => ({ kind: ttl > 9 ? 'target' : 'hop', from: `r${ttl}`, rtt: 10 * ttl });
    const { steps } = runCourse({ rounds: 1 }, far);
    expect(steps.map(({ ttl, at }) => [ttl, at])).toEqual([
      ...[1, 2, 3, 4, 5, 6].map((ttl) => [ttl, 0]),
      ...[10, 20, 30, 40, 50, 60].map((at, index) => [7 + index, at]),
      [13, 80],
      [14, 100],
      [15, 120],
    ]);
  });

  it('goes on behind silent hops, and does not wait for them longer than they are worth', () => {
    const silent: Network = (step) => ([2, 3, 4, 5, 6, 7].includes(step.ttl) ? 'silence' : routers(9)(step));
    const run = runCourse({}, silent);
    expect(tally(run)).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((ttl) => (ttl > 1 && ttl < 8 ? `${ttl}: 0/3` : `${ttl}: 3/3`)),
    );
    expect(run.duration).toBeLessThan(1_000);
  });

  it('asks all hops where nobody answers, and a few of them again', () => {
    const run = runCourse({}, (step) => (step.ttl > 3 ? 'silence' : routers(3)(step)));
    expect(run.outcome).toMatchObject({ ends: [undefined], asked: 30 });
    expect(run.steps.filter(({ round }) => round === 0).length).toBe(30);
    expect(run.steps.filter(({ round }) => round === 2).map(({ ttl }) => ttl)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(run.duration).toBeLessThan(3_000);
  });

  it('ends where somebody says that it goes no further', () => {
    const refuse: Network = (step) => (step.ttl > 4 ? { kind: 'unreachable', from: 'r4' } : routers(9)(step));
    const run = runCourse({}, refuse);
    expect(run.outcome.ends).toEqual([5]);
    expect(tally(run)).toEqual(allOf(5, 3));
  });

  it('finds the distance in a later round where the first answer of the target was lost', () => {
    const lossy: Network = (step) => (step.round === 0 && step.ttl === 4 ? 'silence' : routers(3)(step));
    const run = runCourse({}, lossy);
    expect(run.outcome.ends).toEqual([4]);
    expect(tally(run)).toEqual(['1: 3/3', '2: 3/3', '3: 3/3', '4: 2/3']);
  });

  it('stops going round in a loop as soon as it is one', () => {
    const loop: Network = ({ ttl }) => ({ kind: 'hop', from: ttl < 3 ? `r${ttl}` : ttl % 2 === 0 ? 'a' : 'b' });
    const { steps, outcome } = runCourse({ rounds: 1 }, loop);
    expect(outcome.ends).toEqual([undefined]);
    expect(steps.length).toBeLessThan(16);
  });

  it('keeps the interval between rounds, and does not begin one before the distance is known', () => {
    const { steps } = runCourse({ interval: 300 }, routers(2));
    const begins = [0, 1, 2].map((round) => steps.find((step) => step.round === round)?.at);
    expect(begins).toEqual([0, 300, 600]);
    const slow = runCourse({ interval: 5 }, routers(12)).steps.find(({ round }) => round === 1);
    expect(slow?.at).toBeGreaterThan(5);
  });

  it('sends the other flows as far as the first has found the target, and no further', () => {
    const run = runCourse({ flows: 4, rounds: 2 }, routers(7));
    for (const flow of [0, 1, 2, 3]) expect(tally(run, flow)).toEqual(allOf(8, 2));
    expect(run.steps.filter(({ flow, ttl }) => flow > 0 && ttl > 8)).toEqual([]);
  });

  it('finds a longer and a shorter way of another flow', () => {
    const ways: Network = (step) => routers([5, 7, 3][step.flow] ?? 0)(step);
    const run = runCourse({ flows: 3 }, ways);
    expect(run.outcome.ends).toEqual([6, 8, 4]);
    expect(tally(run, 1)).toEqual(allOf(8, 3));
    expect(tally(run, 2)).toEqual(allOf(4, 3));
  });

  it('gives up at once where nothing can be sent', () => {
    const run = runCourse({}, () => 'unsent');
    expect(run.steps.length).toBe(1);
    expect(run.outcome).toMatchObject({ probes: [], asked: 0, sendError: new Error('no route') });
  });

  it('goes on where the last that the first round had to ask could not be sent', () => {
    for (const isSerial of [true, false]) {
      const run = runCourse({ isSerial, maxHops: 4, rounds: 2 }, (step) =>
        step.ttl === 4 && step.round === 0 ? 'unsent' : routers(9)(step),
      );
      expect(tally(run)).toEqual(['1: 2/2', '2: 2/2', '3: 2/2', '4: 1/1']);
    }
  });

  it('does not count what could not be sent', () => {
    const run = runCourse({}, (step) => (step.ttl === 2 && step.round === 1 ? 'unsent' : routers(3)(step)));
    expect(tally(run)).toEqual(['1: 3/3', '2: 2/2', '3: 3/3', '4: 3/3']);
  });

  it('waits for an answer as long as it may take, and a little longer for it to be read', () => {
    const run = runCourse({ maxHops: 1, rounds: 1 }, () => 'silence');
    expect(run.duration).toBe(PLAN.timeout + 1);
  });

  it('sends nothing and waits for nothing once it is stopped, and calls nothing lost that had time', () => {
    const course = new TraceCourse({ ...PLAN, maxHops: 3 }, 0);
    for (let step = course.next(0); step !== undefined; step = course.next(0)) course.sent(step, 0);
    course.answered(0, { kind: 'hop', from: 'r1', rtt: 10 }, 10);
    course.stop();
    expect([course.isOver, course.next(20), course.due()]).toEqual([true, undefined, Number.POSITIVE_INFINITY]);
    expect(course.outcome().probes.map(({ ttl, answer }) => [ttl, answer?.from])).toEqual([[1, 'r1']]);
  });

  it('counts no answer that took longer than it may, however early it is read', () => {
    const course = new TraceCourse({ ...PLAN, maxHops: 1, rounds: 1 }, 0);
    const step = course.next(0);
    if (step !== undefined) course.sent(step, 0);
    expect(course.answered(0, { kind: 'target', from: 'target', rtt: PLAN.timeout + 0.1 }, 10)).toBe(false);
    expect(course.answered(0, { kind: 'target', from: 'target', rtt: PLAN.timeout }, 10)).toBe(true);
  });

  it('does not ask further than is allowed', () => {
    const run = runCourse({ maxHops: 5 }, routers(9));
    expect(run.outcome).toMatchObject({ ends: [undefined], asked: 5 });
    expect(tally(run)).toEqual(allOf(5, 3));
  });
});

describe('the course of a trace, one after the other', () => {
  it('has one probe of a flow on its way at a time', () => {
    const { steps, outcome } = runCourse({ isSerial: true, flows: 2 }, routers(5));
    for (const flow of [0, 1]) {
      const mine = steps.filter((step) => step.flow === flow);
      expect(mine.length).toBe(18);
      for (const [index, { at }] of mine.entries())
        expect(at - (mine[index - 1]?.at ?? -10)).toBeGreaterThanOrEqual(10);
    }
    expect(outcome.ends).toEqual([6, 6]);
    // None is sent beyond the target.
    expect(outcome.asked).toBe(6);
  });

  it('does not wait for each silent hop as long as for the first', () => {
    const run = runCourse({ isSerial: true, rounds: 1 }, (step) => (step.ttl > 2 ? 'silence' : routers(2)(step)));
    expect(run.outcome.asked).toBe(30);
    expect(run.duration).toBeLessThan(28 * 300);
  });
});

describe('the course of a trace among routers that do not say which probe they answer', () => {
  const unnamed =
    (network: Network, isUnnamed: (ttl: number) => boolean): Network =>
    (step): Fate => {
      const fate = network(step);
      return typeof fate === 'string' ? fate : { ...fate, isUnnamed: isUnnamed(step.ttl) };
    };

  it.each([
    ['all of them', () => true],
    ['one', (ttl: number) => ttl === 3],
    ['the target', (ttl: number) => ttl > 6],
    ['all but the target', (ttl: number) => ttl <= 6],
  ])('asks those one by one: %s', (_, isUnnamed) => {
    const run = runCourse({}, unnamed(routers(6), isUnnamed));
    expect(run.outcome.ends).toEqual([7]);
    expect(tally(run)).toEqual(allOf(7, 3));
    for (const { ttl, answer } of run.outcome.probes) expect(answer?.from).toBe(ttl > 6 ? 'target' : `r${ttl}`);
  });

  it('takes no late answer to many for the answer to one', () => {
    // The target answers late what it was asked while nothing was known.
    const late: Network = (step) => {
      const fate = routers(3)(step);
      return typeof fate === 'string' ? fate : { ...fate, rtt: step.ttl > 3 ? 200 + step.ttl * 20 : 10 };
    };
    const run = runCourse(
      {},
      unnamed(late, () => true),
    );
    expect(run.outcome.ends).toEqual([4]);
    for (const { ttl, answer } of run.outcome.probes) expect(answer?.from).toBe(ttl > 3 ? 'target' : `r${ttl}`);
  });

  it('takes no second answer of the target for one from before the last router', () => {
    // Only the silent third hop is asked one by one, while the target answers each probe twice.
    const course = new TraceCourse({ ...PLAN, rounds: 1, window: 10, maxHops: 5 }, 0);
    for (let step = course.next(0); step !== undefined; step = course.next(0)) course.sent(step, 0);
    for (const ttl of [1, 2, 4]) course.answered(ttl - 1, { kind: 'hop', from: `r${ttl}`, rtt: 10 }, 10);
    expect(course.unmatched(0, true, 20)).toBeUndefined();
    expect(course.unmatched(0, true, 20)).toBeUndefined();
    const asked = course.next(course.due());
    expect(asked).toMatchObject({ ttl: 3 });
    if (asked !== undefined) course.sent(asked, 1_030);
    expect(course.unmatched(0, true, 1_040)).toBeUndefined();
    expect(course.unmatched(0, false, 1_040)).toEqual(asked);
  });

  it('tells those that are silent', () => {
    const silent: Network = (step) => (step.ttl === 2 ? 'silence' : routers(4)(step));
    const run = runCourse(
      { rounds: 2 },
      unnamed(silent, () => true),
    );
    expect(tally(run)).toEqual(['1: 2/2', '2: 0/2', '3: 2/2', '4: 2/2', '5: 2/2']);
  });

  it('does not ask for ever where nothing is ever named', () => {
    const run = runCourse({ rounds: 1, timeout: 100 }, () => ({ kind: 'hop', from: 'x', isUnnamed: true }));
    expect(run.outcome.asked).toBe(30);
  });
});

describe('any course', () => {
  it('comes to an end, whatever comes back', () => {
    // In the last one, a hop that is asked by itself turns out to be behind the end.
    for (const seed of [...Array.from({ length: 400 }, (_, index) => index), 13_156]) {
      const random = generator(seed);
      const plan = {
        maxHops: 1 + Math.floor(random() * 20),
        rounds: 1 + Math.floor(random() * 4),
        flows: 1 + Math.floor(random() * 4),
        interval: random() < 0.5 ? 0 : 50,
        timeout: 100,
        window: 1 + Math.floor(random() * 8),
        distance: random() < 0.5 ? undefined : 1 + Math.floor(random() * 12),
        isSerial: random() < 0.3,
      };
      const run = runCourse(plan, () => anything(random));
      const { maxHops, rounds, flows, interval, timeout } = plan;
      const time = longestTrace({ maxHops, rounds, flows, interval, timeout }) - FOR_A_NAME;
      expect(run.duration).toBeLessThanOrEqual(time);
      expect(run.steps.length).toBeLessThanOrEqual(2 * plan.maxHops * plan.rounds * plan.flows);
      for (const { ttl, round, flow } of run.steps) {
        expect(ttl >= 1 && ttl <= plan.maxHops && round < plan.rounds && flow < plan.flows).toBe(true);
      }
    }
  });
});

/** Of the longest time, in milliseconds. */
const FOR_A_NAME = 10_000;

function anything(random: () => number): Fate {
  const dice = random();
  if (dice < 0.2) return 'silence';
  if (dice < 0.25) return 'unsent';
  const kind = dice < 0.8 ? 'hop' : dice < 0.9 ? 'target' : 'unreachable';
  return { kind, from: `r${Math.floor(random() * 6)}`, rtt: random() * 120, isUnnamed: random() < 0.2 };
}
