import { describe, expect, it } from 'vitest';
import type { CoursePlan, TracedProbe } from '../../../../src/probes/trace/course-plan.js';
import { comparePaths } from '../../../../src/probes/trace/index.js';
import { factsOf, samplesOf } from '../../../../src/probes/trace/trace-facts.js';
import { judgeTrace } from '../../../../src/probes/trace/verdict.js';
import { generator, type Network, routers, runCourse } from './course-run.js';

const TARGET = 'target';

function factsFrom(
  network: Network,
  { flows = 1, ids = [31_434], ...plan }: Partial<CoursePlan> & { readonly ids?: readonly number[] } = {},
) {
  // With an interval, each round asks the target itself.
  const { outcome } = runCourse({ interval: 1, ...plan, flows }, network);
  return { outcome, facts: factsOf(outcome, { method: 'udp', port: 33_434, flowIds: ids }) };
}

const verdictFrom = (network: Network, maxHops = 30) =>
  judgeTrace(factsFrom(network, { maxHops }).facts, TARGET, maxHops, undefined);

describe('the facts of a trace', () => {
  it('tell each hop, its losses and its round-trip times', () => {
    const uneven: Network = (step) => {
      const fate = routers(2)(step);
      if (step.ttl === 2 && step.round === 1) return 'silence';
      return typeof fate === 'string' ? fate : { ...fate, rtt: 10 * step.ttl + step.round };
    };
    const { outcome, facts } = factsFrom(uneven);
    expect(facts).toMatchObject({ method: 'udp', port: 33_434, reached: true, distance: 3, sent: 9, received: 8 });
    expect(facts.hops[0]).toEqual({
      ttl: 1,
      addresses: [{ address: 'r1', rtts: [10, 11, 12], flows: [0] }],
      sent: 3,
      received: 3,
      loss: 0,
      rtt: { min: 10, avg: 11, max: 12 },
    });
    expect(facts.hops[1]).toEqual({
      ttl: 2,
      addresses: [{ address: 'r2', rtts: [20, 22], flows: [0] }],
      sent: 3,
      received: 2,
      loss: 1 / 3,
      rtt: { min: 20, avg: 21, max: 22 },
    });
    expect(samplesOf(outcome)).toEqual([30, 31, 32]);
    expect(facts.flows).toEqual([{ id: 31_434, path: ['r1', 'r2', TARGET], pathId: facts.pathId, reached: true }]);
  });

  it('name a hop that limits its answers, and none where packets are lost on the way', () => {
    const limited = factsFrom((step) => (step.ttl === 2 && step.round > 5 ? 'silence' : routers(4)(step)), {
      rounds: 12,
    }).facts;
    expect(limited.hops.map(({ rateLimited }) => rateLimited)).toEqual([
      undefined,
      true,
      undefined,
      undefined,
      undefined,
    ]);
    const random = generator(3);
    const lossy = factsFrom((step) => (random() < 0.3 ? 'silence' : routers(4)(step)), { rounds: 100 }).facts;
    for (const hop of lossy.hops) {
      expect(hop.loss).toBeGreaterThan(0.1);
      expect(hop.rateLimited).toBeUndefined();
    }
  });

  it('count what was sent beyond the target for the target, but not as of another round', () => {
    const { facts, outcome } = factsFrom(
      (step) => (step.ttl === 2 && step.round === 1 ? 'silence' : routers(2)(step)),
      { interval: 0 },
    );
    expect(facts.hops[2]).toMatchObject({ ttl: 3, sent: 3, received: 3 });
    expect(outcome.probes.filter(({ ttl }) => ttl === 3).map(({ isStandIn }) => isStandIn)).toEqual([
      false,
      true,
      true,
    ]);
    expect(facts.hops[1]).toMatchObject({ sent: 3, received: 2 });
  });

  it('tell all who answered at a hop, the most frequent first, and which flows met them', () => {
    const split: Network = (step) => {
      const fate = routers(3)(step);
      return typeof fate === 'string' || step.ttl !== 2 ? fate : { ...fate, from: step.flow === 1 ? 'other' : 'r2' };
    };
    const { facts } = factsFrom(split, { flows: 3, ids: [1, 2, 3] });
    expect(facts.hops[1]?.addresses.map(({ address, flows }) => [address, flows])).toEqual([
      ['r2', [0, 2]],
      ['other', [1]],
    ]);
    expect(facts.flows.map(({ path }) => path[1])).toEqual(['r2', 'other', 'r2']);
    expect(facts.flows[0]?.pathId).toBe(facts.flows[2]?.pathId);
    expect(facts.flows[0]?.pathId).not.toBe(facts.flows[1]?.pathId);
  });

  it('are empty where nothing was sent', () => {
    const { facts } = factsFrom(() => 'unsent');
    expect(facts).toMatchObject({ hops: [], reached: false, asked: 0, sent: 0, received: 0 });
    expect(facts.distance).toBeUndefined();
  });

  it('are put together of the longest trace there is', () => {
    const [maxHops, flows, rounds] = [255, 16, 100];
    const probes: TracedProbe[] = [];
    for (let index = 0; index < maxHops * flows * rounds; index += 1) {
      const ttl = (index % maxHops) + 1;
      const answer = { from: `r${ttl}-${index % 7}`, kind: 'hop', rtt: 1 } as const;
      const row = Math.floor(index / maxHops);
      probes.push({
        index,
        ttl,
        flow: row % flows,
        round: Math.floor(row / flows),
        answer: index % 3 === 0 ? undefined : answer,
        isStandIn: false,
      });
    }
    const outcome = {
      probes,
      ends: Array.from({ length: flows }, () => undefined),
      asked: maxHops,
      sendError: undefined,
    };
    const facts = factsOf(outcome, {
      method: 'udp',
      port: 33_434,
      flowIds: Array.from({ length: flows }, (_, id) => id),
    });
    expect([facts.sent, facts.received]).toEqual([probes.length, (probes.length * 2) / 3]);
  });

  it('are plain values', () => {
    const { facts } = factsFrom(routers(4));
    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
  });
});

describe('the verdict of a trace', () => {
  it('is ok where the target answered, whatever was lost on the way', () => {
    expect(verdictFrom((step) => (step.ttl < 5 ? 'silence' : routers(5)(step)))).toEqual({ status: 'ok' });
  });

  it('names the last hop that answered', () => {
    const verdict = verdictFrom((step) => (step.ttl > 3 ? 'silence' : routers(3)(step)));
    expect(verdict).toMatchObject({ status: 'failed', failureSource: 'path', reason: 'timeout' });
    expect(verdict).toMatchObject({ message: 'target did not answer; the last that did is r3, at hop 3' });
  });

  it('says where nobody answered', () => {
    expect(verdictFrom(() => 'silence')).toMatchObject({ reason: 'timeout', message: /nobody on the way/ });
  });

  it('names a loop, and a way that is too long', () => {
    const loop: Network = ({ ttl }) => ({ kind: 'hop', from: ttl < 3 ? `r${ttl}` : ttl % 2 === 0 ? 'a' : 'b' });
    expect(verdictFrom(loop)).toMatchObject({
      reason: 'ttl-exceeded',
      message: 'a routing loop from hop 3 on: b → a → b',
    });
    expect(verdictFrom(routers(20), 6)).toMatchObject({
      reason: 'ttl-exceeded',
      message: /more than 6 hops away.* r6$/,
    });
  });

  it('is inconclusive where this host could not send', () => {
    const { facts } = factsFrom(() => 'unsent');
    const error = Object.assign(new Error('sendto failed: ENETUNREACH'), { code: 'ENETUNREACH', syscall: 'sendto' });
    expect(judgeTrace(facts, TARGET, 30, error)).toMatchObject({
      status: 'inconclusive',
      failureSource: 'local',
      reason: 'no-route',
    });
    expect(judgeTrace(facts, TARGET, 30, new Error('?'))).toMatchObject({ status: 'inconclusive', reason: 'not-sent' });
  });

  it('blames nobody else for a route of its own that leads nowhere', () => {
    const { facts } = factsFrom(() => 'unsent');
    const error = Object.assign(new Error('sendto failed: EHOSTUNREACH'), { code: 'EHOSTUNREACH', syscall: 'sendto' });
    expect(judgeTrace(facts, TARGET, 30, error)).toMatchObject({
      status: 'inconclusive',
      failureSource: 'local',
      reason: 'no-route',
    });
  });
});

describe('two paths', () => {
  const facts = (network: Network, ids?: number[]) =>
    factsFrom(network, { flows: ids?.length ?? 1, ids: ids ?? [1] }).facts;
  const otherAt =
    (ttl: number, from = 'x'): Network =>
    (step) => {
      const fate = routers(4)(step);
      return typeof fate === 'string' || step.ttl !== ttl ? fate : { ...fate, from };
    };
  const silentAt =
    (ttl: number): Network =>
    (step) =>
      step.ttl === ttl ? 'silence' : routers(4)(step);

  it('are the same where the same answer', () => {
    expect(comparePaths(facts(routers(4)), facts(routers(4)))).toEqual({ changed: false, hops: [], sameFlows: true });
  });

  it('differ at the hop where another answers', () => {
    expect(comparePaths(facts(routers(4)), facts(otherAt(2)))).toEqual({
      changed: true,
      hops: [{ ttl: 2, before: ['r2'], after: ['x'] }],
      sameFlows: true,
    });
  });

  it('do not differ where one was silent, in whichever of the two', () => {
    for (const ttl of [1, 2, 4]) {
      expect(comparePaths(facts(routers(4)), facts(silentAt(ttl))).changed).toBe(false);
      expect(comparePaths(facts(silentAt(ttl)), facts(otherAt(ttl))).changed).toBe(false);
    }
    expect(facts(silentAt(2)).pathId).not.toBe(facts(routers(4)).pathId);
  });

  it('do not differ where one of several answered again', () => {
    const changing: Network = (step) => otherAt(2, step.round === 2 ? 'r2' : 'x')(step);
    expect(comparePaths(facts(routers(4)), facts(changing)).changed).toBe(false);
  });

  it('differ in their length', () => {
    const comparison = comparePaths(facts(routers(4)), facts(routers(5)));
    expect(comparison).toMatchObject({ changed: true, distance: { before: 5, after: 6 } });
    // The target where a router was.
    expect(comparison.hops).toEqual([{ ttl: 5, before: [TARGET], after: ['r5'] }]);
  });

  it('do not differ in their length where only silence lies between', () => {
    const limited: Network = (step) => (step.ttl === 5 ? 'silence' : routers(4)(step));
    for (const [one, other] of [
      [routers(4), limited],
      [limited, routers(4)],
    ] as const) {
      const comparison = comparePaths(facts(one), facts(other));
      expect(comparison.changed).toBe(false);
      expect(comparison.distance).toBeUndefined();
    }
  });

  it('do not differ by the target alone, which they say', () => {
    const lost = facts((step) => (step.ttl > 4 ? 'silence' : routers(4)(step)));
    expect(comparePaths(facts(routers(4)), lost)).toEqual({
      changed: false,
      hops: [],
      target: 'lost',
      sameFlows: true,
    });
    expect(comparePaths(lost, facts(routers(4)))).toMatchObject({ changed: false, target: 'found' });
  });

  it('are not of the same flows where the method, the port or, by TCP, each probe is another', () => {
    const before = facts(routers(4));
    expect(comparePaths(before, { ...before, method: 'icmp' }).sameFlows).toBe(false);
    expect(comparePaths(before, { ...before, port: 443 }).sameFlows).toBe(false);
    expect(comparePaths(facts(routers(4), [0]), facts(routers(4), [0])).sameFlows).toBe(false);
  });

  it('are compared flow by flow, or all together where the flows are others', () => {
    const crossed =
      (first: string, second: string): Network =>
      (step) =>
        otherAt(2, step.flow === 0 ? first : second)(step);
    const [some, others] = [facts(crossed('a', 'b'), [1, 2]), facts(crossed('b', 'a'), [1, 2])];
    expect(comparePaths(some, others)).toMatchObject({
      changed: true,
      hops: [{ ttl: 2, before: ['a', 'b'], after: ['b', 'a'] }],
    });
    const elsewhere = facts(crossed('b', 'a'), [1, 3]);
    expect(comparePaths(some, elsewhere)).toEqual({ changed: false, hops: [], sameFlows: false });
  });
});
