import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NetworkDownError } from '../../../src/errors/index.js';
import { AbortError, retry } from '../../../src/retry/index.js';
import type { SimulatedNetwork } from '../../../src/testing/index.js';
import {
  Abortable,
  expectNothingLeft,
  heldNetwork,
  Manual,
  pass,
  releaseNetwork,
  succeed,
  turn,
  watch,
} from './support.js';

let network: SimulatedNetwork;

beforeEach(() => {
  network = heldNetwork();
});

afterEach(() => releaseNetwork(network));

describe('an attempt that hangs', () => {
  it.each([
    ['2 s after the path is lost', [['no-carrier', 2000]]],
    ['10 s after reach is lost', [['unreachable', 10_000]]],
    [
      '10 s after the path is back, where nothing answers over it',
      [
        ['no-carrier', 1000],
        ['unreachable', 10_000],
      ],
    ],
    [
      '2 s after the path is lost, where nothing answered before',
      [
        ['unreachable', 1000],
        ['no-carrier', 2000],
      ],
    ],
    [
      '2 s after the path is lost, be it for one reason after another',
      [
        ['no-carrier', 1500],
        ['no-route', 500],
      ],
    ],
  ] as const)('is ended %s, and repeated at recovery', async (_when, losses) => {
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network, retries: 0 }));
    await turn();
    for (const [reason, duration] of losses) {
      expect(abortable.last.signal.aborted).toBe(false);
      network.down(reason);
      await pass(duration - 1);
      expect(abortable.last.signal.aborted).toBe(false);
      await pass(1);
    }
    expect(abortable.last.signal.reason).toBeInstanceOf(NetworkDownError);
    network.up();
    await pass(10);
    expect(abortable.attempts).toHaveLength(2);
    expect(abortable.last.number).toBe(1);
    await succeed(abortable, call);
  });

  it.each(['no-carrier', 'unreachable'] as const)('is told of %s as the reason of its signal', async (reason) => {
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network, interruptAfter: 500 }));
    await turn();
    network.down(reason);
    await pass(500);
    expect(abortable.last.signal.reason).toMatchObject({ reason });
    network.up();
    await pass(10);
    await succeed(abortable, call);
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
    await succeed(abortable, call);
  });

  it('is left alone with interruptAfter: Infinity', async () => {
    const abortable = new Abortable();
    const call = watch(retry(abortable.operation, { network, interruptAfter: Number.POSITIVE_INFINITY }));
    await turn();
    network.down();
    await pass(600_000);
    expect(abortable.last.signal.aborted).toBe(false);
    await succeed(abortable, call);
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
      await succeed(abortable, call);
    }
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
    await succeed(abortable, call);
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
    await succeed(abortable, call);
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
      await succeed(manual, call);
    }
  });

  it('may succeed all the same', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network }));
    await turn();
    network.down();
    await pass(2000);
    expect(manual.last.signal.aborted).toBe(true);
    await succeed(manual, call);
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
    await succeed(manual, call);
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
      await succeed(manual, call);
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
