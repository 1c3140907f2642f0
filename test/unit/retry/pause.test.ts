import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MonitorStoppedError, OutageTimeoutError } from '../../../src/errors/index.js';
import { retry } from '../../../src/retry/index.js';
import type { SimulatedNetwork } from '../../../src/testing/index.js';
import { Abortable, heldNetwork, Manual, networkError, pass, releaseNetwork, succeed, turn, watch } from './support.js';

let network: SimulatedNetwork;

beforeEach(() => {
  network = heldNetwork();
});

afterEach(() => releaseNetwork(network));

describe('a pause', () => {
  it('ends with the last error of the operation when it exceeds maxPause', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, maxPause: 5000 }));
    await turn();
    network.down();
    const error = networkError();
    manual.last.reject(error);
    await pass(4999);
    expect(call.state).toBe('pending');
    await pass(1);
    expect(call).toMatchObject({ state: 'rejected', error });
  });

  it('ends with OutageTimeoutError when it exceeds maxPause and there is no error of the operation', async () => {
    network.down('no-route');
    const call = watch(retry(() => 'never', { network, maxPause: 5000 }));
    await pass(5000);
    expect(call.error).toBeInstanceOf(OutageTimeoutError);
    expect(call.error).toMatchObject({ timeout: 5000, cause: { reason: 'no-route' } });
  });

  it('takes an interruption for no error of the operation', async () => {
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network, maxPause: 5000 }));
    await turn();
    network.down();
    await pass(2000 + 5000);
    expect(call.error).toBeInstanceOf(OutageTimeoutError);
  });

  it('goes on through its trials, for maxPause in all', async () => {
    network.down();
    const call = watch(retry(() => Promise.reject(networkError()), { network, maxPause: 5000, trialInterval: 1000 }));
    await pass(4999);
    expect(call.state).toBe('pending');
    await pass(2);
    expect(call.error).toMatchObject({ code: 'ECONNRESET' });
  });

  it('does not count towards maxRetryTime', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, maxRetryTime: 1000, minTimeout: 100 }));
    await turn();
    network.down();
    manual.last.reject(networkError());
    await pass(20_000);
    network.up();
    await turn();
    manual.last.reject(new Error('the server'));
    await pass(100);
    expect(manual.attempts).toHaveLength(3);
    await succeed(manual, call);
  });

  it('only holds maxRetryTime, which runs on after it', async () => {
    const operation = vi.fn(() => Promise.reject(new Error('the server')));
    const call = watch(retry(operation, { network, maxRetryTime: 1000, minTimeout: 400, factor: 1 }));
    await pass(200);
    network.down();
    await pass(20_000);
    network.up();
    await turn();
    expect(operation).toHaveBeenCalledTimes(2);
    await pass(400);
    expect(operation).toHaveBeenCalledTimes(3);
    expect(call.state).toBe('pending');
    await pass(200);
    expect(call.state).toBe('rejected');
  });

  it('counts towards maxRetryTime with countPausedTime, and ends with it', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, maxRetryTime: 1000, countPausedTime: true }));
    await pass(400);
    network.down();
    const error = networkError();
    manual.last.reject(error);
    await pass(599);
    expect(call.state).toBe('pending');
    await pass(1);
    expect(call).toMatchObject({ state: 'rejected', error });
  });

  it('ends when its signal aborts, with the reason', async () => {
    network.down();
    const controller = new AbortController();
    const operation = vi.fn();
    const call = watch(retry(operation, { network, signal: controller.signal }));
    await pass(1000);
    const reason = new Error('enough');
    controller.abort(reason);
    await turn();
    expect(call).toMatchObject({ state: 'rejected', error: reason });
    network.up();
    await pass(60_000);
    expect(operation).not.toHaveBeenCalled();
  });

  it('begins when the network goes again while a backoff that was cut short waits in the gate', async () => {
    const others = Array.from({ length: 8 }, () => new Manual());
    const pausedCalls = others.map((manual) => watch(retry(manual.operation, { network })));
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, minTimeout: 60_000, maxPause: 5000 }));
    await turn();
    const error = new Error('the server');
    manual.last.reject(error);
    await turn();
    network.down();
    for (const each of others) each.last.reject(networkError());
    await turn();
    network.up();
    await turn();
    expect(manual.attempts).toHaveLength(1);
    network.down();
    await pass(5000);
    expect(call).toMatchObject({ state: 'rejected', error });
    network.up();
    await pass(1000);
    await Promise.all(
      pausedCalls.map((paused, index) => {
        others[index]?.last.resolve('done');
        return paused.promise;
      }),
    );
  });

  it('ends when the monitor is stopped, with the error of the operation where there is one', async () => {
    const error = networkError();
    const manual = new Manual();
    const failed = watch(retry(manual.operation, { network }));
    await turn();
    network.down();
    manual.last.reject(error);
    const fresh = watch(retry(() => 'never', { network }));
    await turn();
    network.stop();
    await turn();
    expect(failed).toMatchObject({ state: 'rejected', error });
    expect(fresh.error).toBeInstanceOf(MonitorStoppedError);
  });

  it('is no longer made once the monitor is stopped: nobody would say when it is over', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, retries: 0 }));
    const waiting = watch(retry(() => new Promise(() => {}), { network, abandon: 0, maxPause: 1000 }));
    await turn();
    network.down();
    await pass(2500);
    network.stop();
    await turn();
    expect(waiting.error).toBeInstanceOf(MonitorStoppedError);
    manual.last.reject(networkError());
    await pass(10);
    expect(manual.attempts).toHaveLength(2);
    await succeed(manual, call);
  });

  it('is told to the hooks, whose throw is a warning and no more', async () => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const seen: unknown[] = [];
    const record = (event: unknown) => {
      seen.push(event);
      throw new Error('a bug in a log');
    };
    network.down();
    const call = watch(retry(() => 'done', { network, name: 'upload', onPause: record, onResume: record }));
    await pass(1234);
    network.up();
    await expect(call.promise).resolves.toBe('done');
    const common = { callId: expect.any(Number), name: 'upload', attemptNumber: 1, outages: 1, reason: 'no-carrier' };
    expect(seen).toEqual([common, { ...common, duration: 1234 }]);
    expect(warning).toHaveBeenCalledTimes(2);
  });

  it('keeps the process alive, unless unref', async () => {
    network.down();
    const setInterval = vi.spyOn(globalThis, 'setInterval');
    const controller = new AbortController();
    const { signal } = controller;
    const relaxed = watch(retry(() => 'never', { network, unref: true, signal }));
    await turn();
    expect(setInterval).not.toHaveBeenCalled();
    const clearInterval = vi.spyOn(globalThis, 'clearInterval');
    const holding = watch(retry(() => 'never', { network, maxPause: 1000 }));
    const holdingToo = watch(retry(() => 'never', { network, signal }));
    await pass(1000);
    expect(holding.state).toBe('rejected');
    expect(setInterval).toHaveBeenCalledTimes(1);
    expect(clearInterval).not.toHaveBeenCalled();
    controller.abort();
    await turn();
    expect(clearInterval).toHaveBeenCalledTimes(1);
    expect([relaxed.state, holdingToo.state]).toEqual(['rejected', 'rejected']);
  });
});
