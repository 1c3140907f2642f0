import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NetworkMonitor, type NetworkMonitorOptions } from '../../../src/monitor/index.js';
import type { RouteLookup } from '../../../src/monitor/kernel-view.js';
import { address, FakeHost, link } from './fake-host.js';

const CHECK_A = '203.0.113.1';
const CHECK_B = '203.0.113.2';
const SERVICE = '203.0.113.80';
const OTHER = '203.0.113.81';
const failure = { ok: false, error: new Error('socket hang up') } as const;

let host: FakeHost;
let monitor: NetworkMonitor;

/** Started, with every check host answering and armed. */
async function startUp(options: NetworkMonitorOptions = {}): Promise<void> {
  host.answering.add(CHECK_A).add(CHECK_B);
  monitor = new NetworkMonitor({ checkHosts: [CHECK_A, CHECK_B], checkPorts: [443], ...options }, host.edges);
  await monitor.start();
  await vi.advanceTimersByTimeAsync(10);
  expect(monitor.state).toBe('up');
}

function silenceChecks(): void {
  host.answering.delete(CHECK_A);
  host.answering.delete(CHECK_B);
}

const asked = (address: string) => host.connects.filter((connect) => connect.startsWith(address)).length;
const untilSilenceCounts = () => vi.advanceTimersByTimeAsync(20_000);

beforeEach(() => {
  vi.useFakeTimers();
  host = new FakeHost();
});

afterEach(async () => {
  await monitor.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('a destination that work goes to', () => {
  it('is not asked while check hosts answer', async () => {
    host.answering.add(SERVICE);
    await startUp();
    monitor.target(`${SERVICE}:22`).track();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked(SERVICE)).toBe(0);
  });

  it('is asked when all check hosts are silent, and holds nobody up when it answers', async () => {
    host.answering.add(SERVICE);
    await startUp();
    const target = monitor.target(`${SERVICE}:22`);
    const heard: string[] = [];
    target.onChange(({ to, reason }) => heard.push(`${to} (${reason})`));
    silenceChecks();
    await untilSilenceCounts();
    expect(heard).toEqual(['up (reachable)', 'degraded (partly-unreachable)']);
    expect(host.connects).toContain(`${SERVICE}:22`);
  });

  it('speaks for the host, and for whatever else leaves by the same gateway', async () => {
    host.answering.add(SERVICE);
    await startUp();
    monitor.target(`${SERVICE}:22`).track();
    const other = monitor.target(`${OTHER}:22`);
    other.track();
    silenceChecks();
    await untilSilenceCounts();
    expect([monitor.state, other.state]).toEqual(['degraded', 'degraded']);
  });

  it('does not speak for the uplink when it is on the local network', async () => {
    host.answering.add(SERVICE);
    host.routes.set(SERVICE, { kind: 'route', ifIndex: 2, source: '192.0.2.10' });
    await startUp();
    const local = monitor.target(`${SERVICE}:22`);
    local.track();
    silenceChecks();
    await untilSilenceCounts();
    expect([monitor.state, local.state]).toEqual(['down', 'up']);
  });

  it('is down with the network when it is as silent as the check hosts', async () => {
    await startUp();
    const target = monitor.target(`${SERVICE}:22`);
    target.track();
    silenceChecks();
    await untilSilenceCounts();
    expect([target.state, target.reason]).toEqual(['down', 'unreachable']);
    expect(asked(SERVICE)).toBeGreaterThan(0);
  });

  it('is down as soon as it falls silent too', async () => {
    host.answering.add(SERVICE);
    await startUp();
    const target = monitor.target(`${SERVICE}:22`);
    target.track();
    silenceChecks();
    await untilSilenceCounts();
    expect(target.state).toBe('degraded');
    host.answering.delete(SERVICE);
    const reported = target.report(failure);
    await vi.advanceTimersByTimeAsync(4_000);
    await reported;
    expect(target.state).toBe('down');
  });

  it('ends a pause when it is the first to answer', async () => {
    await startUp();
    const target = monitor.target(`${SERVICE}:22`);
    silenceChecks();
    const release = target.track();
    await untilSilenceCounts();
    const waiting = target.waitForNetwork();
    host.answering.add(SERVICE);
    await vi.advanceTimersByTimeAsync(5_000);
    await waiting;
    expect(target.state).toBe('degraded');
    release();
  });

  it('is asked in the round that its own failing work causes, so that no verdict is passed without it', async () => {
    host.answering.add(SERVICE);
    await startUp();
    const target = monitor.target(`${SERVICE}:22`);
    target.track();
    silenceChecks();
    await vi.advanceTimersByTimeAsync(200);
    const reported = target.report(failure);
    await vi.advanceTimersByTimeAsync(4_000);
    await reported;
    expect(target.state).not.toBe('down');
  });

  it('is no witness where a URL is asked for, since a captive portal accepts every connect', async () => {
    host.answering.add(SERVICE).add(CHECK_A);
    monitor = new NetworkMonitor(
      { checkHosts: [{ url: `http://${CHECK_A}/generate_204` }] },
      { ...host.edges, httpCheck: () => host.edges.connect ?? (async () => ({ kind: 'reached' })) },
    );
    await monitor.start();
    await vi.advanceTimersByTimeAsync(10);
    const target = monitor.target(`${SERVICE}:22`);
    target.track();
    host.answering.delete(CHECK_A);
    await untilSilenceCounts();
    expect(target.state).toBe('down');
    expect(asked(SERVICE)).toBe(0);
  });

  it.each([
    ['no port is known', SERVICE, {}],
    ['the work is marked', `${SERVICE}:22`, { mark: 7 }],
    ['the work is bound to an interface', `${SERVICE}:22`, { interface: 'eth0' }],
    ['that is not wanted', `${SERVICE}:22`, { askDestination: false }],
  ])('is not asked where %s', async (_case, destination, options) => {
    host.answering.add(SERVICE);
    await startUp();
    const target = monitor.target(destination, options);
    target.track();
    silenceChecks();
    await untilSilenceCounts();
    expect(target.state).toBe('down');
    expect(asked(SERVICE)).toBe(0);
  });

  it('is asked from the address that the work is bound to', async () => {
    const sources: (string | undefined)[] = [];
    const { connect } = host.edges;
    host.answering.add(CHECK_A);
    monitor = new NetworkMonitor(
      { checkHosts: [CHECK_A], checkPorts: [443] },
      {
        ...host.edges,
        connect: (target) => {
          if (target.address === SERVICE) sources.push(target.source);
          return connect?.(target) ?? Promise.resolve({ kind: 'reached' });
        },
      },
    );
    await monitor.start();
    await vi.advanceTimersByTimeAsync(10);
    monitor.target(`${SERVICE}:22`, { source: '192.0.2.10' }).track();
    host.answering.delete(CHECK_A);
    await untilSilenceCounts();
    expect(new Set(sources)).toEqual(new Set(['192.0.2.10']));
  });

  it('costs a bounded number of connects however many there are', async () => {
    await startUp();
    for (let last = 1; last <= 100; last += 1) monitor.target(`198.51.100.${last}:22`).track();
    silenceChecks();
    await vi.advanceTimersByTimeAsync(13_500);
    const rounds = asked(CHECK_A) - 2;
    expect(host.connects.filter((connect) => connect.startsWith('198.51.100.')).length).toBeLessThanOrEqual(
      32 * rounds,
    );
  });
});

describe('a destination behind a gateway of its own', () => {
  const BEHIND = '198.51.100.80';
  const other: RouteLookup = { kind: 'route', ifIndex: 3, gateway: '198.51.100.1', source: '198.51.100.10' };

  beforeEach(() => {
    host.links.set(3, link({ index: 3, name: 'eth1' }));
    host.addresses.push(address(3, '198.51.100.10'));
    host.routes.set(CHECK_B, other);
    host.routes.set(BEHIND, other);
  });

  it('is down when those behind that gateway are silent, whoever answers elsewhere', async () => {
    await startUp();
    const target = monitor.target(`${BEHIND}:22`);
    target.track();
    host.answering.delete(CHECK_B);
    await untilSilenceCounts();
    expect([target.state, monitor.state]).toEqual(['down', 'degraded']);
    expect(asked(BEHIND)).toBeGreaterThan(0);
  });

  it('is found to be down within one round by its own failing work, whoever answers elsewhere', async () => {
    await startUp();
    const target = monitor.target(`${BEHIND}:22`);
    target.track();
    host.answering.delete(CHECK_B);
    await vi.advanceTimersByTimeAsync(200);
    const reported = target.report(failure);
    await vi.advanceTimersByTimeAsync(3_100);
    await reported;
    expect(target.state).toBe('down');
  });

  it('keeps no work waiting that fails where nobody behind its gateway could be asked', async () => {
    await startUp({ checkHosts: [CHECK_A] });
    const target = monitor.target(`${BEHIND}:22`);
    target.track();
    await vi.advanceTimersByTimeAsync(200);
    await target.report(failure);
    expect(target.state).toBe('up');
  });

  it('keeps its word when somebody answers elsewhere, round after round', async () => {
    host.answering.add(BEHIND);
    host.rtts.set(BEHIND, 40);
    await startUp();
    const target = monitor.target(`${BEHIND}:22`);
    const heard: string[] = [];
    target.onChange(({ to }) => heard.push(to));
    host.answering.delete(CHECK_B);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(heard).toEqual(['up', 'degraded']);
  });

  it('is asked, however many others there are behind the other gateway', async () => {
    host.answering.add(BEHIND);
    await startUp();
    for (let last = 1; last <= 40; last += 1) monitor.target(`192.0.2.${100 + last}:22`).track();
    const target = monitor.target(`${BEHIND}:22`);
    target.track();
    silenceChecks();
    await untilSilenceCounts();
    expect(asked(BEHIND)).toBeGreaterThan(0);
    expect(target.state).toBe('degraded');
  });
});

describe('what a destination has said', () => {
  it('is forgotten when check hosts have answered, also while nobody watched it', async () => {
    await startUp();
    const target = monitor.target(`${SERVICE}:22`);
    const release = target.track();
    silenceChecks();
    await untilSilenceCounts();
    await target.report({ ok: true });
    release();
    host.answering.add(CHECK_A).add(CHECK_B);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(monitor.state).toBe('up');
    silenceChecks();
    await untilSilenceCounts();
    target.track();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(target.state).toBe('down');
  });

  it('is taken back by its work that fails', async () => {
    monitor = new NetworkMonitor({ checkHosts: [CHECK_A], checkPorts: [443], trustCheckHosts: true }, host.edges);
    await monitor.start();
    const target = monitor.target(`${SERVICE}:22`);
    target.track();
    await untilSilenceCounts();
    await target.report({ ok: true });
    expect(target.state).toBe('degraded');
    const reported = target.report(failure);
    await vi.advanceTimersByTimeAsync(20_000);
    await reported;
    expect(target.state).toBe('down');
  });

  it('is no witness any more once it is not asked in its turn', async () => {
    host.answering.add(SERVICE);
    await startUp();
    const target = monitor.target(`${SERVICE}:22`);
    let release = target.track();
    silenceChecks();
    await untilSilenceCounts();
    expect(target.state).toBe('degraded');
    for (let last = 1; last <= 40; last += 1) monitor.target(`198.51.100.${last}:22`).track();
    release();
    release = target.track();
    host.answering.delete(SERVICE);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(monitor.state).toBe('down');
    release();
  });
});

describe('work that begins in a long silence', () => {
  it('is not held until the next round when its destination answers', async () => {
    host.answering.add(SERVICE);
    await startUp({ checkInterval: 60_000 });
    const silent = monitor.target(`${OTHER}:22`, { askDestination: false });
    silent.track();
    silenceChecks();
    await vi.advanceTimersByTimeAsync(900_000);
    expect(silent.state).toBe('down');
    const waiting = monitor.target(`${SERVICE}:22`).waitForNetwork();
    await vi.advanceTimersByTimeAsync(50);
    await waiting;
  });
});

describe('checks that this machine cannot make any more', () => {
  it('are not repeated without a pause to confirm a silence', async () => {
    await startUp();
    const target = monitor.target(`${SERVICE}:22`, { askDestination: false });
    target.track();
    silenceChecks();
    await vi.advanceTimersByTimeAsync(11_000);
    host.outcomes.set(CHECK_A, { kind: 'no-evidence', code: 'EMFILE' });
    host.outcomes.set(CHECK_B, { kind: 'no-evidence', code: 'EMFILE' });
    host.rtts.set(CHECK_A, 0).set(CHECK_B, 0);
    const before = host.connects.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(host.connects.length - before).toBeLessThan(40);
  });
});

describe('rounds that overlap', () => {
  it('count one moment of silence once', async () => {
    await startUp();
    const heard: string[] = [];
    monitor.on('state', ({ to }) => heard.push(to));
    await vi.advanceTimersByTimeAsync(1_000);
    silenceChecks();
    void monitor.check();
    void monitor.check();
    await vi.advanceTimersByTimeAsync(2_900);
    host.answering.add(CHECK_A).add(CHECK_B);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(heard).not.toContain('down');
  });
});

describe('work that fails for lack of a source address', () => {
  it('has the kernel asked, and nobody else', async () => {
    await startUp();
    await vi.advanceTimersByTimeAsync(1_000);
    const before = host.connects.length;
    await monitor.report({ ok: false, error: Object.assign(new Error('bind'), { code: 'EADDRNOTAVAIL' }) });
    expect(host.connects.length).toBe(before);
    expect(host.refreshed.length).toBeGreaterThan(0);
  });
});
