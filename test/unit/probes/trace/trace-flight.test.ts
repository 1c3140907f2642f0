import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Readiness } from '../../../../native/index.js';
import { Pace } from '../../../../src/probes/trace/pace.js';
import type { Prober } from '../../../../src/probes/trace/prober.js';
import { TraceFlight } from '../../../../src/probes/trace/trace-flight.js';
import { PLAN } from './course-run.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

// One of these is the last time that it is asked before the flight looks when to go on.
it.each([1, 2, 3, 4, 5])('goes on as soon as the pace allows it, which it does when asked %d times', async (times) => {
  const sent: number[] = [];
  const pace = new HesitantPace(times);
  const flight = new TraceFlight(PLAN, { readiness: quiet(), pace });
  const ending = new AbortController();
  const running = flight.run({ ...PROBER, send: ({ ttl }) => void sent.push(ttl) }, ending.signal);
  vi.advanceTimersByTime(1);
  expect(sent.length).toBeGreaterThan(PLAN.window);
  ending.abort();
  await running;
});

it('waits as long as timers can, and does not look in vain', async () => {
  const dispatch = vi.fn();
  const plan = { ...PLAN, rounds: 1, maxHops: 1, timeout: 2 ** 31 - 1 };
  const flight = new TraceFlight(plan, { readiness: { ...quiet(), dispatch }, pace: new Pace(1_000, 1_000) });
  const ending = new AbortController();
  const running = flight.run(PROBER, ending.signal);
  dispatch.mockClear();
  vi.advanceTimersByTime(1_000);
  expect(dispatch).not.toHaveBeenCalled();
  ending.abort();
  await running;
});

/** Lets one pass, and holds the next back the first few times. */
class HesitantPace extends Pace {
  #taken = 0;
  #left: number;

  constructor(times: number) {
    super(1_000, 1_000);
    this.#left = times;
  }

  override take(now: number): boolean {
    this.#taken += 1;
    return super.take(now);
  }

  override nextAt(now: number): number {
    if (this.#taken !== 1 || this.#left === 0) return now;
    this.#left -= 1;
    return now + 0.1;
  }
}

function quiet(): Readiness {
  return { add: () => {}, remove: () => {}, dispatch: () => {}, keepAlive: () => {}, close: () => {} };
}

const PROBER: Prober = { flowIds: [0], send: () => {}, forget: () => {}, close: () => {} };
