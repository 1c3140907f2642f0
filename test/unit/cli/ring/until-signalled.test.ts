import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aborted, untilSignalled } from '../../../../src/cli/ring/until-signalled.js';

/** Nobody else here listens to it. */
const SIGNAL = 'SIGUSR2';

describe('work until a signal', () => {
  let killed: unknown[][];
  const told: string[] = [];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
    killed = [];
    vi.spyOn(process, 'kill').mockImplementation((...args) => {
      killed.push(args);
      return true;
    });
    told.length = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const tell = (signal: string) => void told.push(signal);

  it('comes to its end by itself after the first one', async () => {
    const working = untilSignalled([SIGNAL], tell, aborted);
    process.emit(SIGNAL, SIGNAL);
    await working;
    expect([told, killed, process.listenerCount(SIGNAL)]).toEqual([[SIGNAL], [], 0]);
  });

  it('is ended by a second one, as if nobody took it; but not by the echo of the first', async () => {
    let end = (): void => {};
    const working = untilSignalled([SIGNAL], tell, () => new Promise<void>((resolve) => (end = resolve)));
    process.emit(SIGNAL, SIGNAL);
    vi.advanceTimersByTime(400);
    process.emit(SIGNAL, SIGNAL);
    expect(killed).toEqual([]);
    vi.advanceTimersByTime(200);
    process.emit(SIGNAL, SIGNAL);
    expect(killed).toEqual([[process.pid, SIGNAL]]);
    expect([told, process.listenerCount(SIGNAL)]).toEqual([[SIGNAL], 0]);
    end();
    await working;
  });

  it('that fails leaves nobody behind who would take a signal', async () => {
    await expect(untilSignalled([SIGNAL], tell, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(process.listenerCount(SIGNAL)).toBe(0);
  });
});
