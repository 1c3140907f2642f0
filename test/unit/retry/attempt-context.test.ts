import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RetryContext, retry } from '../../../src/retry/index.js';
import type { SimulatedNetwork } from '../../../src/testing/index.js';
import { heldNetwork, Manual, pass, releaseNetwork, turn, watch } from './support.js';

let network: SimulatedNetwork;

beforeEach(() => {
  network = heldNetwork();
});

afterEach(() => releaseNetwork(network));

describe('the context', () => {
  it('cannot be changed, and works when it is taken apart', async () => {
    await retry(
      (number, context) => {
        const { signal, outages, progress } = context;
        progress(1);
        expect([number, outages, signal.aborted]).toEqual([1, 0, false]);
        expect(context.signal).toBe(signal);
        expect(Object.isFrozen(context)).toBe(true);
      },
      { network },
    );
  });

  it('has a signal that no longer listens to yours once the attempt is over', async () => {
    const controller = new AbortController();
    const signals: AbortSignal[] = [];
    let late: { readonly signal: AbortSignal } | undefined;
    await retry((_number, { signal }) => void signals.push(signal), { network, signal: controller.signal });
    const operation = (_number: number, context: { readonly signal: AbortSignal }) => {
      late = context;
    };
    await retry(operation, { network, signal: controller.signal });
    if (late) signals.push(late.signal);
    controller.abort();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  });
});

describe('progress', () => {
  it('gives the attempts back, and the backoff its beginning', async () => {
    const contexts: RetryContext[] = [];
    const starts: number[] = [];
    const error = new Error('the server');
    const operation = (number: number, { progress }: { progress: (offset: number) => void }) => {
      starts.push(performance.now());
      if (number === 3) progress(10);
      throw error;
    };
    const onFailedAttempt = (context: RetryContext) => void contexts.push(context);
    const call = watch(retry(operation, { network, retries: 2, minTimeout: 100, onFailedAttempt }));
    await pass(10_000);
    expect(call).toMatchObject({ state: 'rejected', error });
    expect(
      contexts.map(({ attemptNumber, retriesConsumed, retriesLeft }) => [attemptNumber, retriesConsumed, retriesLeft]),
    ).toEqual([
      [1, 0, 2],
      [2, 1, 1],
      [3, 0, 2],
      [4, 1, 1],
      [5, 2, 0],
    ]);
    expect(contexts.every(Object.isFrozen)).toBe(true);
    expect(starts.slice(1).map((start, index) => start - (starts[index] ?? 0))).toEqual([100, 200, 100, 200]);
  });

  it('is an offset that is higher than any before', async () => {
    const operation = vi.fn((_number: number, { progress }: { progress: (offset: number) => void }) => {
      progress(10);
      throw new Error('the server');
    });
    const call = watch(retry(operation, { network, retries: 2, minTimeout: 1 }));
    await pass(1000);
    expect(call.state).toBe('rejected');
    // The first attempt got ahead when there was nothing to give back; the others never got further than it.
    expect(operation).toHaveBeenCalledTimes(3);
  });

  it('does not extend maxRetryTime', async () => {
    let offset = 0;
    const operation = (_number: number, { progress }: { progress: (offset: number) => void }) => {
      offset += 1;
      progress(offset);
      throw new Error('the server');
    };
    const call = watch(retry(operation, { network, retries: 1, minTimeout: 100, maxRetryTime: 1000 }));
    await pass(999);
    expect(call.state).toBe('pending');
    await pass(101);
    expect(call.state).toBe('rejected');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '1', undefined])('refuses %s', async (offset) => {
    const operation = (_number: number, context: object) => {
      const { progress } = context as { progress: (offset: unknown) => void };
      progress(offset);
    };
    await expect(retry(operation, { network, retries: 0 })).rejects.toMatchObject({
      code: 'ERR_NETPAUSE_INVALID_OPTION',
    });
  });

  it('counts for nothing after the attempt has settled', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, retries: 1, minTimeout: 100 }));
    await turn();
    manual.attempts[0]?.reject(new Error('the server'));
    await pass(100);
    manual.attempts[0]?.context.progress(5);
    manual.last.reject(new Error('the server'));
    await turn();
    expect(call.state).toBe('rejected');
  });
});
