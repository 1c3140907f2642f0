import { describe, expect, it } from 'vitest';
import type { CourseOutcome } from '../../../../src/probes/trace/course-plan.js';
import { KnownDistances } from '../../../../src/probes/trace/known-distances.js';

/** What each hop answers, from the first: a router, the target, nobody. */
type Row = readonly ('r' | 't' | '*')[];

describe('what is known of distances', () => {
  it('is where the target last answered, for each method', () => {
    const distances = new KnownDistances();
    expect(distances.of('udp', 'a')).toBeUndefined();
    distances.settle('udp', 'a', outcome(['r', 'r', 't']));
    expect([distances.of('udp', 'a'), distances.of('icmp', 'a'), distances.of('udp', 'b')]).toEqual([
      3,
      undefined,
      undefined,
    ]);
    distances.settle('udp', 'a', outcome(['t']));
    expect(distances.of('udp', 'a')).toBe(1);
    distances.settle('udp', 'a', outcome(['*', '*']));
    expect(distances.of('udp', 'a')).toBe(1);
  });

  it('holds where the target was silent and answered to what was sent with more hops to live', () => {
    const distances = new KnownDistances();
    distances.settle('udp', 'a', outcome(['r', 'r', 't']));
    for (const row of [
      ['r', 'r', '*', 't'],
      ['r', '*', '*', '*', '*', 't'],
    ] satisfies Row[]) {
      const { probes, ends } = distances.settle('udp', 'a', outcome(row));
      expect(ends).toEqual([3]);
      expect(probes.map(({ ttl, answer }) => [ttl, answer?.kind])).toEqual([
        [1, 'hop'],
        [2, row[1] === 'r' ? 'hop' : undefined],
        [3, undefined],
        [3, 'target'],
      ]);
      expect(distances.of('udp', 'a')).toBe(3);
    }
  });

  it('is another one where a router answers there', () => {
    const distances = new KnownDistances();
    distances.settle('udp', 'a', outcome(['r', 't']));
    const longer = outcome(['r', 'r', '*', 't']);
    expect(distances.settle('udp', 'a', longer)).toBe(longer);
    expect(distances.of('udp', 'a')).toBe(4);
  });

  it('is another one where nobody has answered there for long', () => {
    const distances = new KnownDistances();
    distances.settle('udp', 'a', outcome(['r', 't']));
    for (let count = 0; count < 30; count += 1) {
      expect(distances.settle('udp', 'a', outcome(['r', '*', 't'])).ends).toEqual([2]);
    }
    expect(distances.settle('udp', 'a', outcome(['r', '*', 't'])).ends).toEqual([3]);
    expect(distances.of('udp', 'a')).toBe(3);
  });
});

function outcome(row: Row): CourseOutcome {
  const kinds = { r: 'hop', t: 'target' } as const;
  const probes = row.map((each, at) => ({
    index: at,
    flow: 0,
    round: 0,
    ttl: at + 1,
    isStandIn: false,
    answer: each === '*' ? undefined : { from: each, kind: kinds[each], rtt: 1 },
  }));
  const end = row.indexOf('t') + 1;
  return { probes, ends: [end === 0 ? undefined : end], asked: row.length, sendError: undefined };
}
