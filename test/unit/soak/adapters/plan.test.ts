import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAULT_KINDS, planRun } from '../../../soak/adapters/plan.js';

const seed = fc.nat();
const run = fc.integer({ min: 1, max: 1_000 });

describe('the faults of a run', () => {
  it('are one of each kind, in the order of their moments, all within the transfer', () => {
    fc.assert(
      fc.property(seed, run, (seed, run) => {
        const faults = planRun(seed, run);
        const moments = faults.map(({ after }) => after);
        expect(faults.map(({ kind }) => kind).toSorted()).toEqual([...FAULT_KINDS].toSorted());
        expect(moments).toEqual(moments.toSorted((a, b) => a - b));
        expect(moments.every((moment) => moment > 0 && moment < 0.9)).toBe(true);
        expect(faults.every(({ delay, duration }) => delay >= 0 && duration >= 200 && duration <= 10_000)).toBe(true);
      }),
    );
  });

  it('are the same for the same seed and number, and others for another', () => {
    expect(planRun(7, 3)).toEqual(planRun(7, 3));
    expect(planRun(7, 4)).not.toEqual(planRun(7, 3));
    expect(planRun(8, 3)).not.toEqual(planRun(7, 3));
  });

  it('come in any order', () => {
    const orders = Array.from({ length: 200 }, (_, index) => planRun(1, index).map(({ kind }) => kind));
    expect(new Set(orders.map(([first]) => first)).size).toBe(FAULT_KINDS.length);
    expect(new Set(orders.map((order) => order.at(-1))).size).toBe(FAULT_KINDS.length);
  });
});
