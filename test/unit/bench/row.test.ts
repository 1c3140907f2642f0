import { describe, expect, it } from 'vitest';
import { compare } from '../../../bench/row.js';

const latency = { name: 'latency', unit: 'ms', ours: [3, 1, 2], reference: [1, 1, 4], referenceName: 'C' };

describe('a row', () => {
  it('puts our median beside that of the reference, with the ratio and both spreads', () => {
    expect(compare(latency)).toEqual({
      name: 'latency',
      unit: 'ms',
      ours: 2,
      reference: 1,
      referenceName: 'C',
      ratio: 2,
      target: null,
      met: null,
      trials: 3,
      spread: {
        ours: { min: 1, p25: 1.5, median: 2, p75: 2.5, p99: 2.98, max: 3 },
        reference: { min: 1, p25: 1, median: 1, p75: 2.5, p99: 3.94, max: 4 },
      },
    });
  });

  it('takes another percentile of both where one is asked for', () => {
    expect(compare({ ...latency, percentile: 100 })).toMatchObject({ ours: 3, reference: 4, ratio: 0.75 });
  });

  it.each([
    [{ of: 'ours', atMost: 2 }, '≤ 2 ms', true],
    [{ of: 'ours', atMost: 1.9 }, '≤ 1.9 ms', false],
    [{ of: 'ours', atLeast: 2 }, '≥ 2 ms', true],
    [{ of: 'ratio', atMost: 2 }, 'ratio ≤ 2', true],
    [{ of: 'ratio', atLeast: 2.1 }, 'ratio ≥ 2.1', false],
    [{ of: 'difference', atMost: 1 }, '≤ reference + 1 ms', true],
    [{ of: 'difference', atMost: 0.5 }, '≤ reference + 0.5 ms', false],
  ] as const)('says of the target %j that it is %s, and whether it is met: %s', (target, phrase, met) => {
    expect(compare({ ...latency, target })).toMatchObject({ target: phrase, met });
  });

  it('has neither figure nor ratio for what was never seen', () => {
    const row = compare({ ...latency, reference: [] });
    expect(row).toMatchObject({ ours: 2, reference: null, ratio: null });
    expect(row.spread.reference).toBeNull();
  });

  it('has not met its target where there is no figure of ours', () => {
    expect(compare({ ...latency, ours: [], target: { of: 'ours', atMost: 2 } })).toMatchObject({
      met: false,
      trials: 0,
    });
  });

  it('has no ratio to nothing', () => {
    expect(compare({ ...latency, reference: [0] }).ratio).toBeNull();
  });

  it('is the same after a way through JSON', () => {
    const row = compare({ ...latency, reference: [], target: { of: 'ours', atMost: 2 } });
    expect(JSON.parse(JSON.stringify(row))).toEqual(row);
  });
});
