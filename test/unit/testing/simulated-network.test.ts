import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionError, MonitorStoppedError } from '../../../src/errors/index.js';
import type { NetworkChange, NetworkMonitor } from '../../../src/monitor/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';

let network: SimulatedNetwork;

beforeEach(() => {
  vi.useFakeTimers();
  network = new SimulatedNetwork();
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('a simulated network', () => {
  it('is up, and then whatever it is told', () => {
    const changes: NetworkChange[] = [];
    const unsubscribe = network.onChange((change) => changes.push(change));
    expect(network).toMatchObject({ state: 'up', reason: 'reachable', allowsTrials: true });
    network.down();
    network.degraded();
    network.up();
    unsubscribe();
    network.down('unreachable');
    expect(network).toMatchObject({ state: 'down', reason: 'unreachable', listeners: 0 });
    expect(changes.map(({ from, to, reason }) => [from, to, reason])).toEqual([
      ['up', 'down', 'no-carrier'],
      ['down', 'degraded', 'partly-unreachable'],
      ['degraded', 'up', 'reachable'],
    ]);
    expect(changes.every(Object.isFrozen)).toBe(true);
  });

  it('tells of changes of state, and of the reason while it is down, and of nothing else', () => {
    const heard: string[] = [];
    network.onChange(({ to, reason }) => heard.push(`${to} (${reason})`));
    network.up();
    network.down('no-carrier');
    network.down('no-carrier');
    network.down('no-route');
    expect(heard).toEqual(['down (no-carrier)', 'down (no-route)']);
    expect(network.reason).toBe('no-route');
  });

  it.each(['unknown', 'degraded', 'down'] as const)('can begin %s', (state) => {
    expect(new SimulatedNetwork({ state }).state).toBe(state);
  });

  it('lets those who wait go on when it returns, and counts them', async () => {
    network.down();
    const waiting = [network.waitForNetwork(), network.waitForNetwork()];
    expect(network.waiters).toBe(2);
    network.degraded();
    await Promise.all(waiting);
    expect(network.waiters).toBe(0);
    await network.waitForNetwork();
  });

  it('forgets who has stopped waiting', async () => {
    network.down();
    const controller = new AbortController();
    const waiting = network.waitForNetwork({ signal: controller.signal });
    controller.abort('enough');
    await expect(waiting).rejects.toBe('enough');
    expect(network.waiters).toBe(0);
    await expect(network.waitForNetwork({ signal: controller.signal })).rejects.toBe('enough');
  });

  it('stops as a monitor does, and starts with the next change', async () => {
    network.down();
    const waiting = network.waitForNetwork();
    network.stop();
    await expect(waiting).rejects.toThrow(MonitorStoppedError);
    expect(network).toMatchObject({ state: 'unknown', reason: 'stopped' });
    await expect(network.waitForNetwork()).rejects.toThrow(MonitorStoppedError);
    network.up();
    await expect(network.waitForNetwork()).resolves.toBeUndefined();
  });

  it('flaps in fake time', async () => {
    const states: unknown[] = [];
    const start = Date.now();
    const unsubscribe = network.onChange(({ to, at }) => states.push([at - start, to]));
    const flapping = network.flap({ times: 2, downFor: 100, upFor: 1000 });
    await vi.runAllTimersAsync();
    await flapping;
    unsubscribe();
    expect(states).toEqual([
      [0, 'down'],
      [100, 'up'],
      [1100, 'down'],
      [1200, 'up'],
    ]);
  });

  it.each([
    ['stopped', () => network.stop()],
    ['told to flap in another way', () => void network.flap({ times: 1, downFor: 0, upFor: 0 })],
  ])('stops flapping when it is %s', async (_how, end) => {
    const flapping = network.flap({ times: 100, downFor: 1000, upFor: 1000 });
    end();
    await flapping;
    await vi.runAllTimersAsync();
    expect(network.state).not.toBe('down');
  });

  it('counts what is reported and keeps the last', async () => {
    const error = new Error('test');
    await network.report({ ok: true });
    await network.report({ ok: false, error });
    expect(network).toMatchObject({ reports: 2, lastOutcome: { ok: false, error }, state: 'up' });
  });

  it('notices a loss that nobody noticed when a failure is reported', async () => {
    network.downUnnoticed('no-route');
    await network.report({ ok: true });
    expect(network.state).toBe('up');
    await network.report({ ok: false, error: new Error('test') });
    expect(network).toMatchObject({ state: 'down', reason: 'no-route' });
  });

  it('believes work that got through only if it is told to', async () => {
    network.down();
    await network.report({ ok: true });
    expect(network.state).toBe('down');
    const believing = new SimulatedNetwork({ believesReports: true });
    believing.down();
    await believing.report({ ok: true });
    expect(believing).toMatchObject({ state: 'degraded', reason: 'checks-disagree' });
  });

  it('strands the work that is in flight, once', () => {
    const onStranded = vi.fn();
    network.track(onStranded);
    const release = network.track(onStranded);
    network.track();
    expect(network.tracked).toBe(3);
    release();
    network.strand('no-address');
    network.strand('no-address');
    expect(onStranded.mock.calls).toEqual([['no-address']]);
    expect(network.tracked).toBe(0);
  });

  it('goes on when a listener throws', () => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const listener = vi.fn();
    network.onChange(() => {
      throw new Error('a bug in a test');
    });
    network.onChange(listener);
    network.down();
    expect(listener).toHaveBeenCalledTimes(1);
    expect(warning).toHaveBeenCalledTimes(1);
    warning.mockRestore();
  });

  it.each([
    () => new SimulatedNetwork(JSON.parse('{"state":"off"}')),
    () => new SimulatedNetwork(JSON.parse('{"stat":"up"}')),
    () => new SimulatedNetwork({ believesReports: JSON.parse('1') }),
    () => network.down(JSON.parse('"rain"')),
    () => network.strand(JSON.parse('"rain"')),
    () => network.loseDestination('x:1', JSON.parse('"rain"')),
  ])('refuses wrong input: %s', (act) => {
    expect(act).toThrow(InvalidOptionError);
  });

  it('refuses to flap in no time that a timer can hold', async () => {
    await expect(network.flap({ times: 0, downFor: 1, upFor: 1 })).rejects.toThrow(InvalidOptionError);
    await expect(network.flap({ times: 1, downFor: -1, upFor: 1 })).rejects.toThrow(InvalidOptionError);
  });
});

describe('a simulated target', () => {
  it('is lost alone, and trials make no sense where the kernel has no way to it', () => {
    const target = network.target('sftp.example.com:22');
    const other = network.target('example.com:443');
    network.loseDestination('sftp.example.com:22');
    expect(target).toMatchObject({ state: 'down', reason: 'no-route', allowsTrials: false });
    expect([network.state, other.state]).toEqual(['up', 'up']);
    network.restoreDestination('sftp.example.com:22');
    expect(target).toMatchObject({ state: 'up', reason: 'reachable', allowsTrials: true });
    network.loseDestination('sftp.example.com:22', 'unreachable');
    expect(target).toMatchObject({ state: 'down', allowsTrials: true });
  });

  it('goes with the network, and stays lost when that returns', () => {
    const target = network.target('a:1');
    const lost = network.target('b:1');
    network.loseDestination('b:1');
    network.down();
    expect([target.state, lost.state]).toEqual(['down', 'down']);
    network.up();
    expect([target.state, lost.state]).toEqual(['up', 'down']);
  });

  it('is the same object each time, and lost from the start where the destination is', () => {
    network.loseDestination('a:1');
    expect(network.target('a:1').state).toBe('down');
    expect(network.target('a:1')).toBe(network.target('a:1'));
  });

  it('is had by code that does not know whether its network is a monitor', () => {
    const targetOf = (source: SimulatedNetwork | NetworkMonitor) => source.target('a:1', { via: 'proxy.example:3128' });
    network.loseDestination('a:1');
    expect(targetOf(network)).toMatchObject({ destination: 'a:1', state: 'down' });
  });

  it('is counted with the network', async () => {
    const target = network.target('a:1');
    network.loseDestination('a:1');
    const unsubscribe = target.onChange(() => {});
    const release = target.track?.(() => {});
    const waiting = target.waitForNetwork();
    expect(network).toMatchObject({ listeners: 1, tracked: 1, waiters: 1 });
    unsubscribe();
    release?.();
    network.restoreDestination('a:1');
    await waiting;
    expect(network).toMatchObject({ listeners: 0, tracked: 0, waiters: 0 });
    await target.report({ ok: true });
    expect(network.reports).toBe(1);
  });
});
