import { subscribe as subscribeRaw, unsubscribe as unsubscribeRaw } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { subscribe } from '../../../src/observe/index.js';
import { createRetryer, makeRetriable, retry } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { expectNothingLeft, holdTime, Manual, networkError, pass, watch } from '../retry/support.js';
import { CHECK_HOST, makeMonitor } from './support.js';

const RETRY_EVENTS = ['attempt', 'failure', 'pause', 'resume', 'settle'] as const;

let subscriptions: (() => void)[];

beforeEach(() => {
  holdTime();
  subscriptions = [];
});

afterEach(() => {
  for (const unsubscribe of subscriptions) unsubscribe();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('the channels of calls', () => {
  it('carry every event of a retryer, with the retryer', async () => {
    const network = new SimulatedNetwork();
    const retryer = createRetryer({ network, retries: 1, minTimeout: 0 });
    const heard: unknown[] = [];
    const published: unknown[] = [];
    for (const name of RETRY_EVENTS) {
      retryer.on(name, (event: object) => void heard.push([name, event]));
      subscriptions.push(
        subscribe(`netpause.retry.${name}`, ({ sender, event }) => {
          expect(sender).toBe(retryer);
          published.push([name, event]);
        }),
      );
    }
    const manual = new Manual();
    const call = watch(retryer.run(manual.operation));
    await pass(1);
    network.down();
    manual.last.reject(networkError());
    await pass(10);
    network.up();
    await pass(10);
    manual.last.resolve('done');
    await call.promise;
    expect(published).toEqual(heard);
    expect(published).toHaveLength(6);
    expectNothingLeft(network);
  });

  it('carry the calls that no retryer made', async () => {
    const messages: unknown[] = [];
    subscriptions.push(subscribe('netpause.retry.settle', (message) => messages.push(message)));
    const network = new SimulatedNetwork();
    await retry(() => 'done', { network, name: 'one' });
    await makeRetriable(() => 'done', { network, name: 'two' })();
    expect(messages).toEqual(
      ['one', 'two'].map((name) => ({ sender: undefined, event: expect.objectContaining({ name, ok: true }) })),
    );
  });

  it('tell calls apart that run at the same time', async () => {
    const ids = new Set<number>();
    subscriptions.push(subscribe('netpause.retry.settle', ({ event }) => ids.add(event.callId)));
    const network = new SimulatedNetwork();
    await Promise.all([retry(() => 1, { network }), retry(() => 2, { network })]);
    expect(ids.size).toBe(2);
  });

  it('tell calls apart that two copies of netpause make, as are its ES module and its CommonJS build', async () => {
    const ids: number[] = [];
    subscriptions.push(subscribe('netpause.retry.settle', ({ event }) => ids.push(event.callId)));
    const network = new SimulatedNetwork();
    for (const copy of [await freshCopy(), await freshCopy()]) await copy.retry(() => 'done', { network });
    expect(ids).toHaveLength(2);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('are silent for those who have unsubscribed', async () => {
    const listener = vi.fn();
    subscribe('netpause.retry.attempt', listener)();
    await retry(() => 'done', { network: new SimulatedNetwork() });
    expect(listener).not.toHaveBeenCalled();
  });
});

describe('the channels of monitors', () => {
  it('carry every event of a monitor, with the monitor', async () => {
    const { host, monitor } = makeMonitor();
    const heard: unknown[] = [];
    for (const name of ['state', 'link', 'check', 'error'] as const) {
      subscriptions.push(
        subscribe(`netpause.monitor.${name}`, ({ sender }) => {
          expect(sender).toBe(monitor);
          heard.push(name);
        }),
      );
    }
    await monitor.start();
    await pass(5);
    host.pullCable();
    host.fail(new Error('unreadable'));
    await monitor.stop();
    expect(heard).toEqual(['check', 'state', 'link', 'state', 'error', 'state']);
  });

  it('carry the results of checks as they are', async () => {
    const { monitor } = makeMonitor();
    const listener = vi.fn();
    subscriptions.push(subscribe('netpause.monitor.check', listener));
    await monitor.start();
    await pass(5);
    await monitor.stop();
    expect(listener.mock.calls).toEqual([
      [{ sender: monitor, event: { host: CHECK_HOST, port: 53, reachable: true, duration: 1 } }],
    ]);
  });
});

describe('subscribe', () => {
  it('turns what a listener throws into a process warning', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    subscriptions.push(
      subscribe('netpause.retry.attempt', () => {
        throw new Error('a bug in a dashboard');
      }),
    );
    await expect(retry(() => 'done', { network: new SimulatedNetwork() })).resolves.toBe('done');
    expect(warned).toHaveBeenCalledOnce();
  });

  it('hears what node:diagnostics_channel carries', async () => {
    const raw = vi.fn();
    subscribeRaw('netpause.retry.attempt', raw);
    subscriptions.push(() => unsubscribeRaw('netpause.retry.attempt', raw));
    const typed = vi.fn();
    subscriptions.push(subscribe('netpause.retry.attempt', typed));
    await retry(() => 'done', { network: new SimulatedNetwork() });
    expect(raw.mock.calls[0]?.[0]).toBe(typed.mock.calls[0]?.[0]);
  });
});

/** The module as if it had been loaded from another place. */
function freshCopy(): Promise<{ retry: typeof retry }> {
  vi.resetModules();
  return import('../../../src/retry/index.js');
}
