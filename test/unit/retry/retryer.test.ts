import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRetryer, Retryer } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { expectNothingLeft, holdTime, Manual, networkError, pass, turn, watch } from './support.js';

let network: SimulatedNetwork;

beforeEach(() => {
  holdTime();
  network = new SimulatedNetwork();
});

afterEach(() => {
  expectNothingLeft(network);
  vi.useRealTimers();
});

function listenToAll(retryer: Retryer): unknown[] {
  const heard: unknown[] = [];
  for (const name of ['attempt', 'failure', 'pause', 'resume', 'settle'] as const) {
    retryer.on(name, (event: object) => void heard.push([name, event]));
  }
  return heard;
}

describe('the events of a Retryer', () => {
  it('tell the story of a call in order', async () => {
    const retryer = createRetryer({ network, name: 'upload', retries: 1, minTimeout: 100 });
    const heard = listenToAll(retryer);
    const manual = new Manual();
    const call = watch(retryer.run(manual.operation));
    await pass(10);
    network.down();
    const lost = networkError();
    manual.last.reject(lost);
    await pass(5000);
    network.up();
    await pass(20);
    const spent = new Error('the server');
    manual.last.reject(spent);
    await pass(100);
    manual.last.resolve('done');
    await call.promise;
    const before = { callId: expect.any(Number), name: 'upload', attemptNumber: 1, outages: 0 };
    const after = { callId: expect.any(Number), name: 'upload', attemptNumber: 1, outages: 1 };
    expect(heard).toEqual([
      ['attempt', { ...before, isTrial: false }],
      ['failure', { ...before, isTrial: false, error: lost, duration: 10, spent: false }],
      ['pause', { ...after, reason: 'no-carrier' }],
      ['resume', { ...after, reason: 'no-carrier', duration: 5000 }],
      ['attempt', { ...after, isTrial: false }],
      ['failure', { ...after, isTrial: false, error: spent, duration: 20, spent: true }],
      ['attempt', { ...after, attemptNumber: 2, isTrial: false }],
      ['settle', { ...after, attemptNumber: 2, duration: 5130, ok: true }],
    ]);
  });

  it('tell of trials', async () => {
    const retryer = createRetryer({ network, trialInterval: 1000 });
    const heard = listenToAll(retryer);
    network.down('no-carrier');
    const call = watch(retryer.run(() => 'done'));
    await pass(1000);
    await call.promise;
    const common = { callId: expect.any(Number), name: undefined, attemptNumber: 1, outages: 1 };
    expect(heard).toEqual([
      ['pause', { ...common, reason: 'no-carrier' }],
      ['attempt', { ...common, isTrial: true }],
      ['resume', { ...common, reason: 'no-carrier', duration: 1000 }],
      ['settle', { ...common, duration: 1000, ok: true }],
    ]);
  });

  it('tell how a call failed', async () => {
    const retryer = createRetryer({ network, retries: 0 });
    const heard = listenToAll(retryer);
    const error = new Error('the server');
    await expect(retryer.run(() => Promise.reject(error))).rejects.toBe(error);
    expect(heard.at(-1)).toEqual([
      'settle',
      { callId: expect.any(Number), name: undefined, attemptNumber: 1, outages: 0, duration: 0, ok: false, error },
    ]);
  });

  it('harm nothing when a listener throws', async () => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const retryer = createRetryer({ network });
    retryer.on('attempt', () => {
      throw new Error('a bug in a log');
    });
    await expect(retryer.run(() => 'done')).resolves.toBe('done');
    expect(warning).toHaveBeenCalledTimes(1);
  });
});

describe('wrap', () => {
  it('gives a function with the same parameters and the same this', async () => {
    const retryer = createRetryer({ network, minTimeout: 0 });
    const calls: unknown[] = [];
    const wrapped = retryer.wrap(async function (this: { readonly base: number }, a: number, b: string) {
      calls.push([a, b]);
      if (calls.length === 1) throw new Error('the server');
      return this.base + a;
    });
    await expect(wrapped.call({ base: 40 }, 2, 'x')).resolves.toBe(42);
    expect(calls).toEqual([
      [2, 'x'],
      [2, 'x'],
    ]);
  });

  it('pauses every call while the network is down', async () => {
    network.down();
    const wrapped = createRetryer({ network }).wrap((value: number) => value * 2);
    const call = watch(wrapped(21));
    await turn();
    expect(call.state).toBe('pending');
    network.up();
    await expect(call.promise).resolves.toBe(42);
  });
});

it('shares one subscription of a source among all calls and retryers', async () => {
  const manuals = Array.from({ length: 5 }, () => new Manual());
  const calls = manuals.map((manual) => watch(new Retryer({ network }).run(manual.operation)));
  await turn();
  expect(network).toMatchObject({ listeners: 1, tracked: 5 });
  for (const manual of manuals) manual.last.resolve('done');
  await Promise.all(calls.map(({ promise }) => promise));
});
