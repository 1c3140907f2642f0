import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AbortError, retry } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { heldNetwork, Manual, networkError, pass, releaseNetwork, succeed, turn, watch } from './support.js';

let network: SimulatedNetwork;

beforeEach(() => {
  network = heldNetwork();
});

afterEach(() => releaseNetwork(network));

describe('before an attempt', () => {
  it('waits while the network is down, and starts at once when it returns', async () => {
    network.down();
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network }));
    await pass(29_000);
    expect(manual.attempts).toHaveLength(0);

    network.up();
    await turn();
    expect(manual.attempts).toHaveLength(1);
    expect(manual.last).toMatchObject({ number: 1, at: performance.now(), context: { outages: 1 } });
    await succeed(manual, call);
  });

  it('waits again where the network goes in the very moment of its return', async () => {
    network.down();
    const onResume = vi.fn().mockImplementationOnce(() => network.down());
    const operation = vi.fn(() => network.state);
    const call = watch(retry(operation, { network, onResume }));
    await turn();
    network.up();
    await pass(1000);
    expect(operation).not.toHaveBeenCalled();
    network.up();
    await expect(call.promise).resolves.toBe('up');
    expect(onResume).toHaveBeenCalledTimes(2);
  });

  it.each(['unknown', 'degraded', 'up'] as const)('does not wait while the network is %s', async (state) => {
    network = new SimulatedNetwork({ state });
    await expect(retry(() => 'done', { network })).resolves.toBe('done');
  });

  it('does not look at the network at all with waitForNetwork: false', async () => {
    network.down();
    const onChange = vi.spyOn(network, 'onChange');
    await expect(retry(() => 'done', { network, waitForNetwork: false })).resolves.toBe('done');
    expect(onChange).not.toHaveBeenCalled();
    expect(network.reports).toBe(0);
  });
});

describe('after a failure', () => {
  it('resumes at once when the link returns, without spending an attempt', async () => {
    const onFailedAttempt = vi.fn();
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, retries: 0, onFailedAttempt }));
    await turn();
    network.down();
    await pass(500);
    manual.last.reject(networkError());
    await pass(20_000);
    expect(manual.attempts).toHaveLength(1);

    network.up();
    await turn();
    expect(manual.attempts).toHaveLength(2);
    expect(manual.last).toMatchObject({ number: 1, at: performance.now() });
    await succeed(manual, call);
    expect(onFailedAttempt).not.toHaveBeenCalled();
  });

  it('spends nothing for an outage on the last attempt', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, retries: 1, minTimeout: 100 }));
    await turn();
    manual.last.reject(new Error('the server'));
    await pass(100);
    expect(manual.last.number).toBe(2);
    network.down();
    manual.last.reject(networkError());
    await pass(1000);
    network.up();
    await turn();
    expect(manual.last.number).toBe(2);
    await succeed(manual, call);
  });

  it('blames an outage that came and went during the attempt', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, retries: 0 }));
    await turn();
    network.down();
    network.up();
    await pass(5000);
    manual.last.reject(networkError('ETIMEDOUT'));
    await pass(10);
    expect(manual.attempts).toHaveLength(2);
    await succeed(manual, call);
  });

  it('does not blame an outage that was over when the attempt began', async () => {
    network.down();
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, retries: 0 }));
    await turn();
    network.up();
    await turn();
    const error = networkError('ECONNREFUSED');
    manual.last.reject(error);
    await turn();
    expect(call).toMatchObject({ state: 'rejected', error });
  });

  it('does not blame an outage before the last progress', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, retries: 0 }));
    await turn();
    network.down();
    network.up();
    manual.last.context.progress(1);
    const error = networkError();
    manual.last.reject(error);
    await turn();
    expect(call).toMatchObject({ state: 'rejected', error });
  });

  it('has the source look again, and pauses where it finds the network down', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, retries: 0 }));
    await turn();
    network.downUnnoticed();
    const error = networkError();
    manual.last.reject(error);
    await pass(100);
    expect(call.state).toBe('pending');
    expect(network.lastOutcome).toEqual({ ok: false, error });
    network.up();
    await turn();
    await succeed(manual, call);
  });

  it('spends it where the source finds the network well', async () => {
    const error = networkError();
    await expect(retry(() => Promise.reject(error), { network, retries: 0 })).rejects.toBe(error);
    expect(network.reports).toBe(1);
  });

  it('takes no evidence from a failure of this host', async () => {
    network.downUnnoticed();
    const error = networkError('EMFILE');
    await expect(retry(() => Promise.reject(error), { network, retries: 0 })).rejects.toBe(error);
    expect(network.reports).toBe(0);
  });

  it.each([
    ['a 403', 0, Object.assign(new Error('forbidden'), { status: 403 })],
    ['a 403 from an attempt that did not heed its interruption', 2500, Object.assign(new Error('no'), { status: 403 })],
    ['a bug', 0, new TypeError('undefined is not a function')],
  ])('spends %s during an outage as at any other time', async (_what, after, error) => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, retries: 0 }));
    await turn();
    network.down();
    await pass(after);
    manual.last.reject(error);
    await turn();
    expect(call).toMatchObject({ state: 'rejected', error });
    // No proof against the outage either: it may have been sent before.
    expect(network.reports).toBe(0);
  });

  it('stops where the operation says so, outage or not', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network }));
    await turn();
    network.down();
    const error = networkError();
    manual.last.reject(new AbortError(error));
    await turn();
    expect(call).toMatchObject({ state: 'rejected', error });
  });

  it('a success that comes during an outage, from an attempt that began before it, says nothing against it', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network }));
    await turn();
    network.down();
    manual.last.resolve('done');
    await turn();
    expect(call).toMatchObject({ state: 'resolved' });
    expect(network.reports).toBe(0);
  });

  it('reports work that got through while the network is not up', async () => {
    network.degraded();
    await retry(() => 'done', { network });
    expect(network.lastOutcome).toEqual({ ok: true });
  });

  it('does not report work that got through while the network is up', async () => {
    await retry(() => 'done', { network });
    expect(network.reports).toBe(0);
  });

  it('survives a source whose report rejects', async () => {
    const error = networkError();
    vi.spyOn(network, 'report').mockRejectedValue(new Error('a source of somebody else'));
    await expect(retry(() => Promise.reject(error), { network, retries: 0 })).rejects.toBe(error);
  });

  it('loses at most maxOutages attempts without progress, then spends them', async () => {
    const errors: Error[] = [];
    const operation = () => {
      network.down();
      network.up();
      const error = networkError();
      errors.push(error);
      throw error;
    };
    const call = watch(retry(operation, { network, retries: 0, maxOutages: 3 }));
    await pass(1000);
    expect(call).toMatchObject({ state: 'rejected', error: errors[3] });
    expect(errors).toHaveLength(4);
  });

  it('does not count outages between which the work got ahead', async () => {
    let offset = 0;
    const operation = (_number: number, { progress }: { progress: (offset: number) => void }) => {
      offset += 1;
      if (offset === 10) return 'done';
      progress(offset);
      network.down();
      network.up();
      throw networkError();
    };
    const call = watch(retry(operation, { network, retries: 0, maxOutages: 1 }));
    await pass(1000);
    expect(call).toMatchObject({ state: 'resolved', value: 'done' });
  });

  it('rests a little between two attempts that outages cost, however fast the network flaps', async () => {
    const starts: number[] = [];
    const operation = () => {
      starts.push(performance.now());
      if (starts.length === 4) return 'done';
      network.down();
      network.up();
      throw networkError();
    };
    const call = watch(retry(operation, { network }));
    await pass(1000);
    expect(call.state).toBe('resolved');
    const gaps = starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10);
  });
});

describe('a backoff', () => {
  it('is cut short when the network goes down and up again', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, minTimeout: 60_000 }));
    await turn();
    manual.last.reject(new Error('the server'));
    await pass(1000);
    network.down();
    await pass(1000);
    expect(manual.attempts).toHaveLength(1);
    network.up();
    await turn();
    expect(manual.attempts).toHaveLength(2);
    expect(manual.last.number).toBe(2);
    await succeed(manual, call);
  });

  it('is cut short as well when the network returned while the callbacks were asked', async () => {
    const manual = new Manual();
    let answer: (() => void) | undefined;
    const onFailedAttempt = () =>
      new Promise<void>((resolve) => {
        answer = resolve;
      });
    const call = watch(retry(manual.operation, { network, minTimeout: 60_000, onFailedAttempt }));
    await turn();
    manual.last.reject(new Error('the server'));
    await turn();
    network.down();
    network.up();
    answer?.();
    await turn();
    expect(manual.attempts).toHaveLength(2);
    await succeed(manual, call);
  });

  it('becomes a pause when it is over and the network is down', async () => {
    const onPause = vi.fn();
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, minTimeout: 1000, onPause }));
    await turn();
    manual.last.reject(new Error('the server'));
    await pass(500);
    network.down();
    expect(onPause).not.toHaveBeenCalled();
    await pass(20_000);
    expect(onPause).toHaveBeenCalledTimes(1);
    expect(manual.attempts).toHaveLength(1);
    network.up();
    await turn();
    expect(manual.last.number).toBe(2);
    await succeed(manual, call);
  });
});
