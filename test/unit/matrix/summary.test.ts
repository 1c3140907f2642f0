import { describe, expect, it } from 'vitest';
import type { Detection, Finding } from '../../matrix/judge.js';
import type { Result } from '../../matrix/runner.js';
import type { Scenario } from '../../matrix/scenario.js';
import { isClean, quantile, summarize } from '../../matrix/summary.js';

const scenario: Scenario = {
  name: 'path/example',
  fault: 'nothing',
  topology: { name: 'nowhere', build: () => Promise.reject(new Error('never built')) },
  play: () => Promise.reject(new Error('never played')),
};

function played(findings: readonly Finding[], detections: readonly Detection[] = []): Result {
  return { scenario, duration: 1, outcome: 'played', findings, detections, observations: [] };
}

const finding = (kind: Finding['kind']): Finding => ({ kind, text: kind });

describe('the sum of all scenarios', () => {
  it('counts what is wrong by its kind', () => {
    const results = [
      played([finding('false-pause'), finding('wrong-reason')]),
      played([finding('missed-outage'), finding('missed-outage'), finding('stuck-pause')]),
    ];
    expect(summarize(results)).toEqual({
      scenarios: 2,
      falsePauses: 1,
      missedOutages: 2,
      stuckPauses: 1,
      wrongReasons: 1,
      detectedMs: { median: 0, p99: 0 },
    });
  });

  it('gives the delay of path outages only', () => {
    const detections = [
      { evidence: 'path', after: 10 },
      { evidence: 'path', after: 30 },
      { evidence: 'path', after: 20.04 },
      { evidence: 'reach', after: 1_400 },
    ] as const;
    expect(summarize([played([], detections)]).detectedMs).toEqual({ median: 20, p99: 30 });
  });

  it('names scenarios that were skipped or prove nothing, and only where there are any', () => {
    const skipped: Result = { scenario, duration: 0, outcome: 'skipped', reason: 'no tap' };
    expect(summarize([played([finding('broken'), finding('excess')]), skipped])).toMatchObject({
      scenarios: 1,
      broken: 2,
      skipped: 1,
    });
  });

  it('is clean only where something was played and nothing is wrong', () => {
    expect(isClean(summarize([played([])]))).toBe(true);
    expect(isClean(summarize([]))).toBe(false);
    for (const kind of ['false-pause', 'missed-outage', 'stuck-pause', 'wrong-reason', 'excess', 'broken'] as const) {
      expect(isClean(summarize([played([finding(kind)])]))).toBe(false);
    }
  });
});

describe('a quantile', () => {
  it('is a value that occurs, by the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1)]).toEqual([50, 99, 100]);
    expect([quantile([7], 0.5), quantile([], 0.99)]).toEqual([7, 0]);
  });
});
