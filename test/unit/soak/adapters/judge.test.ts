import { describe, expect, it } from 'vitest';
import { isAsPromised, judge, type Observation, summarize } from '../../../soak/adapters/judge.js';

const quiet: Observation = {
  faults: [
    { kind: 'carrier', from: 100n, to: 200n },
    { kind: 'restart', from: 300n, to: 310n },
  ],
  planned: 2,
  moved: [],
  failed: [],
  end: { ok: true },
  received: 0,
  sha256Equal: true,
  leftovers: [],
  duration: 1,
};

const failed = (at: bigint, spent = true) => ({ at, spent, error: 'ECONNRESET' });

describe('the verdict on one transfer', () => {
  it('blames the last fault that had begun for an attempt that was spent', () => {
    const verdict = judge({ ...quiet, failed: [failed(150n), failed(299n), failed(305n), failed(900n)] });
    expect(verdict).toMatchObject({ attemptsSpentOnOutages: 2, attemptsSpentOnRestarts: 2 });
  });

  it('counts an attempt that was spent before any fault, which no restart excuses', () => {
    expect(judge({ ...quiet, failed: [failed(1n)] }).attemptsSpentOnOutages).toBe(1);
  });

  it('does not count an attempt that was not spent', () => {
    expect(judge({ ...quiet, failed: [failed(150n, false)] }).attemptsSpentOnOutages).toBe(0);
  });

  it('counts no byte twice that is on the wire for the first time, in whatever order', () => {
    const moved = [
      { at: 10n, offset: 500, bytes: 500 },
      { at: 120n, offset: 0, bytes: 250 },
      { at: 320n, offset: 250, bytes: 250 },
    ];
    expect(judge({ ...quiet, moved }).maxBytesSentAgain).toBe(0);
  });

  it('tells the most that was sent again after one fault, not after all together', () => {
    const moved = [
      { at: 10n, offset: 0, bytes: 400 },
      { at: 210n, offset: 300, bytes: 200 },
      { at: 320n, offset: 450, bytes: 100 },
      { at: 330n, offset: 480, bytes: 50 },
    ];
    expect(judge({ ...quiet, moved }).maxBytesSentAgain).toBe(100);
  });

  it('counts bytes as often as they are sent again', () => {
    const moved = [0n, 1n, 2n].map((at) => ({ at, offset: 0, bytes: 100 }));
    expect(judge({ ...quiet, moved }).maxBytesSentAgain).toBe(200);
  });
});

describe('what went over the wire', () => {
  const moved = [{ at: 10n, offset: 0, bytes: 10_000_000 }];

  it('is what the client told of, with what the protocols put around it', () => {
    expect(judge({ ...quiet, moved, received: 10_300_000 }).understated).toBe(false);
  });

  it('is more where the client does not tell of all that it sends again', () => {
    const verdict = judge({ ...quiet, moved, received: 12_000_000 });
    expect(verdict.understated).toBe(true);
    expect(isAsPromised(verdict)).toBe(false);
  });
});

describe('a promise', () => {
  it.each<[string, Partial<Observation>]>([
    ['the transfer fails', { end: { ok: false, error: 'ETIMEDOUT' } }],
    ['it was over before all faults had come', { planned: 3 }],
    ['the content is another', { sha256Equal: false }],
    ['an outage cost an attempt', { failed: [failed(150n)] }],
    ['something is left behind', { leftovers: ['part.tmp'] }],
  ])('is broken where %s', (_what, what) => {
    expect(isAsPromised(judge({ ...quiet, ...what }))).toBe(false);
  });

  it('is kept otherwise, also where the restart of the server cost attempts', () => {
    expect(isAsPromised(judge({ ...quiet, failed: [failed(305n)] }))).toBe(true);
  });
});

describe('the sum of all runs', () => {
  const good = judge(quiet);
  const bad = judge({
    ...quiet,
    failed: [failed(150n)],
    end: { ok: false, error: 'ETIMEDOUT' },
    sha256Equal: false,
    leftovers: ['1 × Timeout', 'part.tmp'],
  });

  it('counts what was done', () => {
    const summary = summarize('s3', [good, good], [good, bad]);
    expect(summary).toEqual({
      adapter: 's3',
      runs: 2,
      completed: 2,
      sha256Equal: 2,
      attemptsSpentOnOutages: 0,
      maxBytesSentAgain: 0,
      leftovers: 0,
      bare: { completed: 1 },
    });
  });

  it('counts what was not', () => {
    const summary = summarize('s3', [good, bad], []);
    expect(summary).toMatchObject({ completed: 1, sha256Equal: 1, attemptsSpentOnOutages: 1, leftovers: 2 });
  });

  it('does not count a bare transfer as completed that ended well with other content', () => {
    const other = judge({ ...quiet, sha256Equal: false });
    expect(summarize('s3', [good], [other]).bare.completed).toBe(0);
  });
});
