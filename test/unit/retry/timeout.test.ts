import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AttemptTimeoutError } from '../../../src/errors/index.js';
import { type RetryContext, retry } from '../../../src/retry/index.js';
import type { SimulatedNetwork } from '../../../src/testing/index.js';
import { Abortable, heldNetwork, Manual, pass, releaseNetwork, succeed, turn, watch } from './support.js';

let network: SimulatedNetwork;

beforeEach(() => {
  network = heldNetwork();
});

afterEach(() => releaseNetwork(network));

describe('timeout', () => {
  it('aborts the attempt and spends it', async () => {
    const contexts: RetryContext[] = [];
    const abortable = new Abortable();
    const call = watch(
      retry(abortable.operation, {
        network,
        timeout: 1000,
        retries: 1,
        minTimeout: 100,
        onFailedAttempt: (context) => void contexts.push(context),
      }),
    );
    await pass(1000);
    expect(abortable.attempts[0]?.signal.reason).toBeInstanceOf(AttemptTimeoutError);
    await pass(100 + 1000);
    expect(call.error).toBeInstanceOf(AttemptTimeoutError);
    expect(contexts.map(({ attemptNumber }) => attemptNumber)).toEqual([1, 2]);
  });

  it('names the timeout where the operation only says that it was aborted, and leaves an error of its own alone', async () => {
    for (const [wording, expected] of [
      [() => new DOMException('aborted', 'AbortError'), AttemptTimeoutError],
      [() => Object.assign(new Error('canceled'), { code: 'ERR_CANCELED' }), AttemptTimeoutError],
      [(reason: unknown) => new Error('upload failed', { cause: reason }), AttemptTimeoutError],
      [() => new RangeError('half a file'), RangeError],
    ] as const) {
      const manual = new Manual();
      const call = watch(retry(manual.operation, { network, timeout: 1000, retries: 0 }));
      await pass(1000);
      manual.last.reject(wording(manual.last.signal.reason));
      await turn();
      expect(call.error).toBeInstanceOf(expected);
    }
  });

  it("is the outage's where an outage overlaps the attempt", async () => {
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network, timeout: 1000, retries: 0 }));
    await turn();
    network.down();
    await pass(1000);
    network.up();
    await pass(10);
    expect(abortable.attempts).toHaveLength(2);
    await succeed(abortable, call);
  });

  it('ends an attempt that hears nothing, with abandon', async () => {
    const call = watch(retry(() => new Promise(() => {}), { network, timeout: 1000, retries: 0, abandon: 100 }));
    await pass(1100);
    expect(call.error).toBeInstanceOf(AttemptTimeoutError);
  });
});
