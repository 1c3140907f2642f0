import { afterEach, describe, expect, it, vi } from 'vitest';
import { backoffDelay } from '../../../src/retry/backoff.js';

const backoff = { minTimeout: 1000, maxTimeout: Number.POSITIVE_INFINITY, factor: 2, randomize: false };

afterEach(() => {
  vi.restoreAllMocks();
});

describe('backoffDelay', () => {
  it('grows by the factor with every retry that was taken', () => {
    expect([0, 1, 2, 3].map((retries) => backoffDelay(retries, backoff))).toEqual([1000, 2000, 4000, 8000]);
  });

  it('never exceeds maxTimeout, Retry-After or not', () => {
    expect(backoffDelay(10, { ...backoff, maxTimeout: 3000 })).toBe(3000);
    expect(backoffDelay(0, { ...backoff, maxTimeout: 3000 }, 60_000)).toBe(3000);
  });

  it('is multiplied by a number from 1 to 2 where it is randomized', () => {
    const random = vi.spyOn(Math, 'random').mockReturnValueOnce(0).mockReturnValueOnce(0.9999);
    expect([0, 0].map((retries) => backoffDelay(retries, { ...backoff, randomize: true }))).toEqual([1000, 2000]);
    expect(random).toHaveBeenCalledTimes(2);
  });

  it('stays the same with a factor of 0', () => {
    expect([0, 1, 2].map((retries) => backoffDelay(retries, { ...backoff, factor: 0 }))).toEqual([1000, 1000, 1000]);
  });

  it('is at least what the server asked for', () => {
    expect([0, 3].map((retries) => backoffDelay(retries, backoff, 5000))).toEqual([5000, 8000]);
  });

  it('is none where there is none to begin with, however many retries were taken', () => {
    expect(backoffDelay(5000, { ...backoff, minTimeout: 0 })).toBe(0);
  });

  it('is endless rather than no number where it outgrows what a number holds', () => {
    expect(backoffDelay(5000, backoff)).toBe(Number.POSITIVE_INFINITY);
  });
});
