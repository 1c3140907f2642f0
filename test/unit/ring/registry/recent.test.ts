import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Recent } from '../../../../src/ring/registry/recent.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it('is made anew for as little as a tenth of the time, however long it takes', () => {
  let made = 0;
  let cost = 0;
  const recent = new Recent(() => {
    vi.advanceTimersByTime(cost);
    made += 1;
    return made;
  });
  expect([recent.value, recent.value, recent.value]).toEqual([1, 2, 3]);
  cost = 100;
  expect(recent.value).toBe(4);
  vi.advanceTimersByTime(999);
  expect([recent.value, recent.value]).toEqual([4, 4]);
  vi.advanceTimersByTime(1);
  expect([recent.value, recent.value]).toEqual([5, 5]);
});
