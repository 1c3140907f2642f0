import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  AttemptTimeoutError,
  MonitorStoppedError,
  NetworkDownError,
  OutageTimeoutError,
} from '../../../src/errors/index.js';
import { AbortError, type RetryContext, retry, retryReport } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { Abortable, expectNothingLeft, holdTime, Manual, networkError, pass, turn, watch } from './support.js';

let network: SimulatedNetwork;

beforeEach(() => {
  holdTime();
  network = new SimulatedNetwork();
});

afterEach(() => {
  expectNothingLeft(network);
  vi.useRealTimers();
});

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
    manual.last.resolve('done');
    await expect(call.promise).resolves.toBe('done');
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
    manual.last.resolve('done');
    await expect(call.promise).resolves.toBe('done');
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
    manual.last.resolve('done');
    await expect(call.promise).resolves.toBe('done');
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
    manual.last.resolve('done');
    await call.promise;
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
    manual.last.resolve('done');
    await expect(call.promise).resolves.toBe('done');
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

  it('a 403 during an outage is a 403, and no proof against the outage: it may have been sent before', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, retries: 0 }));
    await turn();
    network.down();
    const error = Object.assign(new Error('forbidden'), { status: 403 });
    manual.last.reject(error);
    await turn();
    expect(call).toMatchObject({ state: 'rejected', error });
    expect(network.reports).toBe(0);
  });

  it('a 403 from an attempt that did not heed its interruption is a 403', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, retries: 0 }));
    await turn();
    network.down();
    await pass(2500);
    const error = Object.assign(new Error('forbidden'), { status: 403 });
    manual.last.reject(error);
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

  it('a bug during an outage is a bug', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network }));
    await turn();
    network.down();
    const error = new TypeError('undefined is not a function');
    manual.last.reject(error);
    await turn();
    expect(call).toMatchObject({ state: 'rejected', error });
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

describe('an attempt that hangs', () => {
  it.each([
    ['the path', 'no-carrier', 2000],
    ['reach', 'unreachable', 10_000],
  ] as const)('is ended when %s stays lost', async (_what, reason, limit) => {
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network, retries: 0 }));
    await turn();
    network.down(reason);
    await pass(limit - 1);
    expect(abortable.last.signal.aborted).toBe(false);
    await pass(1);
    expect(abortable.last.signal.reason).toBeInstanceOf(NetworkDownError);
    expect(abortable.last.signal.reason).toMatchObject({ reason });
    network.up();
    await pass(10);
    expect(abortable.attempts).toHaveLength(2);
    expect(abortable.last.number).toBe(1);
    abortable.last.resolve('done');
    await expect(call.promise).resolves.toBe('done');
  });

  it('is left alone when the network returns before', async () => {
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network }));
    await turn();
    network.down();
    await pass(1999);
    network.up();
    await pass(60_000);
    expect(abortable.last.signal.aborted).toBe(false);
    abortable.last.resolve('done');
    await call.promise;
  });

  it('is left alone with interruptAfter: Infinity', async () => {
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network, interruptAfter: Number.POSITIVE_INFINITY }));
    await turn();
    network.down();
    await pass(600_000);
    expect(abortable.last.signal.aborted).toBe(false);
    abortable.last.resolve('done');
    await call.promise;
  });

  it('takes one limit for both kinds of loss, or one for each', async () => {
    for (const interruptAfter of [500, { reach: 500 }]) {
      const abortable = new Abortable();
      const call = watch(retry(abortable.operation, { network, interruptAfter }));
      await turn();
      network.down('unreachable');
      await pass(500);
      expect(abortable.last.signal.aborted).toBe(true);
      network.up();
      await pass(10);
      abortable.last.resolve('done');
      await call.promise;
    }
  });

  it('has the longer limit of reach from the moment that the path is back', async () => {
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network }));
    await turn();
    network.down('no-carrier');
    await pass(1000);
    network.down('unreachable');
    await pass(9999);
    expect(abortable.last.signal.aborted).toBe(false);
    await pass(1);
    expect(abortable.last.signal.aborted).toBe(true);
    network.up();
    await pass(10);
    abortable.last.resolve('done');
    await call.promise;
  });

  it('keeps its limit when the source only changes its reason for one of the same kind', async () => {
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network }));
    await turn();
    network.down('no-carrier');
    await pass(1500);
    network.down('no-route');
    await pass(500);
    expect(abortable.last.signal.aborted).toBe(true);
    network.up();
    await pass(10);
    abortable.last.resolve('done');
    await call.promise;
  });

  it('has the shorter limit of a lost path from the moment that the source says so', async () => {
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network }));
    await turn();
    network.down('unreachable');
    await pass(1000);
    network.down('no-carrier');
    await pass(1999);
    expect(abortable.last.signal.aborted).toBe(false);
    await pass(1);
    expect(abortable.last.signal.aborted).toBe(true);
    network.up();
    await pass(10);
    abortable.last.resolve('done');
    await call.promise;
  });

  it('is not taken for hung while it gets ahead', async () => {
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network }));
    await turn();
    network.down();
    for (let offset = 1; offset < 10; offset += 1) {
      await pass(1500);
      abortable.last.context.progress(offset);
    }
    expect(abortable.last.signal.aborted).toBe(false);
    abortable.last.context.progress(9);
    await pass(2000);
    expect(abortable.last.signal.aborted).toBe(true);
    network.up();
    await pass(10);
    abortable.last.resolve('done');
    await call.promise;
  });

  it('is ended at once when its own address or interface has gone', async () => {
    const onPause = vi.fn();
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network, retries: 0, onPause }));
    await turn();
    network.strand('no-address');
    expect(abortable.last.signal.reason).toMatchObject({ reason: 'no-address' });
    await pass(10);
    expect(onPause).toHaveBeenCalledWith(expect.objectContaining({ reason: 'no-address' }));
    expect(abortable.attempts).toHaveLength(2);
    abortable.last.resolve('done');
    await call.promise;
  });

  it('costs nothing, in whatever words the operation puts its end', async () => {
    const ways = [
      (reason: unknown) => reason,
      () => new DOMException('aborted', 'AbortError'),
      () => new Error('upload failed'),
      () => new TypeError('not a network error'),
      () => 'a string',
      (reason: unknown) => new AbortError(reason instanceof Error ? reason : 'unreachable'),
    ];
    for (const way of ways) {
      const manual = new Manual();
      const call = watch(retry(manual.operation, { network, retries: 0 }));
      await turn();
      network.down();
      await pass(2000);
      manual.last.reject(way(manual.last.signal.reason));
      network.up();
      await pass(10);
      expect(manual.attempts).toHaveLength(2);
      manual.last.resolve('done');
      await call.promise;
    }
  });

  it('may succeed all the same', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network }));
    await turn();
    network.down();
    await pass(2000);
    expect(manual.last.signal.aborted).toBe(true);
    manual.last.resolve('done');
    await expect(call.promise).resolves.toBe('done');
    network.up();
  });

  it('is not repeated before it has settled', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network }));
    await turn();
    network.down();
    await pass(2000);
    network.up();
    await pass(600_000);
    expect(manual.attempts).toHaveLength(1);
    manual.last.reject(manual.last.signal.reason);
    await pass(10);
    expect(manual.attempts).toHaveLength(2);
    manual.last.resolve('done');
    await call.promise;
  });

  it.each([
    [true, 1000],
    [250, 250],
  ])(
    'is gone on without after the grace of abandon: %s, and its late rejection harms nobody',
    async (abandon, grace) => {
      const unhandled = vi.fn();
      process.on('unhandledRejection', unhandled);
      const manual = new Manual();
      const call = watch(retry(manual.operation, { network, abandon }));
      await turn();
      network.down();
      await pass(2000);
      network.up();
      await pass(grace - 1);
      expect(manual.attempts).toHaveLength(1);
      await pass(11);
      expect(manual.attempts).toHaveLength(2);
      manual.attempts[0]?.reject(new Error('late'));
      await turn();
      manual.last.resolve('done');
      await expect(call.promise).resolves.toBe('done');
      expect(unhandled).not.toHaveBeenCalled();
      process.off('unhandledRejection', unhandled);
    },
  );

  it('leaves nothing of the grace behind when it settles in time', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, abandon: 60_000, timeout: 1000, retries: 0 }));
    await pass(1000);
    manual.last.resolve('just in time');
    await expect(call.promise).resolves.toBe('just in time');
    expectNothingLeft(network);
  });

  it('makes the signal for an operation that asks for it too late, already aborted', async () => {
    let finish: (() => void) | undefined;
    let signal: AbortSignal | undefined;
    const call = watch(
      retry(
        (_number, context) =>
          new Promise<string>((resolve) => {
            finish = () => {
              signal = context.signal;
              resolve('done');
            };
          }),
        { network },
      ),
    );
    await turn();
    network.down();
    await pass(2000);
    finish?.();
    await call.promise;
    expect(signal?.reason).toBeInstanceOf(NetworkDownError);
  });
});

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
    manual.last.resolve('done');
    await expect(call.promise).resolves.toBe('done');
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
    manual.last.resolve('done');
    await expect(call.promise).resolves.toBe('done');
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
    abortable.last.resolve('done');
    await call.promise;
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
    abortable.last.resolve('done');
    await call.promise;
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
    abortable.last.resolve('done');
    await call.promise;
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
    manual.last.resolve('done');
    await call.promise;
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
    manual.last.resolve('done');
    await call.promise;
  });

  it('is not made with trialInterval: Infinity', async () => {
    network.down();
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, trialInterval: Number.POSITIVE_INFINITY }));
    await pass(10_000_000);
    expect(manual.attempts).toHaveLength(0);
    network.up();
    await turn();
    manual.last.resolve('done');
    await call.promise;
  });
});

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
    manual.last.resolve('done');
    await call.promise;
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
    manual.last.resolve('done');
    await expect(call.promise).resolves.toBe('done');
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
    const common = { name: 'upload', attemptNumber: 1, outages: 1, reason: 'no-carrier' };
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

describe('idempotent: false', () => {
  it('does not interrupt an attempt', async () => {
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network, idempotent: false }));
    await turn();
    network.down();
    network.strand();
    await pass(60_000);
    expect(abortable.last.signal.aborted).toBe(false);
    abortable.last.resolve('done');
    await call.promise;
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
    manual.last.resolve('done');
    await call.promise;
  });

  it('does not repeat an attempt that took too long', async () => {
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network, idempotent: false, timeout: 1000 }));
    await pass(1000);
    expect(call.error).toBeInstanceOf(AttemptTimeoutError);
    expect(abortable.attempts).toHaveLength(1);
  });
});

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
    abortable.last.resolve('done');
    await call.promise;
  });

  it('ends an attempt that hears nothing, with abandon', async () => {
    const call = watch(retry(() => new Promise(() => {}), { network, timeout: 1000, retries: 0, abandon: 100 }));
    await pass(1100);
    expect(call.error).toBeInstanceOf(AttemptTimeoutError);
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
    manual.last.resolve('done');
    await call.promise;
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
    manual.last.resolve('done');
    await call.promise;
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

describe('the report', () => {
  it('tells every attempt and every outage behind a rejection', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, retries: 1, minTimeout: 100 }));
    await turn();
    const start = Date.now();
    network.down('no-route');
    const lost = networkError();
    manual.last.reject(lost);
    await pass(5000);
    network.up();
    await turn();
    const spent = new Error('the server');
    await pass(50);
    manual.last.reject(spent);
    await pass(100);
    const last = Object.freeze(new Error('the server again'));
    manual.last.reject(last);
    await turn();
    expect(call.error).toBe(last);
    expect(retryReport(last)).toEqual({
      attempts: [
        { number: 1, startedAt: start, duration: 0, error: lost, spent: false, isTrial: false },
        { number: 1, startedAt: start + 5000, duration: 50, error: spent, spent: true, isTrial: false },
        { number: 2, startedAt: start + 5150, duration: 0, error: last, spent: true, isTrial: false },
      ],
      attemptsOmitted: 0,
      outages: [{ startedAt: start, duration: 5000, reason: 'no-route' }],
      outagesOmitted: 0,
    });
  });

  it('keeps the first and the last of many', async () => {
    const call = watch(
      retry((number) => Promise.reject(new Error(`${number}`)), { network, retries: 999, minTimeout: 0 }),
    );
    await vi.waitFor(() => expect(call.state).toBe('rejected'), { timeout: 10_000 });
    const report = retryReport(call.error);
    expect(report?.attempts.map(({ number }) => number)).toEqual([
      ...Array.from({ length: 20 }, (_, index) => index + 1),
      ...Array.from({ length: 20 }, (_, index) => index + 981),
    ]);
    expect(report?.attemptsOmitted).toBe(960);
  });

  it('includes the outage in which the call was given up', async () => {
    network.down();
    const call = watch(retry(() => 'never', { network, maxPause: 100 }));
    await pass(100);
    expect(retryReport(call.error)?.outages).toMatchObject([{ duration: 100, reason: 'no-carrier' }]);
  });

  it.each([undefined, null, 'text', 1, new Error('from elsewhere'), {}])('knows nothing of %s', (error) => {
    expect(retryReport(error)).toBeUndefined();
  });
});
