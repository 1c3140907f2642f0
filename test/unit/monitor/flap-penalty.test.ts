import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FlapPenalty } from '../../../src/monitor/flap-penalty.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('does not call one outage flapping, nor a few that are far apart', () => {
  const penalty = new FlapPenalty();
  for (let count = 0; count < 10; count += 1) {
    penalty.add();
    expect(penalty.flapping).toBe(false);
    vi.advanceTimersByTime(120_000);
  }
});

it('calls the third outage in quick succession flapping', () => {
  const penalty = new FlapPenalty();
  const seen = [1, 2, 3].map(() => {
    penalty.add();
    vi.advanceTimersByTime(1_000);
    return penalty.flapping;
  });
  expect(seen).toEqual([false, false, true]);
});

it('forgives it when the network has held for a while, and not before', () => {
  const penalty = new FlapPenalty();
  for (let count = 0; count < 3; count += 1) penalty.add();
  vi.advanceTimersByTime(30_000);
  expect(penalty.flapping).toBe(true);
  vi.advanceTimersByTime(31_000);
  expect(penalty.flapping).toBe(false);
});

it('never takes longer than four half-lives to forgive, however often it flapped', () => {
  const penalty = new FlapPenalty();
  for (let count = 0; count < 1_000; count += 1) penalty.add();
  vi.advanceTimersByTime(4 * 30_000 + 1);
  expect(penalty.flapping).toBe(false);
});
