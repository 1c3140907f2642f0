import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RetryOptions, retry } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { Abortable, expectNothingLeft, holdTime, Manual, networkError, pass, turn, watch } from './support.js';

let network: SimulatedNetwork;
let controller: AbortController;
const reason = new Error('the user went home');

beforeEach(() => {
  holdTime();
  network = new SimulatedNetwork();
  controller = new AbortController();
});

afterEach(() => {
  expectNothingLeft(network);
  vi.useRealTimers();
});

async function expectAborted(call: { readonly state: string; readonly error?: unknown }): Promise<void> {
  controller.abort(reason);
  await turn();
  expect(call.state).toBe('rejected');
  expect(call.error).toBe(reason);
  expectNothingLeft(network);
}

describe('the signal ends a call', () => {
  it('before it begins', async () => {
    controller.abort(reason);
    const operation = vi.fn();
    await expect(retry(operation, { network, signal: controller.signal })).rejects.toBe(reason);
    expect(operation).not.toHaveBeenCalled();
  });

  it('during an attempt that heeds its own signal', async () => {
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network, signal: controller.signal }));
    await turn();
    await expectAborted(call);
  });

  it.each([
    ['succeeds', (manual: Manual) => manual.last.resolve('done')],
    ['fails', (manual: Manual) => manual.last.reject(networkError())],
  ])('during an attempt that does not, once it %s', async (_how, settle) => {
    const onFailedAttempt = vi.fn();
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, retries: 0, signal: controller.signal, onFailedAttempt }));
    await turn();
    controller.abort(reason);
    await turn();
    expect(call.state).toBe('pending');
    settle(manual);
    await expectAborted(call);
    expect(onFailedAttempt).not.toHaveBeenCalled();
    expect(network.reports).toBe(0);
  });

  it('during an attempt that never settles, after the grace of abandon', async () => {
    const call = watch(retry(() => new Promise(() => {}), { network, signal: controller.signal, abandon: 100 }));
    await turn();
    controller.abort(reason);
    await pass(100);
    expect(call.error).toBe(reason);
  });

  it('during a backoff', async () => {
    const operation = vi.fn(() => Promise.reject(new Error('the server')));
    const call = watch(retry(operation, { network, signal: controller.signal }));
    await pass(500);
    await expectAborted(call);
    expect(operation).toHaveBeenCalledTimes(1);
  });

  it('during a pause', async () => {
    network.down();
    const call = watch(retry(() => 'never', { network, signal: controller.signal }));
    await pass(500);
    await expectAborted(call);
  });

  it('in the gate', async () => {
    network.down();
    const others = Array.from({ length: 8 }, () => watch(retry(() => 'done', { network })));
    await turn();
    const operation = vi.fn(() => 'done');
    const call = watch(retry(operation, { network, signal: controller.signal }));
    network.up();
    await turn();
    expect(others.every(({ state }) => state === 'resolved')).toBe(true);
    expect(call.state).toBe('pending');
    await expectAborted(call);
    expect(operation).not.toHaveBeenCalled();
  });

  it('while the source looks again', async () => {
    vi.spyOn(network, 'report').mockReturnValue(new Promise(() => {}));
    const call = watch(retry(() => Promise.reject(networkError()), { network, signal: controller.signal }));
    await turn();
    await expectAborted(call);
  });

  it.each(['onFailedAttempt', 'shouldConsumeRetry', 'shouldRetry'] as const)(
    'during %s that never settles, and no callback is called after it',
    async (name) => {
      const order = ['onFailedAttempt', 'shouldConsumeRetry', 'shouldRetry'] as const;
      const called: string[] = [];
      const callbacks = Object.fromEntries(
        order.map((each) => [
          each,
          () => {
            called.push(each);
            return each === name ? new Promise(() => {}) : true;
          },
        ]),
      ) satisfies RetryOptions;
      const error = new Error('the server');
      const call = watch(retry(() => Promise.reject(error), { network, signal: controller.signal, ...callbacks }));
      await turn();
      await expectAborted(call);
      expect(called).toEqual(order.slice(0, order.indexOf(name) + 1));
    },
  );

  it.each([
    ['takes retries', { minTimeout: 0, retries: Number.POSITIVE_INFINITY }],
    ['takes none', { shouldConsumeRetry: () => false }],
  ])('of an operation that throws synchronously for ever and %s', async (_what, options: RetryOptions) => {
    vi.useRealTimers();
    const operation = () => {
      throw new Error('at once');
    };
    const call = watch(retry(operation, { network, signal: controller.signal, ...options }));
    const timer = setTimeout(() => controller.abort(reason), 20);
    await expect(call.promise).rejects.toBe(reason);
    clearTimeout(timer);
    holdTime();
  });

  it('with a reason that is no error', async () => {
    const call = watch(retry(() => Promise.reject(new Error('the server')), { network, signal: controller.signal }));
    await turn();
    controller.abort('enough');
    await turn();
    expect(call).toMatchObject({ state: 'rejected', error: 'enough' });
  });

  it('and a thousand others that share it, without a warning of a leak', async () => {
    const warned = vi.fn();
    process.on('warning', warned);
    network.down();
    const calls = Array.from({ length: 1000 }, () =>
      watch(retry(() => 'never', { network, signal: controller.signal })),
    );
    await turn();
    controller.abort(reason);
    await turn();
    expect(calls.every(({ state }) => state === 'rejected')).toBe(true);
    expect(warned).not.toHaveBeenCalled();
    process.off('warning', warned);
  });
});

it('leaves no listener on the signal when the call is over', async () => {
  const add = vi.spyOn(controller.signal, 'addEventListener');
  const remove = vi.spyOn(controller.signal, 'removeEventListener');
  const operation = vi
    .fn(async (_number: number, { signal }: { readonly signal: AbortSignal }) => signal.aborted)
    .mockRejectedValueOnce(new Error('the server'));
  const call = watch(retry(operation, { network, signal: controller.signal }));
  await turn();
  network.down();
  await pass(2000);
  network.up();
  await call.promise;
  expect(add.mock.calls.length).toBeGreaterThan(0);
  expect(remove).toHaveBeenCalledTimes(add.mock.calls.length);
});
