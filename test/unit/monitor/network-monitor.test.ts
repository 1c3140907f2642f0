import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionError, MonitorStoppedError, OutageTimeoutError } from '../../../src/errors/index.js';
import { NetworkMonitor, type NetworkMonitorOptions } from '../../../src/monitor/index.js';
import { address, FakeHost } from './fake-host.js';

const CHECK_A = '203.0.113.1';
const CHECK_B = '203.0.113.2';
const failure = { ok: false, error: new Error('socket hang up') } as const;

let host: FakeHost;
let monitor: NetworkMonitor;
let changes: string[];

async function start(options: NetworkMonitorOptions = {}): Promise<void> {
  monitor = new NetworkMonitor({ checkHosts: [CHECK_A, CHECK_B], checkPorts: [443], ...options }, host.edges);
  changes = [];
  monitor.on('state', ({ from, to, reason }) => changes.push(`${from} → ${to} (${reason})`));
  await monitor.start();
}

/** Started, with every check host answering and armed. */
async function startUp(options: NetworkMonitorOptions = {}): Promise<void> {
  host.answering.add(CHECK_A).add(CHECK_B);
  await start(options);
  await vi.advanceTimersByTimeAsync(10);
  expect(monitor.state).toBe('up');
  changes.length = 0;
}

beforeEach(() => {
  vi.useFakeTimers();
  host = new FakeHost();
});

afterEach(async () => {
  await monitor?.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('NetworkMonitor: from start to the first verdict', () => {
  it('knows nothing before it is started', async () => {
    monitor = new NetworkMonitor({}, host.edges);
    expect(monitor.state).toBe('unknown');
    expect(monitor.isUp()).toBe(false);
    expect(monitor.snapshot()).toMatchObject({ reason: 'not-judged', source: 'none', checks: [] });
    await expect(monitor.waitForNetwork()).rejects.toBeInstanceOf(MonitorStoppedError);
    await expect(monitor.check()).rejects.toBeInstanceOf(MonitorStoppedError);
  });

  it('is up when every check host answers', async () => {
    host.answering.add(CHECK_A).add(CHECK_B);
    await start();
    expect(monitor.state).toBe('unknown');
    await vi.advanceTimersByTimeAsync(5);
    expect(changes).toEqual(['unknown → up (reachable)']);
    expect(monitor.isUp()).toBe(true);
    expect(monitor.snapshot()).toMatchObject({
      state: 'up',
      source: 'netlink',
      egress: { interface: 'eth0', gateway: '192.0.2.1' },
      checks: [
        { host: CHECK_A, port: 443, reachable: true },
        { host: CHECK_B, port: 443, reachable: true },
      ],
    });
  });

  it('is up at the first answer and degraded once another host has stayed silent', async () => {
    host.answering.add(CHECK_A);
    await start();
    await vi.advanceTimersByTimeAsync(5);
    expect(changes).toEqual(['unknown → up (reachable)']);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(changes.at(-1)).toBe('up → degraded (partly-unreachable)');
  });

  it('is degraded, never down, when no check host has ever answered here', async () => {
    await start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(changes).toEqual(['unknown → degraded (unverified)']);
    await expect(monitor.waitForNetwork()).resolves.toBeUndefined();
  });

  it('is down from the start when the check hosts are declared trustworthy and stay silent twice', async () => {
    await start({ trustCheckHosts: true });
    await vi.advanceTimersByTimeAsync(3_001);
    expect(monitor.state).toBe('unknown');
    await vi.advanceTimersByTimeAsync(3_010);
    expect(changes).toEqual(['unknown → down (unreachable)']);
  });

  it('is down at once when the uplink has no carrier', async () => {
    host.pullCable();
    await start();
    expect(changes).toEqual(['unknown → down (no-carrier)']);
    expect(host.connects).toEqual([]);
  });

  it('is up by the path alone without check hosts, and sends nothing', async () => {
    await start({ checkHosts: [] });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(changes).toEqual(['unknown → up (path)']);
    expect(host.connects).toEqual([]);
    host.pullCable();
    expect(monitor.reason).toBe('no-carrier');
    host.plugIn();
    await vi.advanceTimersByTimeAsync(10);
    expect(monitor.state).toBe('up');
  });

  it('is not held down by checks that this machine cannot make', async () => {
    await startUp();
    host.pullCable();
    host.outcomes.set(CHECK_A, { kind: 'no-evidence', code: 'EMFILE' });
    host.outcomes.set(CHECK_B, { kind: 'no-evidence', code: 'EMFILE' });
    const waiting = monitor.waitForNetwork();
    await vi.advanceTimersByTimeAsync(100);
    host.plugIn();
    await vi.advanceTimersByTimeAsync(5_000);
    await waiting;
    expect(changes.at(-1)).toBe('down → degraded (unverified)');
  });

  it('does not take a host that it cannot ask for one that might still answer', async () => {
    host.outcomes.set(CHECK_B, { kind: 'no-evidence', code: 'EACCES' });
    await startUp();
    host.answering.clear();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(monitor.reason).toBe('unreachable');
  });

  it('does not take a name that is not resolved yet for a silent host, trusted or not', async () => {
    let answer = (_: readonly string[]) => {};
    const edges = {
      ...host.edges,
      resolveName: () =>
        new Promise<readonly string[]>((resolve) => {
          answer = resolve;
        }),
    };
    monitor = new NetworkMonitor({ checkHosts: ['check.example.com'], trustCheckHosts: true }, edges);
    await monitor.start();
    await vi.advanceTimersByTimeAsync(1_500);
    expect(monitor.state).not.toBe('down');
    host.answering.add(CHECK_A);
    answer([CHECK_A]);
    await vi.advanceTimersByTimeAsync(100);
    expect(monitor.state).toBe('up');
  });

  it('concludes nothing from checks that this machine could not even make', async () => {
    await startUp();
    host.outcomes.set(CHECK_A, { kind: 'no-evidence', code: 'EMFILE' });
    host.outcomes.set(CHECK_B, { kind: 'no-evidence', code: 'EMFILE' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(changes).toEqual([]);
  });

  it('checks all hosts and ports at once', async () => {
    await start({ checkPorts: [53, 443] });
    await vi.advanceTimersByTimeAsync(1);
    expect(host.connects.sort()).toEqual([`${CHECK_A}:443`, `${CHECK_A}:53`, `${CHECK_B}:443`, `${CHECK_B}:53`]);
  });
});

describe('NetworkMonitor: the path', () => {
  it.each([
    ['no-carrier', () => host.pullCable(), () => host.plugIn()],
    ['no-route', () => host.loseRoute(), () => host.findRoute()],
    [
      'no-address',
      () => host.removeAddresses(),
      () => {
        host.addresses.push(address(2, '192.0.2.10'));
        host.findRoute();
      },
    ],
    [
      'link-down',
      () => host.setLink({ index: 2, adminUp: false, carrier: false, operState: 'down' }),
      () => host.setLink({ index: 2, adminUp: true, carrier: true, operState: 'up' }),
    ],
  ] as const)('is down by %s at once, and up again by the first answer', async (reason, lose, restore) => {
    await startUp();
    lose();
    expect(changes).toEqual([`up → down (${reason})`]);
    await vi.advanceTimersByTimeAsync(100);
    restore();
    expect(monitor.state).toBe('down');
    await vi.advanceTimersByTimeAsync(host.rtt);
    expect(changes).toEqual([`up → down (${reason})`, 'down → up (reachable)']);
  });

  it('does not care for interfaces that no destination is reached by', async () => {
    await startUp();
    const connects = host.connects.length;
    for (let count = 0; count < 100; count += 1) {
      host.setLink({ index: 50, name: 'veth50', carrier: count % 2 === 0 });
      await vi.advanceTimersByTimeAsync(7);
    }
    host.removeLink(50);
    expect(changes).toEqual([]);
    expect(host.connects.length).toBe(connects);
  });

  it.each([
    ['link-down', () => host.setLink({ index: 2, adminUp: false })],
    ['no-address', () => host.removeAddresses()],
  ])('hears what took a route (%s) before it says why there is none', async (reason, tell) => {
    await startUp();
    host.unheard.push(tell);
    host.loseRoute();
    expect(monitor.reason).toBe(reason);
  });

  it('judges the first event of a burst at once and the rest together, never later than 10 ms', async () => {
    await startUp();
    host.setLink({ index: 50, name: 'veth50' });
    host.loseRoute();
    expect(monitor.state).toBe('up');
    for (let passed = 0; passed < 9; passed += 1) {
      await vi.advanceTimersByTimeAsync(1);
      host.setLink({ index: 50, carrier: passed % 2 === 0 });
    }
    await vi.advanceTimersByTimeAsync(1);
    expect(monitor.reason).toBe('no-route');
  });

  it('does not miss a carrier that goes and comes within the 10 ms of a burst', async () => {
    await startUp();
    host.setLink({ index: 50, name: 'veth50' });
    host.pullCable();
    host.plugIn();
    await vi.advanceTimersByTimeAsync(20);
    expect(changes).toEqual(['up → down (no-carrier)', 'down → up (reachable)']);
  });

  it('keeps asking quickly while the path is back and nobody answers yet', async () => {
    await startUp({ checkInterval: 60_000 });
    host.answering.clear();
    host.pullCable();
    await vi.advanceTimersByTimeAsync(100);
    const waiting = monitor.waitForNetwork();
    host.plugIn();
    await vi.advanceTimersByTimeAsync(1_500);
    expect(monitor.state).toBe('down');
    host.answering.add(CHECK_A);
    await vi.advanceTimersByTimeAsync(1_001);
    await waiting;
    expect(changes.at(-1)).toBe('down → up (reachable)');
  });

  it('releases at once on a network where no check host has answered before', async () => {
    await startUp();
    host.pullCable();
    await vi.advanceTimersByTimeAsync(100);
    host.answering.clear();
    host.setLink({ index: 3, name: 'wlan0' });
    host.findRoute({ kind: 'route', ifIndex: 3, gateway: '198.51.100.1', source: '198.51.100.7' });
    await vi.advanceTimersByTimeAsync(10);
    expect(changes.at(-1)).toBe('down → degraded (unverified)');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(monitor.state).toBe('degraded');
  });

  it('goes on when the way out fails over to another interface', async () => {
    await startUp();
    host.setLink({ index: 3, name: 'eth1' });
    host.findRoute({ kind: 'route', ifIndex: 3, gateway: '198.51.100.1', source: '198.51.100.7' });
    host.pullCable();
    await vi.advanceTimersByTimeAsync(20);
    expect(changes).toEqual([]);
    expect(monitor.snapshot().egress).toMatchObject({ interface: 'eth1' });
  });

  it('does not count an interface that is not asked for', async () => {
    await startUp({ interfaces: ['eth0'] });
    host.setLink({ index: 3, name: 'eth1' });
    host.findRoute({ kind: 'route', ifIndex: 3, source: '198.51.100.7' });
    await vi.advanceTimersByTimeAsync(20);
    expect(monitor.state).toBe('down');
  });
});

describe('NetworkMonitor: reach', () => {
  it('is down after a silent round and a quick second one', async () => {
    await startUp();
    host.answering.clear();
    await vi.advanceTimersByTimeAsync(10_000 + 3_000);
    expect(monitor.state).toBe('up');
    await vi.advanceTimersByTimeAsync(3_100);
    expect(changes).toEqual(['up → down (unreachable)']);
  });

  it('forgives one silent round', async () => {
    await startUp();
    host.answering.clear();
    await vi.advanceTimersByTimeAsync(10_000 + 2_900);
    host.answering.add(CHECK_A).add(CHECK_B);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(changes).toEqual([]);
  });

  it('is up again within a second of the first answer while somebody waits, however long the interval', async () => {
    await startUp({ checkInterval: 30_000 });
    host.answering.clear();
    await vi.advanceTimersByTimeAsync(37_000);
    expect(monitor.state).toBe('down');
    const waiting = monitor.waitForNetwork();
    host.answering.add(CHECK_B);
    await vi.advanceTimersByTimeAsync(1_001);
    await waiting;
    expect(changes.at(-1)).toBe('down → up (reachable)');
  });

  it('asks one round after the other while nobody waits, since a pending connect keeps the process alive', async () => {
    await startUp({ checkHosts: [CHECK_A] });
    host.answering.clear();
    await vi.advanceTimersByTimeAsync(17_000);
    expect(monitor.state).toBe('down');
    host.connects.length = 0;
    await vi.advanceTimersByTimeAsync(9_000);
    expect(host.connects.length).toBeLessThanOrEqual(3);
    const waiting = monitor.waitForNetwork();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(host.connects.length).toBeGreaterThan(5);
    host.answering.add(CHECK_A);
    await vi.advanceTimersByTimeAsync(1_000);
    await waiting;
  });

  it('asks ever less often when an outage lasts', async () => {
    await startUp({ checkHosts: [CHECK_A] });
    host.answering.clear();
    await vi.advanceTimersByTimeAsync(600_000);
    host.connects.length = 0;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(host.connects.length).toBeLessThanOrEqual(7);
  });

  it('is degraded and not down when the check hosts fall silent on a network where they never answered', async () => {
    await startUp();
    host.answering.clear();
    host.findRoute({ kind: 'route', ifIndex: 2, gateway: '192.0.2.254', source: '192.0.2.10' });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(changes).toEqual(['up → degraded (unverified)']);
  });

  it('emits a finished round without a change only where that is asked for', async () => {
    await startUp({ notifyOnChange: false });
    await vi.advanceTimersByTimeAsync(10_010);
    expect(changes).toEqual(['up → up (reachable)']);
  });

  it('checks on demand and resolves with what is known then', async () => {
    await startUp();
    const checks: string[] = [];
    monitor.on('check', ({ host: name, port, reachable }) => checks.push(`${name}:${port} ${reachable}`));
    const checked = monitor.check();
    await vi.advanceTimersByTimeAsync(5);
    expect(await checked).toMatchObject({ state: 'up' });
    expect(checks).toEqual([`${CHECK_A}:443 true`, `${CHECK_B}:443 true`]);
  });
});

describe('NetworkMonitor: work', () => {
  it('looks at once when work fails, and finds a lost path without sending anything', async () => {
    await startUp();
    await vi.advanceTimersByTimeAsync(1_000);
    const connects = host.connects.length;
    // The kernel holds events back for up to a second; the look must not depend on them.
    host.links.set(2, { index: 2, name: 'eth0', loopback: false, adminUp: true, carrier: false, operState: 'down' });
    await monitor.report(failure);
    expect(monitor.reason).toBe('no-carrier');
    expect(host.refreshed).toContain(2);
    expect(host.connects.length).toBe(connects);
  });

  it('resolves at the first answer, so that a failing server costs one round trip', async () => {
    await startUp();
    await vi.advanceTimersByTimeAsync(1_000);
    let looked = false;
    void monitor.report(failure).then(() => {
      looked = true;
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(looked).toBe(false);
    await vi.advanceTimersByTimeAsync(host.rtt);
    expect(looked).toBe(true);
    expect(changes).toEqual([]);
  });

  it('finds the check hosts silent in one round, since the failed work is the second witness', async () => {
    await startUp();
    await vi.advanceTimersByTimeAsync(1_000);
    host.answering.clear();
    const reported = monitor.report(failure);
    await vi.advanceTimersByTimeAsync(3_001);
    await reported;
    expect(changes).toEqual(['up → down (unreachable)']);
  });

  it('looks once for a thousand failures', async () => {
    await startUp();
    await vi.advanceTimersByTimeAsync(1_000);
    host.connects.length = 0;
    const reports = Array.from({ length: 1_000 }, () => monitor.report(failure));
    await vi.advanceTimersByTimeAsync(10);
    await Promise.all(reports);
    expect(host.connects.length).toBe(2);
  });

  it('does not keep failing work waiting where no check host is armed', async () => {
    await start();
    await vi.advanceTimersByTimeAsync(7_000);
    host.connects.length = 0;
    await monitor.report(failure);
    expect(monitor.state).toBe('degraded');
    expect(host.connects).toEqual([]);
  });

  it('asks the check hosts again at once when work succeeds while they are silent, since the network may have just come back', async () => {
    await startUp({ checkInterval: 60_000 });
    host.answering.clear();
    await vi.advanceTimersByTimeAsync(1_000);
    const failed = monitor.report(failure);
    await vi.advanceTimersByTimeAsync(4_000);
    await failed;
    expect(monitor.state).toBe('down');
    await vi.advanceTimersByTimeAsync(600_000);
    host.answering.add(CHECK_A).add(CHECK_B);
    await monitor.report({ ok: true });
    expect(monitor.state).toBe('degraded');
    await vi.advanceTimersByTimeAsync(10);
    expect(monitor.state).toBe('up');
  });

  it('is degraded when work succeeds while the checks say down, and takes their word from them', async () => {
    await startUp();
    host.answering.clear();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(monitor.state).toBe('down');
    const waiting = monitor.waitForNetwork();
    await monitor.report({ ok: true });
    await waiting;
    expect(changes.at(-1)).toBe('down → degraded (checks-disagree)');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(monitor.state).toBe('degraded');
    host.answering.add(CHECK_A).add(CHECK_B);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(monitor.state).toBe('up');
    host.answering.clear();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(monitor.reason).toBe('unreachable');
  });

  it('takes that back when other work fails', async () => {
    await startUp();
    host.loseRoute();
    await monitor.report({ ok: true });
    expect(monitor.state).toBe('degraded');
    await monitor.report(failure);
    expect(monitor.reason).toBe('no-route');
  });

  it('believes work over a missing path until the path changes', async () => {
    await startUp();
    host.loseRoute();
    await monitor.report({ ok: true });
    expect(monitor.reason).toBe('checks-disagree');
    host.tell([]);
    await vi.advanceTimersByTimeAsync(20);
    expect(monitor.reason).toBe('checks-disagree');
    host.pullCable();
    await vi.advanceTimersByTimeAsync(20);
    expect(monitor.reason).toBe('no-carrier');
  });

  it('does nothing about success while nothing is down', async () => {
    await startUp();
    await monitor.report({ ok: true });
    expect(changes).toEqual([]);
  });
});

describe('NetworkMonitor: work in flight', () => {
  const stranded = vi.fn();
  beforeEach(() => stranded.mockReset());

  function renumber(): void {
    host.addresses.length = 0;
    host.addresses.push(address(2, '192.0.2.99'));
    host.findRoute({ kind: 'route', ifIndex: 2, gateway: '192.0.2.1', source: '192.0.2.99' });
  }

  it('is told when the source address that it began with is gone for good', async () => {
    await startUp();
    monitor.track(stranded);
    renumber();
    await vi.advanceTimersByTimeAsync(300);
    expect(stranded).toHaveBeenCalledExactlyOnceWith('no-address');
  });

  it('is not told when the address is put back in a moment', async () => {
    await startUp();
    monitor.track(stranded);
    renumber();
    await vi.advanceTimersByTimeAsync(100);
    host.addresses.push(address(2, '192.0.2.10'));
    host.findRoute();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stranded).not.toHaveBeenCalled();
  });

  it('is not told once it has ended, nor work that began afterwards', async () => {
    await startUp();
    const release = monitor.track(stranded);
    renumber();
    await vi.advanceTimersByTimeAsync(50);
    release();
    monitor.track(stranded);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stranded).not.toHaveBeenCalled();
  });

  it('is not told where the host has a second way out that it might have taken', async () => {
    await startUp();
    host.setLink({ index: 3, name: 'eth1' });
    await vi.advanceTimersByTimeAsync(20);
    monitor.track(stranded);
    renumber();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stranded).not.toHaveBeenCalled();
  });

  it('to a known destination is told of that one', async () => {
    await startUp();
    const target = monitor.target('198.51.100.80:22');
    host.setLink({ index: 3, name: 'eth1' });
    host.routes.set('198.51.100.80', { kind: 'route', ifIndex: 3, source: '192.0.2.33' });
    host.addresses.push(address(3, '192.0.2.33'));
    const release = target.track(stranded);
    renumber();
    host.addresses.push(address(3, '192.0.2.33'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stranded).not.toHaveBeenCalled();
    host.routes.delete('198.51.100.80');
    host.setLink({ index: 3, carrier: false });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stranded).toHaveBeenCalledExactlyOnceWith('no-carrier');
    release();
  });
});

describe('NetworkMonitor: waiting', () => {
  beforeEach(async () => {
    await startUp();
  });

  it.each([
    ['up', () => {}],
    ['degraded', () => host.outcomes.set(CHECK_A, { kind: 'silent', code: 'ETIMEDOUT' })],
  ] as const)('resolves at once while the state is %s', async (state, prepare) => {
    prepare();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(monitor.state).toBe(state);
    await expect(monitor.waitForNetwork()).resolves.toBeUndefined();
  });

  it('resolves at once while nothing has been judged yet', async () => {
    await monitor.stop();
    await monitor.start();
    expect(monitor.state).toBe('unknown');
    await expect(monitor.waitForNetwork()).resolves.toBeUndefined();
  });

  it('takes a thousand waits on one signal without a warning of leaks', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    host.pullCable();
    const controller = new AbortController();
    const waits = Array.from({ length: 1_000 }, () => monitor.waitForNetwork({ signal: controller.signal }));
    const settled = Promise.allSettled(waits);
    await vi.advanceTimersByTimeAsync(0);
    controller.abort();
    expect((await settled).every(({ status }) => status === 'rejected')).toBe(true);
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  it('resolves at the first answer after an outage', async () => {
    host.pullCable();
    const waiting = monitor.waitForNetwork();
    await vi.advanceTimersByTimeAsync(5_000);
    host.plugIn();
    await vi.advanceTimersByTimeAsync(host.rtt);
    await expect(waiting).resolves.toBeUndefined();
  });

  it("rejects with the signal's reason, also when that is aborted already", async () => {
    host.pullCable();
    const controller = new AbortController();
    const waiting = monitor.waitForNetwork({ signal: controller.signal });
    const reason = new Error('the user left');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(monitor.waitForNetwork({ signal: controller.signal })).rejects.toBe(reason);
  });

  it('rejects after its timeout', async () => {
    host.pullCable();
    const waiting = monitor.waitForNetwork({ timeout: 2_000 });
    const settled = expect(waiting).rejects.toBeInstanceOf(OutageTimeoutError);
    await vi.advanceTimersByTimeAsync(2_000);
    await settled;
  });

  it.each([{ timeout: -1 }, { timeout: '1s' }, { signal: {} }, { signals: 1 }])('refuses %o', async (options) => {
    await expect(Reflect.apply(monitor.waitForNetwork, monitor, [options])).rejects.toBeInstanceOf(InvalidOptionError);
  });

  it('settles every waiter with an error when the monitor is stopped', async () => {
    host.pullCable();
    const waiters = Array.from({ length: 100 }, () => monitor.waitForNetwork());
    const settled = Promise.allSettled(waiters);
    await monitor.stop();
    for (const result of await settled) {
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(MonitorStoppedError) });
    }
    expect(monitor.snapshot()).toMatchObject({ state: 'unknown', reason: 'stopped', source: 'none' });
  });
});

describe('NetworkMonitor: the reason for an outage', () => {
  it('is told to listeners when it changes, since it decides how long an attempt may hang', async () => {
    await startUp();
    const reasons: string[] = [];
    monitor.onChange(({ from, to, reason }) => reasons.push(`${from} → ${to} (${reason})`));
    host.answering.clear();
    await vi.advanceTimersByTimeAsync(20_000);
    host.pullCable();
    await vi.advanceTimersByTimeAsync(20);
    expect(reasons).toEqual(['up → down (unreachable)', 'down → down (no-carrier)']);
    expect(changes).toEqual(['up → down (unreachable)']);
  });
});

describe('NetworkMonitor: life', () => {
  it('can be started and stopped again and again', async () => {
    host.answering.add(CHECK_A).add(CHECK_B);
    await start();
    for (let count = 0; count < 3; count += 1) {
      await vi.advanceTimersByTimeAsync(5);
      expect(monitor.state).toBe('up');
      await monitor.stop();
      await monitor.stop();
      expect(monitor.state).toBe('unknown');
      await monitor.start();
      await monitor.start();
    }
    expect(host.closed).toBe(3);
  });

  it('leaves nothing open when it is stopped while it starts', async () => {
    monitor = new NetworkMonitor({ checkHosts: [CHECK_A] }, host.edges);
    const starting = monitor.start();
    const stopping = monitor.stop();
    await Promise.all([starting, stopping]);
    expect(host.closed).toBe(1);
    expect(monitor.snapshot().source).toBe('none');
  });

  it('warns once when work relies on it although nobody has started it', () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    monitor = new NetworkMonitor({ checkHosts: [CHECK_A] }, host.edges);
    monitor.track()();
    monitor.target('198.51.100.80').track()();
    expect(warned.mock.calls.map(([text]) => text)).toEqual([expect.stringContaining('call start()')]);
    warned.mockRestore();
  });

  it('tells everybody in the order in which things happen, also when a listener stops it', async () => {
    await startUp();
    const target = monitor.target('198.51.100.80');
    target.onChange(() => {});
    const heard: string[] = [];
    monitor.onChange(({ to }) => {
      if (to === 'down') void monitor.stop();
    });
    monitor.onChange(({ to, reason }) => heard.push(`${to} (${reason})`));
    host.pullCable();
    expect(heard).toEqual(['down (no-carrier)', 'unknown (stopped)']);
    expect(changes.at(-1)).toBe('down → unknown (stopped)');
    expect(target.state).toBe('unknown');
  });

  it('is not harmed by a listener that throws', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await startUp();
    const later = vi.fn();
    monitor.onChange(() => {
      throw new Error('from a listener');
    });
    monitor.on('state', () => {
      throw new Error('from another');
    });
    monitor.onChange(later);
    monitor.on('state', later);
    host.pullCable();
    expect(later).toHaveBeenCalledTimes(2);
    expect(warned).toHaveBeenCalledTimes(2);
    await monitor.stop();
    warned.mockRestore();
  });

  it('does not crash on an error that nobody listens for', async () => {
    await startUp();
    host.fail(new Error('the socket broke'));
    const heard = vi.fn();
    monitor.on('error', heard);
    host.fail(new Error('again'));
    expect(heard).toHaveBeenCalledOnce();
  });
});

describe('NetworkMonitor.target', () => {
  it('is down by its own path while the host as a whole is up', async () => {
    await startUp();
    const target = monitor.target('198.51.100.80:22');
    expect(target.state).toBe('up');
    const heard: string[] = [];
    const unsubscribe = target.onChange(({ to, reason }) => heard.push(`${to} (${reason})`));
    host.routes.set('198.51.100.80', { kind: 'refused', code: 'EHOSTUNREACH' });
    host.tell([]);
    await vi.advanceTimersByTimeAsync(20);
    expect(heard).toEqual(['down (no-route)']);
    expect(target.allowsTrials).toBe(false);
    expect(monitor.state).toBe('up');
    const waiting = target.waitForNetwork();
    host.routes.delete('198.51.100.80');
    host.tell([]);
    await vi.advanceTimersByTimeAsync(20);
    await waiting;
    expect(heard.at(-1)).toBe('up (reachable)');
    unsubscribe();
  });

  it('goes on to the local network while the uplink is gone', async () => {
    await startUp();
    const target = monitor.target('192.0.2.50');
    host.routes.set('192.0.2.50', { kind: 'route', ifIndex: 2, source: '192.0.2.10' });
    host.loseRoute();
    expect(monitor.state).toBe('down');
    expect(target.state).toBe('up');
  });

  it('is down when every armed check host behind the same egress and gateway is silent', async () => {
    await startUp();
    const beside = monitor.target('198.51.100.80');
    const elsewhere = monitor.target('198.51.100.90');
    host.setLink({ index: 3, name: 'eth1' });
    host.routes.set('198.51.100.90', { kind: 'route', ifIndex: 3, source: '192.0.2.33' });
    host.answering.clear();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(beside.reason).toBe('unreachable');
    expect(beside.allowsTrials).toBe(true);
    expect(elsewhere.state).toBe('up');
  });

  it('is released by its own work that gets through', async () => {
    await startUp();
    const target = monitor.target('198.51.100.80');
    host.answering.clear();
    await vi.advanceTimersByTimeAsync(20_000);
    const waiting = target.waitForNetwork();
    await target.report({ ok: true });
    await waiting;
    expect(target.reason).toBe('checks-disagree');
  });

  it.each([
    ['silent', () => host.answering.clear(), 'unreachable'],
    ['without a carrier', () => host.pullCable(), 'no-carrier'],
  ])('says nothing of an uplink that is %s when its work gets through by another way', async (_, lose, reason) => {
    host.setLink({ index: 3, name: 'eth1' });
    host.routes.set('198.51.100.90', { kind: 'route', ifIndex: 3, source: '192.0.2.33' });
    await startUp();
    lose();
    await vi.advanceTimersByTimeAsync(20_000);
    await monitor.target('198.51.100.90').report({ ok: true });
    expect([monitor.state, monitor.reason]).toEqual(['down', reason]);
    await monitor.target('198.51.100.80').report({ ok: true });
    expect(monitor.state).toBe('degraded');
  });

  it('does not remember what it was when somebody asked long ago', async () => {
    await startUp();
    const target = monitor.target('198.51.100.80');
    host.pullCable();
    expect(target.state).toBe('down');
    host.plugIn();
    await vi.advanceTimersByTimeAsync(3_600_000);
    host.findRoute({ kind: 'route', ifIndex: 2, gateway: '192.0.2.254', source: '192.0.2.10' });
    expect(target.state).toBe('up');
  });

  it('asks for a name once, not for every piece of work', async () => {
    host.names.set('sftp.example.com', ['198.51.100.80']);
    await startUp();
    const target = monitor.target('sftp.example.com');
    await vi.advanceTimersByTimeAsync(0);
    const asked = host.asked.length;
    for (let count = 0; count < 100; count += 1) target.track()();
    expect(host.asked.length).toBe(asked);
  });

  it('is one object for one destination', async () => {
    await start();
    expect(monitor.target('198.51.100.80:22')).toBe(monitor.target('198.51.100.80:22'));
    expect(monitor.target('198.51.100.80:22')).toBe(monitor.target('ssh://198.51.100.80'));
    expect(monitor.target('198.51.100.80:22')).not.toBe(monitor.target('198.51.100.80:23'));
    expect(monitor.target('198.51.100.80:22')).not.toBe(monitor.target('198.51.100.80:22', { mark: 1 }));
  });

  it('is judged by the proxy that the work really connects to', async () => {
    await startUp();
    const target = monitor.target('198.51.100.80:443', { via: '192.0.2.60:3128' });
    host.routes.set('198.51.100.80', { kind: 'refused', code: 'ENETUNREACH' });
    expect(target.state).toBe('up');
    host.routes.set('192.0.2.60', { kind: 'refused', code: 'ENETUNREACH' });
    expect(target.state).toBe('down');
  });

  it('is without a path only when none of the addresses of its name has one', async () => {
    host.names.set('sftp.example.com', ['198.51.100.80', '198.51.100.81']);
    await startUp();
    const target = monitor.target('sftp.example.com:22');
    await vi.advanceTimersByTimeAsync(0);
    host.routes.set('198.51.100.80', { kind: 'refused', code: 'ENETUNREACH' });
    expect(target.state).toBe('up');
    host.routes.set('198.51.100.81', { kind: 'refused', code: 'ENETUNREACH' });
    expect(target.state).toBe('down');
  });

  it('keeps the last good addresses of a name that no longer resolves', async () => {
    host.names.set('sftp.example.com', ['198.51.100.80']);
    await startUp();
    const target = monitor.target('sftp.example.com');
    const unsubscribe = target.onChange(() => {});
    await vi.advanceTimersByTimeAsync(0);
    host.names.clear();
    await vi.advanceTimersByTimeAsync(120_000);
    host.routes.set('198.51.100.80', { kind: 'refused', code: 'ENETUNREACH' });
    host.tell([]);
    await vi.advanceTimersByTimeAsync(20);
    expect(target.state).toBe('down');
    unsubscribe();
  });

  it('has the state of the host while its name was never resolved', async () => {
    await startUp();
    const target = monitor.target('nowhere.example.com');
    expect(target.state).toBe('up');
    host.pullCable();
    expect(target.state).toBe('down');
  });

  it('rejects its waiters when the monitor stops, and knows nothing afterwards', async () => {
    await startUp();
    const target = monitor.target('198.51.100.80');
    host.pullCable();
    const waiting = target.waitForNetwork();
    const settled = expect(waiting).rejects.toBeInstanceOf(MonitorStoppedError);
    await monitor.stop();
    await settled;
    expect(target.state).toBe('unknown');
    await expect(target.waitForNetwork()).rejects.toBeInstanceOf(MonitorStoppedError);
  });

  it.each(['', 'host:0', 'fe80::1%eth0', '[fe80::1%eth0]:22', 'host:99999', 'a b', '[192.0.2.1]:1', 'http://', ':22'])(
    'refuses %o',
    async (destination) => {
      await start();
      expect(() => monitor.target(destination)).toThrow(InvalidOptionError);
    },
  );
});

describe('NetworkMonitor: time', () => {
  it('asks everything anew when the machine has slept', async () => {
    await startUp();
    host.answering.clear();
    host.slept += 3_600_000;
    const connects = host.connects.length;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(host.rereadings).toBe(1);
    expect(host.connects.length).toBeGreaterThan(connects);
    await vi.advanceTimersByTimeAsync(7_000);
    expect(monitor.reason).toBe('unreachable');
  });

  it('notices the sleep within a quarter of a second while work is in flight', async () => {
    await startUp({ checkInterval: 60_000 });
    monitor.track();
    host.slept += 10_000;
    await vi.advanceTimersByTimeAsync(250);
    expect(host.rereadings).toBe(1);
  });

  it('does not mind the wall clock', async () => {
    await startUp();
    vi.setSystemTime(Date.now() - 86_400_000);
    await vi.advanceTimersByTimeAsync(30_000);
    vi.setSystemTime(Date.now() + 2 * 86_400_000);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(changes).toEqual([]);
    expect(host.rereadings).toBe(0);
  });

  it('calls the network flapping after three outages in a row, without delaying a verdict', async () => {
    await startUp();
    for (let count = 0; count < 3; count += 1) {
      expect(monitor.flapping).toBe(false);
      host.pullCable();
      await vi.advanceTimersByTimeAsync(20);
      expect(monitor.state).toBe('down');
      host.plugIn();
      await vi.advanceTimersByTimeAsync(20);
      expect(monitor.state).toBe('up');
    }
    expect(monitor.flapping).toBe(true);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(monitor.flapping).toBe(false);
  });
});

describe('NetworkMonitor: the carrier guard', () => {
  it('asks for the link in use while work is in flight, and stops when it has ended', async () => {
    await startUp();
    host.refreshed.length = 0;
    const release = monitor.track();
    await vi.advanceTimersByTimeAsync(500);
    expect(host.refreshed.length).toBeGreaterThanOrEqual(9);
    expect(new Set(host.refreshed)).toEqual(new Set([2]));
    release();
    await vi.advanceTimersByTimeAsync(100);
    host.refreshed.length = 0;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(host.refreshed).toEqual([]);
  });

  it('asks for the lost link while work waits, since its return may be told late as well', async () => {
    await startUp();
    host.pullCable();
    const waiting = monitor.waitForNetwork();
    host.refreshed.length = 0;
    await vi.advanceTimersByTimeAsync(500);
    expect(host.refreshed.length).toBeGreaterThanOrEqual(9);
    host.plugIn();
    await vi.advanceTimersByTimeAsync(20);
    await waiting;
  });

  it('looks without any work where it is always on', async () => {
    await startUp({ carrierGuard: 'always' });
    host.refreshed.length = 0;
    await vi.advanceTimersByTimeAsync(500);
    expect(host.refreshed.length).toBeGreaterThanOrEqual(9);
  });

  it('does not look where it is off, whatever the work', async () => {
    await startUp({ carrierGuard: 'off' });
    host.refreshed.length = 0;
    monitor.track();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(host.refreshed).toEqual([]);
  });

  it('takes a carrier that was lost and found between two looks for an outage, and the next answer for its end', async () => {
    await startUp();
    host.tell([
      { change: 'changed', interface: 'eth0', index: 2, up: true, carrier: true, operState: 'up', flapped: true },
    ]);
    expect(changes).toEqual(['up → down (no-carrier)']);
    await vi.advanceTimersByTimeAsync(host.rtt);
    expect(changes).toEqual(['up → down (no-carrier)', 'down → up (reachable)']);
  });

  it('does not mind a flap of a link that is not in use', async () => {
    await startUp();
    host.setLink({ index: 50, name: 'veth50' });
    host.tell([
      { change: 'changed', interface: 'veth50', index: 50, up: true, carrier: true, operState: 'up', flapped: true },
    ]);
    await vi.advanceTimersByTimeAsync(20);
    expect(changes).toEqual([]);
  });
});
