import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SleepDetector } from '../../../src/monitor/sleep-detector.js';

let slept = 0;

beforeEach(() => {
  vi.useFakeTimers();
  slept = 0;
});
afterEach(() => vi.useRealTimers());

const detector = () => new SleepDetector(() => 1_000_000 + performance.now() + slept);

it('notices a sleep once', () => {
  const sleep = detector();
  vi.advanceTimersByTime(10_000);
  expect(sleep.hasSlept()).toBe(false);
  slept += 60_000;
  vi.advanceTimersByTime(250);
  expect(sleep.hasSlept()).toBe(true);
  vi.advanceTimersByTime(250);
  expect(sleep.hasSlept()).toBe(false);
});

it('does not mind how long ago it was asked, nor what the wall clock says', () => {
  const sleep = detector();
  vi.advanceTimersByTime(3_600_000);
  vi.setSystemTime(0);
  expect(sleep.hasSlept()).toBe(false);
});

it('does not take the rounding of clocks for a sleep', () => {
  const sleep = detector();
  slept += 1_500;
  vi.advanceTimersByTime(250);
  expect(sleep.hasSlept()).toBe(false);
});

it('measures four times a second at most, however often it is asked', () => {
  const sinceBoot = vi.fn(() => performance.now());
  const sleep = new SleepDetector(sinceBoot);
  for (let asked = 0; asked < 20; asked += 1) {
    vi.advanceTimersByTime(50);
    sleep.hasSlept();
  }
  expect(sinceBoot).toHaveBeenCalledTimes(1 + 4);
});
