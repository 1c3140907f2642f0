import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NetworkDownError } from '../../../src/errors/index.js';
import { createRetryer, retry } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { Abortable, heldNetwork, Manual, networkError, pass, releaseNetwork, succeed, turn, watch } from './support.js';

let network: SimulatedNetwork;

beforeEach(() => {
  network = heldNetwork();
});

afterEach(() => releaseNetwork(network));

describe('a trial', () => {
  it('lets one waiting operation through every trialInterval, beginning with the outage', async () => {
    await retry(() => 'done', { network });
    await pass(25_000);
    network.down();
    const manuals = Array.from({ length: 3 }, () => new Manual());
    const calls = manuals.map((manual) => watch(retry(manual.operation, { network, retries: 0 })));
    const started = () => manuals.map((manual) => manual.attempts.length);
    await pass(29_999);
    expect(started()).toEqual([0, 0, 0]);
    await pass(1);
    expect(started()).toEqual([1, 0, 0]);
    await pass(30_000);
    expect(started()).toEqual([1, 1, 0]);
    manuals[0]?.last.reject(networkError());
    await pass(30_000);
    expect(started()).toEqual([1, 1, 1]);
    await pass(30_000);
    expect(started()).toEqual([2, 1, 1]);
    for (const manual of manuals) manual.last.resolve('done');
    await Promise.all(calls.map((call) => call.promise));
  });

  it('that fails for want of a network goes back to the pause, spends nothing and is the same outage', async () => {
    network.down();
    const onPause = vi.fn();
    const onResume = vi.fn();
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, retries: 0, maxOutages: 0, onPause, onResume }));
    for (let trial = 1; trial <= 200; trial += 1) {
      await pass(30_000);
      expect(manual.attempts).toHaveLength(trial);
      expect(manual.last.context.outages).toBe(1);
      manual.last.reject(networkError());
    }
    await pass(1000);
    network.up();
    await turn();
    await succeed(manual, call);
    expect(onPause).toHaveBeenCalledTimes(1);
    expect(onResume).toHaveBeenCalledTimes(1);
  });

  it('that fails does not count as an attempt lost to an outage', async () => {
    network.down();
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, retries: 0, maxOutages: 1 }));
    for (let trial = 1; trial <= 3; trial += 1) {
      await pass(30_000);
      manual.last.reject(networkError());
    }
    await pass(1000);
    network.up();
    await turn();
    expect(manual.attempts).toHaveLength(4);
    network.down();
    manual.last.reject(networkError());
    await turn();
    expect(call.state).toBe('pending');
    network.up();
    await pass(10);
    await succeed(manual, call);
  });

  it('that gets through proves the monitor wrong, so that everybody goes on', async () => {
    network = new SimulatedNetwork({ believesReports: true });
    network.down();
    const manuals = Array.from({ length: 3 }, () => new Manual());
    const calls = manuals.map((manual) => watch(retry(manual.operation, { network })));
    await pass(30_000);
    manuals[0]?.last.resolve('done');
    await turn();
    expect(manuals.map((manual) => manual.attempts.length)).toEqual([1, 1, 1]);
    for (const manual of manuals) manual.last.resolve('done');
    await Promise.all(calls.map((call) => call.promise));
  });

  it('that is answered with an error proves it as well, and the error is spent', async () => {
    network.down();
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, retries: 0 }));
    await pass(30_000);
    const error = Object.assign(new Error('no such key'), { $metadata: { httpStatusCode: 404 } });
    manual.last.reject(error);
    await turn();
    expect(call).toMatchObject({ state: 'rejected', error });
    expect(network.lastOutcome).toEqual({ ok: true });
  });

  it('is not interrupted because the state is still down, be it for another reason', async () => {
    const onChange = vi.spyOn(network, 'onChange');
    network.down();
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network }));
    await pass(30_000);
    network.down('unreachable');
    onChange.mock.calls[0]?.[0]({ from: 'down', to: 'down', reason: 'unreachable', at: 0, checks: [] });
    await pass(300_000);
    expect(abortable.attempts).toHaveLength(1);
    expect(abortable.last.signal.aborted).toBe(false);
    await succeed(abortable, call);
  });

  it('that has not got ahead is ended and repeated at recovery: its connection waits out its backoff', async () => {
    network.down();
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network, retries: 0 }));
    await pass(30_000);
    network.up();
    expect(abortable.last.signal.reason).toBeInstanceOf(NetworkDownError);
    await pass(10);
    expect(abortable.attempts).toHaveLength(2);
    await succeed(abortable, call);
  });

  it('that has got ahead goes on at recovery, and is an attempt like any other from then on', async () => {
    network.down();
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network }));
    await pass(30_000);
    abortable.last.context.progress(1);
    network.up();
    await pass(1000);
    expect(abortable.attempts).toHaveLength(1);
    expect(abortable.last.signal.aborted).toBe(false);
    network.down();
    await pass(2000);
    expect(abortable.last.signal.aborted).toBe(true);
    network.up();
    await pass(10);
    await succeed(abortable, call);
  });

  it('is made in time although the source keeps changing its reason', async () => {
    const onChange = vi.spyOn(network, 'onChange');
    network.down();
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network }));
    await pass(20_000);
    onChange.mock.calls[0]?.[0]({ from: 'down', to: 'down', reason: 'no-route', at: 0, checks: [] });
    await pass(10_000);
    expect(manual.attempts).toHaveLength(1);
    await succeed(manual, call);
  });

  it('goes to whom it is due first, where intervals differ', async () => {
    network.down();
    const intervals = [60_000, 1000, 30_000];
    const manuals = intervals.map(() => new Manual());
    const calls = manuals.map((manual, index) =>
      watch(retry(manual.operation, { network, trialInterval: intervals[index] })),
    );
    const started = () => manuals.map((manual) => manual.attempts.length);
    await pass(1000);
    expect(started()).toEqual([0, 1, 0]);
    await pass(30_000);
    expect(started()).toEqual([0, 1, 1]);
    await pass(60_000);
    expect(started()).toEqual([1, 1, 1]);
    for (const manual of manuals) manual.last.resolve('done');
    await Promise.all(calls.map(({ promise }) => promise));
  });

  it('is not made where the source says that it could only fail', async () => {
    network.loseDestination('sftp.example.com:22');
    const target = network.target('sftp.example.com:22');
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network: target }));
    await pass(300_000);
    expect(manual.attempts).toHaveLength(0);
    network.restoreDestination('sftp.example.com:22');
    await turn();
    await succeed(manual, call);
  });

  it('comes sooner where only the check hosts are silent: the first five, each after twice the time of the one before', async () => {
    network.down('unreachable');
    const starts: number[] = [];
    const operation = () => {
      starts.push(performance.now());
      throw networkError();
    };
    const controller = new AbortController();
    const call = watch(retry(operation, { network, trialInterval: 32_000, signal: controller.signal }));
    const began = performance.now();
    await pass(100_000);
    const gaps = starts.map((start, index) => start - (starts[index - 1] ?? began));
    expect(gaps).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 32_000]);
    controller.abort();
    await turn();
    expect(call.state).toBe('rejected');
  });

  it('does not come sooner for what must not be done twice, which a recovery could not end', async () => {
    network.down('unreachable');
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, idempotent: false }));
    await pass(29_999);
    expect(manual.attempts).toHaveLength(0);
    await pass(1);
    expect(manual.attempts).toHaveLength(1);
    await succeed(manual, call);
  });

  it('is not put off by somebody who wanted one sooner and has left', async () => {
    network.down();
    const patient = new Manual();
    const call = watch(retry(patient.operation, { network, trialInterval: 30_000 }));
    const hasty = watch(retry(() => 'never', { network, trialInterval: 1000, maxPause: 400 }));
    await pass(400);
    expect(hasty.state).toBe('rejected');
    await pass(29_599);
    expect(patient.attempts).toHaveLength(0);
    await pass(1);
    expect(patient.attempts).toHaveLength(1);
    await succeed(patient, call);
  });

  it('is an attempt like any other where the network returns in the very turn in which it begins', async () => {
    for (let ticks = 0; ticks < 20; ticks += 1) {
      network = new SimulatedNetwork({ state: 'down' });
      vi.spyOn(network, 'allowsTrials', 'get').mockImplementation(() => {
        void afterTicks(ticks, () => network.up());
        return true;
      });
      const retryer = createRetryer({ network });
      const attempts: object[] = [];
      retryer.on('attempt', ({ isTrial }) => void attempts.push({ isTrial, state: network.state }));
      const call = watch(retryer.run(() => 'done'));
      await pass(30_000);
      expect(call).toMatchObject({ state: 'resolved', value: 'done' });
      expect([
        { isTrial: true, state: 'down' },
        { isTrial: false, state: 'up' },
      ]).toContainEqual(attempts[0]);
    }
  });

  it('is not made with trialInterval: Infinity', async () => {
    network.down();
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, trialInterval: Number.POSITIVE_INFINITY }));
    await pass(10_000_000);
    expect(manual.attempts).toHaveLength(0);
    network.up();
    await turn();
    await succeed(manual, call);
  });
});

/** Calls back after so many microtasks. */
async function afterTicks(ticks: number, callback: () => void): Promise<void> {
  for (let tick = 0; tick < ticks; tick += 1) await undefined;
  callback();
}
