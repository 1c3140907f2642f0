import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AttemptTimeoutError } from '../../../src/errors/index.js';
import { retry } from '../../../src/retry/index.js';
import type { SimulatedNetwork } from '../../../src/testing/index.js';
import { Abortable, heldNetwork, Manual, networkError, pass, releaseNetwork, succeed, turn, watch } from './support.js';

let network: SimulatedNetwork;

beforeEach(() => {
  network = heldNetwork();
});

afterEach(() => releaseNetwork(network));

describe('idempotent: false', () => {
  it('does not interrupt an attempt', async () => {
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network, idempotent: false }));
    await turn();
    network.down();
    network.strand();
    await pass(60_000);
    expect(abortable.last.signal.aborted).toBe(false);
    await succeed(abortable, call);
  });

  it.each([
    ['a reset', networkError('ECONNRESET')],
    ['an answer', Object.assign(new Error('busy'), { status: 503 })],
    ['anything else', new Error('something')],
  ])('does not repeat after %s, outage or not, whatever the callbacks say', async (_what, error) => {
    const onFailedAttempt = vi.fn();
    const operation = vi.fn(() => {
      network.down();
      return Promise.reject(error);
    });
    const options = { network, idempotent: false, onFailedAttempt, shouldRetry: () => true, minTimeout: 0 };
    const call = watch(retry(operation, options));
    await turn();
    expect(call).toMatchObject({ state: 'rejected', error });
    expect(operation).toHaveBeenCalledTimes(1);
    expect(onFailedAttempt).toHaveBeenCalledTimes(1);
  });

  it('repeats what cannot have been sent, free in an outage and spent without', async () => {
    const refused = networkError('ECONNREFUSED', { syscall: 'connect' });
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, idempotent: false, retries: 1, minTimeout: 100 }));
    await turn();
    manual.last.reject(refused);
    await pass(100);
    expect(manual.last.number).toBe(2);
    network.down();
    manual.last.reject(refused);
    await turn();
    network.up();
    await pass(10);
    expect(manual.last.number).toBe(2);
    await succeed(manual, call);
  });

  it('does not repeat an attempt that took too long', async () => {
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network, idempotent: false, timeout: 1000 }));
    await pass(1000);
    expect(call.error).toBeInstanceOf(AttemptTimeoutError);
    expect(abortable.attempts).toHaveLength(1);
  });
});
