import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { retry } from '../../../src/retry/index.js';
import { narrowWhile, ResumeGate } from '../../../src/retry/resume-gate.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { expectNothingLeft, holdTime, Manual, networkError, pass, turn, watch } from './support.js';

/** Longer than the longest round. */
const ROUND = 80;

beforeEach(() => {
  holdTime();
  // The longest rounds that the jitter makes, so that one advance by ROUND is one round.
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
});

afterEach(() => {
  vi.restoreAllMocks();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function enterMany(gate: ResumeGate, count: number): { readonly passed: number[]; readonly leave: (() => void)[] } {
  const passed: number[] = [];
  const leave = Array.from({ length: count }, (_, index) => gate.enter(() => void passed.push(index)));
  return { passed, leave };
}

describe('ResumeGate', () => {
  it('lets a single one through at once', () => {
    const gate = new ResumeGate();
    expect(enterMany(gate, 1).passed).toEqual([0]);
  });

  it('lets nobody through while it is closed', () => {
    const gate = new ResumeGate();
    gate.close();
    const { passed, leave } = enterMany(gate, 1);
    vi.advanceTimersByTime(10_000);
    expect(passed).toEqual([]);
    for (const each of leave) each();
  });

  it('begins with eight and doubles with every round, in order of arrival', () => {
    const gate = new ResumeGate();
    gate.close();
    const { passed } = enterMany(gate, 100);
    gate.open();
    const sizes = [passed.length];
    while (passed.length < 100) {
      vi.advanceTimersByTime(ROUND);
      sizes.push(passed.length);
    }
    expect(sizes).toEqual([8, 8 + 16, 8 + 16 + 32, 100]);
    expect(passed).toEqual([...passed].sort((a, b) => a - b));
  });

  it('lets one a round through while the network flaps, and begins a slow start when it holds', () => {
    let flapping = true;
    const gate = new ResumeGate(narrowWhile(() => flapping));
    gate.close();
    const { passed } = enterMany(gate, 100);
    gate.open();
    const sizes = [passed.length];
    for (let round = 0; round < 6; round += 1) {
      if (round === 3) flapping = false;
      vi.advanceTimersByTime(ROUND);
      sizes.push(passed.length);
    }
    expect(sizes).toEqual([1, 2, 3, 4, 12, 28, 60]);
    vi.advanceTimersByTime(10 * ROUND);
    expect(passed).toHaveLength(100);
  });

  it('draws the length of each round anew', () => {
    const gate = new ResumeGate();
    const lengths = [0, 0.5, 0.999].map((random) => {
      vi.mocked(Math.random).mockReturnValue(random);
      gate.close();
      const { passed } = enterMany(gate, 9);
      gate.open();
      const start = performance.now();
      while (passed.length < 9) vi.advanceTimersByTime(1);
      return performance.now() - start;
    });
    expect(new Set(lengths).size).toBe(3);
  });

  it('gives the place of who has left to the next', () => {
    const gate = new ResumeGate();
    gate.close();
    const { passed, leave } = enterMany(gate, 10);
    leave[0]?.();
    leave[3]?.();
    gate.open();
    expect(passed).toEqual([1, 2, 4, 5, 6, 7, 8, 9]);
  });

  it('keeps the order when it closes in between, and begins slowly again', () => {
    const gate = new ResumeGate();
    gate.close();
    const { passed } = enterMany(gate, 60);
    gate.open();
    vi.advanceTimersByTime(ROUND);
    gate.close();
    vi.advanceTimersByTime(10_000);
    expect(passed).toHaveLength(24);
    gate.open();
    expect(passed).toHaveLength(32);
    vi.advanceTimersByTime(ROUND);
    vi.advanceTimersByTime(ROUND);
    expect(passed).toEqual(Array.from({ length: 60 }, (_, index) => index));
  });

  it('holds a crowd that comes while it is open, and has forgotten it a round later', () => {
    const gate = new ResumeGate();
    const crowd = enterMany(gate, 20);
    expect(crowd.passed).toHaveLength(8);
    vi.advanceTimersByTime(ROUND);
    expect(crowd.passed).toHaveLength(20);
    vi.advanceTimersByTime(10_000);
    expect(enterMany(gate, 8).passed).toHaveLength(8);
  });

  it('does not let a newcomer overtake those who wait', () => {
    const gate = new ResumeGate();
    const { passed } = enterMany(gate, 9);
    let newcomer = false;
    gate.enter(() => {
      newcomer = true;
    });
    expect([passed.length, newcomer]).toEqual([8, false]);
    vi.advanceTimersByTime(ROUND);
    expect([passed.length, newcomer]).toEqual([9, true]);
  });

  it('does not begin anew because its timer is late', () => {
    const gate = new ResumeGate();
    const { passed } = enterMany(gate, 30);
    const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 1000);
    gate.enter(() => {});
    expect(passed).toHaveLength(8);
    now.mockRestore();
    vi.advanceTimersByTime(ROUND);
    expect(passed).toHaveLength(24);
    vi.advanceTimersByTime(ROUND);
    expect(passed).toHaveLength(30);
  });

  it('is as narrow as it is told to be', () => {
    const gate = new ResumeGate(() => 1);
    gate.close();
    const { passed } = enterMany(gate, 3);
    gate.open();
    expect(passed).toEqual([0]);
    vi.advanceTimersByTime(ROUND);
    expect(passed).toEqual([0, 1]);
    vi.advanceTimersByTime(ROUND);
    expect(passed).toEqual([0, 1, 2]);
  });
});

describe('a crowd of operations', () => {
  it('10,000 are paused and resumed, in a slow start, and nothing is left behind', async () => {
    const network = new SimulatedNetwork();
    let running = 0;
    const starts: number[] = [];
    const failing: ((error: Error) => void)[] = [];
    const calls = Array.from({ length: 10_000 }, () =>
      watch(
        retry(
          () => {
            running += 1;
            if (running <= 10_000) return new Promise<number>((_, reject) => failing.push(reject));
            starts.push(performance.now());
            return running;
          },
          { network, retries: 0 },
        ),
      ),
    );
    await turn();
    network.down();
    for (const fail of failing) fail(networkError());
    await pass(1000);
    expect(network.waiters).toBe(1);
    expect(starts).toHaveLength(0);

    network.up();
    await turn();
    expect(starts).toHaveLength(8);
    await pass(20 * ROUND);
    expect(calls.every(({ state }) => state === 'resolved')).toBe(true);
    const sizes = [...new Set(starts)].map((at) => starts.filter((start) => start === at).length);
    expect(sizes.slice(0, 5)).toEqual([8, 16, 32, 64, 128]);
    expectNothingLeft(network);
  });

  it('waits on in its order when the network goes again before all have resumed', async () => {
    const network = new SimulatedNetwork();
    network.down();
    const started: number[] = [];
    const calls = Array.from({ length: 30 }, (_, index) => watch(retry(() => void started.push(index), { network })));
    await turn();
    network.up();
    await turn();
    network.down();
    await pass(1000);
    expect(started).toHaveLength(8);
    network.up();
    await pass(3 * ROUND);
    expect(started).toEqual(Array.from({ length: 30 }, (_, index) => index));
    await Promise.all(calls.map(({ promise }) => promise));
    expectNothingLeft(network);
  });

  it('is not given up for maxPause while it is only the gate that holds it, but for the next outage', async () => {
    for (const [happens, outcome] of [
      [() => {}, 'resolved'],
      [(network: SimulatedNetwork) => network.down(), 'rejected'],
    ] as const) {
      const network = new SimulatedNetwork({ state: 'down' });
      const calls = Array.from({ length: 9 }, () => watch(retry(() => 'done', { network, maxPause: 1010 })));
      await pass(1000);
      network.up();
      await pass(20);
      const last = calls[8];
      expect(last?.state).toBe('pending');
      happens(network);
      await pass(ROUND);
      expect(last?.state).toBe(outcome);
      expectNothingLeft(network);
    }
  });

  it('finds the gate open although the network returned when nobody was waiting', async () => {
    const network = new SimulatedNetwork();
    const inFlight = new Manual();
    const call = watch(retry(inFlight.operation, { network }));
    const controller = new AbortController();
    network.down();
    const waiting = watch(retry(() => 'never', { network, signal: controller.signal }));
    await turn();
    controller.abort();
    await turn();
    expect(waiting.state).toBe('rejected');
    network.up();
    inFlight.last.reject(networkError());
    await pass(10);
    expect(inFlight.attempts).toHaveLength(2);
    inFlight.last.resolve('done');
    await call.promise;
    expectNothingLeft(network);
  });

  it('does not come at once out of its backoffs either', async () => {
    const network = new SimulatedNetwork();
    const starts: number[] = [];
    const operation = (attempt: number) => {
      if (attempt === 1) throw new Error('the server');
      starts.push(performance.now());
    };
    const calls = Array.from({ length: 30 }, () => watch(retry(operation, { network, minTimeout: 60_000 })));
    await pass(10);
    network.down();
    network.up();
    await turn();
    expect(starts).toHaveLength(8);
    await pass(2 * ROUND);
    expect(starts).toHaveLength(30);
    await Promise.all(calls.map(({ promise }) => promise));
    expectNothingLeft(network);
  });
});
