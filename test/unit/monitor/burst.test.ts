import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Burst } from '../../../src/monitor/burst.js';

const acts: number[] = [];
let burst: Burst;

beforeEach(() => {
  vi.useFakeTimers();
  acts.length = 0;
  const start = performance.now();
  burst = new Burst({ first: 1, longest: 10 }, () => acts.push(performance.now() - start));
});

afterEach(() => {
  burst.stop();
  vi.useRealTimers();
});

const change = (): void => burst.note(() => false);

/** Changes that never end, this many milliseconds apart. */
function churn(period: number, length: number): void {
  for (let at = 0; at < length; at += period) {
    change();
    vi.advanceTimersByTime(period);
  }
}

describe('a burst of changes', () => {
  it('is acted on at once, and a millisecond later for what followed', () => {
    change();
    change();
    change();
    vi.advanceTimersByTime(100);
    expect(acts).toEqual([0, 1]);
  });

  it('is acted on once where nothing follows', () => {
    change();
    vi.advanceTimersByTime(100);
    expect(acts).toEqual([0]);
  });

  it('is acted on less and less often while it goes on', () => {
    churn(0.5, 60);
    expect(acts.slice(0, 6)).toEqual([0, 1, 3, 7, 15, 25]);
    expect(acts.length).toBeLessThan(12);
  });

  it('is acted on a hundred times a second at most, however many changes there are', () => {
    churn(3, 1_000);
    expect(acts.length).toBeLessThanOrEqual(105);
  });

  it('begins anew after a while without a change', () => {
    churn(0.5, 60);
    vi.advanceTimersByTime(30);
    acts.length = 0;
    change();
    change();
    vi.advanceTimersByTime(100);
    expect(acts).toHaveLength(2);
    expect((acts[1] ?? 0) - (acts[0] ?? 0)).toBe(1);
  });

  it('is acted on at once for what cannot wait', () => {
    change();
    burst.note(() => true);
    expect(acts).toEqual([0, 0]);
  });

  it('is forgotten when nothing is to be acted on any more', () => {
    change();
    change();
    burst.stop();
    vi.advanceTimersByTime(100);
    expect(acts).toEqual([0]);
  });
});
