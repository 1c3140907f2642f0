import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TaskDefinition } from '../../../../src/ring/member/supervised-task.js';
import { Supervisor } from '../../../../src/ring/member/supervisor.js';

describe('supervised tasks', () => {
  let closing: AbortController;
  const failures: string[] = [];
  const restarts: string[] = [];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] });
    closing = new AbortController();
    failures.length = 0;
    restarts.length = 0;
  });

  afterEach(() => {
    closing.abort();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  function started(...tasks: TaskDefinition[]): Supervisor {
    const supervisor = new Supervisor(300_000, tasks, {
      failed: (name, error) => failures.push(`${name}: ${error.message}`),
      restarted: (name) => restarts.push(name),
    });
    supervisor.start(closing.signal);
    return supervisor;
  }

  it('do their step again and again, from the end of one to the next', async () => {
    const begun: number[] = [];
    const origin = performance.now();
    started({
      name: 'beat',
      interval: 1_000,
      delay: 500,
      step: async () => {
        begun.push(performance.now() - origin);
        await new Promise((resolve) => setTimeout(resolve, 200));
        return undefined;
      },
    });
    await vi.advanceTimersByTimeAsync(3_500);
    expect(begun).toEqual([500, 1_700, 2_900]);
  });

  it('come sooner where a step says so, failed, or somebody wakes them', async () => {
    const step = vi.fn<TaskDefinition['step']>();
    step.mockResolvedValueOnce(10).mockRejectedValueOnce(new Error('broken')).mockResolvedValue(undefined);
    const supervisor = started({ name: 'beat', interval: 60_000, step });
    await vi.advanceTimersByTimeAsync(9);
    expect(step).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(step).toHaveBeenCalledTimes(2);
    expect(failures).toEqual(['beat: broken']);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(step).toHaveBeenCalledTimes(3);
    supervisor.wake('beat');
    await vi.advanceTimersByTimeAsync(0);
    expect(step).toHaveBeenCalledTimes(4);
  });

  it('woken during a step do the next one right after it', async () => {
    let end = (): void => {};
    const step = vi.fn(
      () =>
        new Promise<undefined>((resolve) => {
          end = () => resolve(undefined);
        }),
    );
    const supervisor = started({ name: 'beat', interval: 60_000, step });
    await vi.advanceTimersByTimeAsync(0);
    supervisor.wake('beat');
    end();
    await vi.advanceTimersByTimeAsync(0);
    expect(step).toHaveBeenCalledTimes(2);
  });

  it('are started again where a step never ends, and what hangs has nothing to say any more', async () => {
    const signals: AbortSignal[] = [];
    const ends: (() => void)[] = [];
    const supervisor = started({
      name: 'stuck',
      interval: 1_000,
      step: (signal) => {
        signals.push(signal);
        return signals.length === 1
          ? new Promise((resolve) => ends.push(() => resolve(undefined)))
          : Promise.resolve(undefined);
      },
    });
    await vi.advanceTimersByTimeAsync(299_000);
    expect(supervisor.standings[0]).toMatchObject({ name: 'stuck', restarts: 0, silence: 299_000 });
    await vi.advanceTimersByTimeAsync(1_001);
    expect(restarts).toEqual(['stuck']);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(supervisor.standings[0]).toMatchObject({ restarts: 1, silence: 0 });
    for (const end of ends) end();
    await vi.advanceTimersByTimeAsync(10_000);
    // One step each second, not two.
    expect(signals).toHaveLength(12);
  });

  it('count as dead after their time, and as alive while they only wait', async () => {
    const hanging = () => new Promise<undefined>(() => {});
    const supervisor = started(
      { name: 'idle', interval: 1_000_000, step: async () => undefined },
      { name: 'stuck', interval: 1, step: hanging },
    );
    await vi.advanceTimersByTimeAsync(299_999);
    expect(supervisor.standings.map((each) => supervisor.isDead(each))).toEqual([false, false]);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(restarts.every((name) => name === 'stuck')).toBe(true);
    expect(restarts.length).toBeGreaterThan(1);
    expect(supervisor.standings.find(({ name }) => name === 'idle')?.silence).toBe(0);
  });

  it('are forgiven for the time in which the machine slept', async () => {
    const supervisor = started({ name: 'stuck', interval: 1, step: () => new Promise(() => {}) });
    await vi.advanceTimersByTimeAsync(16_000);
    const now = performance.now();
    vi.spyOn(performance, 'now').mockReturnValue(now + 3_600_000);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(restarts).toEqual([]);
    expect(supervisor.standings[0]?.silence).toBe(0);
    vi.restoreAllMocks();
  });
});
