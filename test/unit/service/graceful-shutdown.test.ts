import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionError } from '../../../src/errors/index.js';
import { createRetryer } from '../../../src/retry/index.js';
import { type GracefulShutdown, gracefulShutdown, ShutdownError } from '../../../src/service/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { networkError, turn, watch } from '../retry/support.js';

/** No signal of the tests' own process; it would end them. */
const signals = [] as const;

let log: string[];

function monitor(name = 'monitor') {
  return { stop: async () => void log.push(`${name} stopped`) };
}

function noting(shutdown: GracefulShutdown): GracefulShutdown {
  shutdown.stopping.addEventListener('abort', () => log.push('stopping'));
  shutdown.signal.addEventListener('abort', () => log.push('aborted'));
  return shutdown;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
  log = [];
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a graceful shutdown', () => {
  it('takes on nothing new, waits for work, aborts what is left, and stops the monitors last', async () => {
    const shutdown = noting(gracefulShutdown({ monitor: [monitor('first'), monitor('second')], signals }));
    const work = manual();
    shutdown.drain(() => {
      log.push('draining');
      return work.promise;
    });
    const ending = shutdown.begin();
    await turn();
    expect(log).toEqual(['stopping', 'draining']);
    work.resolve();
    await expect(ending).resolves.toBe('drained');
    await expect(shutdown.done).resolves.toBe('drained');
    expect(log).toEqual(['stopping', 'draining', 'aborted', 'first stopped', 'second stopped']);
  });

  it('does not wait for the grace to be over where there is nothing to wait for', async () => {
    await expect(gracefulShutdown({ monitor: monitor(), signals }).begin()).resolves.toBe('drained');
    expect(log).toEqual(['monitor stopped']);
  });

  it('aborts work after the grace, and lets it unwind before the monitor stops', async () => {
    const shutdown = noting(gracefulShutdown({ monitor: monitor(), grace: 5_000, signals }));
    shutdown.drain(
      (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            log.push('unwinding');
            reject(signal.reason);
          });
        }),
    );
    const ending = watch(shutdown.begin());
    await vi.advanceTimersByTimeAsync(4_999);
    expect(log).toEqual(['stopping']);
    await vi.advanceTimersByTimeAsync(1);
    await expect(ending.promise).resolves.toBe('aborted');
    expect(log).toEqual(['stopping', 'aborted', 'unwinding', 'monitor stopped']);
  });

  it('goes on without work that heeds nothing', async () => {
    const shutdown = gracefulShutdown({ monitor: monitor(), grace: 0, signals });
    shutdown.drain(() => new Promise(() => {}));
    const ending = shutdown.begin();
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(ending).resolves.toBe('abandoned');
    expect(log).toEqual(['monitor stopped']);
  });

  it('ends calls that wait for the network, with a ShutdownError', async () => {
    const network = new SimulatedNetwork();
    const shutdown = gracefulShutdown({ monitor: network, grace: 1_000, signals });
    const retryer = createRetryer({ network, signal: shutdown.signal });
    network.down();
    const working = retryer.run(() => Promise.reject(networkError()));
    shutdown.drain(() => working);
    const outcome = shutdown.begin();
    const rejected = expect(working).rejects.toMatchObject({ code: 'ERR_NETPAUSE_SHUTDOWN', trigger: 'program' });
    await vi.advanceTimersByTimeAsync(1_000);
    await rejected;
    await expect(outcome).resolves.toBe('aborted');
    expect(network).toMatchObject({ state: 'unknown', reason: 'stopped', waiters: 0, listeners: 0, tracked: 0 });
  });

  it('lets a call that waits for the network finish, where that returns within the grace', async () => {
    const network = new SimulatedNetwork();
    const shutdown = gracefulShutdown({ monitor: network, grace: 1_000, signals });
    network.down();
    const working = createRetryer({ network, signal: shutdown.signal }).run(() => 'done');
    shutdown.drain(() => working);
    const outcome = shutdown.begin();
    await vi.advanceTimersByTimeAsync(500);
    network.up();
    await expect(working).resolves.toBe('done');
    await expect(outcome).resolves.toBe('drained');
  });

  it('happens once, however often it is begun', async () => {
    const shutdown = gracefulShutdown({ monitor: monitor(), signals });
    expect(await Promise.all([shutdown.begin(), shutdown.begin()])).toEqual(['drained', 'drained']);
    await shutdown.begin();
    expect(log).toEqual(['monitor stopped']);
  });

  it('waits for what is added meanwhile too', async () => {
    const shutdown = gracefulShutdown({ signals });
    const work = manual();
    shutdown.drain(async () => {
      shutdown.drain(() => work.promise);
    });
    const ending = watch(shutdown.begin());
    await turn();
    expect(ending.state).toBe('pending');
    work.resolve();
    await expect(ending.promise).resolves.toBe('drained');
  });

  it('takes every step although one throws, and says what was thrown', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const failing = { stop: () => Promise.reject(new Error('cannot stop')) };
    const shutdown = gracefulShutdown({ monitor: [failing, monitor()], signals });
    shutdown.drain(() => {
      throw new Error('cannot close');
    });
    shutdown.drain(async () => {
      log.push('drained');
    });
    await expect(shutdown.begin()).resolves.toBe('drained');
    expect(log).toEqual(['drained', 'monitor stopped']);
    expect(warned.mock.calls.map(([error]) => String(error))).toEqual(['Error: cannot close', 'Error: cannot stop']);
  });

  it('is begun at the end of a block', async () => {
    {
      await using shutdown = gracefulShutdown({ monitor: monitor(), signals });
      shutdown.drain(() => log.push('draining'));
    }
    expect(log).toEqual(['draining', 'monitor stopped']);
  });

  it('listens to signals until it is over, and leaves no listener behind', async () => {
    const before = process.listenerCount('SIGUSR2');
    const shutdown = gracefulShutdown({ signals: ['SIGUSR2'] });
    expect(process.listenerCount('SIGUSR2')).toBe(before + 1);
    process.kill(process.pid, 'SIGUSR2');
    await expect(shutdown.done).resolves.toBe('drained');
    expect(shutdown.signal.reason).toBeInstanceOf(ShutdownError);
    expect(shutdown.signal.reason).toMatchObject({
      trigger: 'SIGUSR2',
      message: 'the service is shutting down (SIGUSR2)',
    });
    expect(process.listenerCount('SIGUSR2')).toBe(before);
  });

  it('takes a signal that comes twice at once for one, as npm sends Ctrl-C, and ends the process at a later one', async () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const shutdown = gracefulShutdown({ signals: ['SIGUSR2'] });
    shutdown.drain(() => new Promise(() => {}));
    process.emit('SIGUSR2', 'SIGUSR2');
    process.emit('SIGUSR2', 'SIGUSR2');
    await vi.advanceTimersByTimeAsync(500);
    expect(kill).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    process.emit('SIGUSR2', 'SIGUSR2');
    expect(kill.mock.calls).toEqual([[process.pid, 'SIGUSR2']]);
    await vi.advanceTimersByTimeAsync(10_000);
    await expect(shutdown.done).resolves.toBe('abandoned');
  });

  it('begun by the program takes the first signal for a first one, however late it comes', async () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const shutdown = gracefulShutdown({ signals: ['SIGUSR2'] });
    shutdown.drain(() => new Promise(() => {}));
    const ending = shutdown.begin();
    await vi.advanceTimersByTimeAsync(2_000);
    process.emit('SIGUSR2', 'SIGUSR2');
    await vi.advanceTimersByTimeAsync(500);
    process.emit('SIGUSR2', 'SIGUSR2');
    expect(kill).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    process.emit('SIGUSR2', 'SIGUSR2');
    expect(kill.mock.calls).toEqual([[process.pid, 'SIGUSR2']]);
    await vi.advanceTimersByTimeAsync(10_000);
    await expect(ending).resolves.toBe('abandoned');
  });

  it('goes on without a monitor that does not stop, and leaves no listener behind', async () => {
    const before = process.listenerCount('SIGUSR2');
    const hanging = { stop: () => new Promise<void>(() => {}) };
    const shutdown = gracefulShutdown({ monitor: [hanging, monitor()], signals: ['SIGUSR2'] });
    const ending = watch(shutdown.begin());
    await vi.advanceTimersByTimeAsync(999);
    expect(ending.state).toBe('pending');
    expect(log).toEqual(['monitor stopped']);
    await vi.advanceTimersByTimeAsync(1);
    await turn();
    expect(ending).toMatchObject({ state: 'resolved', value: 'abandoned' });
    expect(process.listenerCount('SIGUSR2')).toBe(before);
  });

  it.each([
    { grace: -1 },
    { grace: '10s' },
    { monitor: {} },
    { monitor: [undefined] },
    { signals: ['SIGNAL'] },
    { signals: 'SIGTERM' },
    { timeout: 1 },
  ])('refuses what is no option: %o', (options) => {
    const before = process.listenerCount('SIGTERM');
    // @ts-expect-error: that is the point
    expect(() => gracefulShutdown(options)).toThrow(InvalidOptionError);
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });

  it('refuses to wait for what is no function', () => {
    // @ts-expect-error: a promise would have begun already
    expect(() => gracefulShutdown({ signals }).drain(Promise.resolve())).toThrow(InvalidOptionError);
  });
});

function manual() {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: () => resolve() };
}
