import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NetworkMonitor } from '../../../src/monitor/network-monitor.js';
import { FakeHost } from './fake-host.js';

/** What stands for the world beyond this host where there is no check host to ask about. */
const ANYWHERE = ['8.8.8.8', '2001:4860:4860::8888'];

describe('the destinations whose routes the monitor wants to hear of', () => {
  let host: FakeHost;
  let monitor: NetworkMonitor;

  beforeEach(() => {
    vi.useFakeTimers();
    host = new FakeHost();
    host.names.set('check.example', ['192.0.2.80', '2001:db8::80']);
    host.names.set('sftp.example', ['198.51.100.22']);
    monitor = new NetworkMonitor({ checkHosts: ['203.0.113.1', 'check.example'], checkInterval: 1_000 }, host.edges);
  });
  afterEach(async () => {
    await monitor.stop();
    vi.useRealTimers();
  });

  const settle = () => vi.advanceTimersByTimeAsync(0);
  const CHECK_HOSTS = ['203.0.113.1', '192.0.2.80', '2001:db8::80'];

  it('are the check hosts, once their names are resolved, and anywhere', async () => {
    await monitor.start();
    expect(host.watched).toEqual([...ANYWHERE, '203.0.113.1']);
    await settle();
    expect(host.watched).toEqual([...ANYWHERE, ...CHECK_HOSTS]);
  });

  it('are watched before their paths are judged, so that no change falls in between', async () => {
    const seen: (readonly string[])[] = [];
    host.routes.get = (destination) => {
      if (destination === '203.0.113.1') seen.push(host.watched);
      return undefined;
    };
    await monitor.start();
    expect(seen[0]).toContain('203.0.113.1');
  });

  it('include a target for as long as somebody watches or works on it', async () => {
    await monitor.start();
    const target = monitor.target('sftp.example:22');
    await settle();
    expect(target.state).toBe('unknown');
    expect(host.watched).not.toContain('198.51.100.22');
    const unsubscribe = target.onChange(() => {});
    expect(host.watched).toContain('198.51.100.22');
    unsubscribe();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(host.watched).toEqual([...ANYWHERE, ...CHECK_HOSTS]);
    const release = target.track();
    expect(host.watched).toContain('198.51.100.22');
    release();
  });

  it('follow a name to its new addresses', async () => {
    await monitor.start();
    await settle();
    host.names.set('check.example', ['192.0.2.81']);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(host.watched).toEqual([...ANYWHERE, '203.0.113.1', '192.0.2.81']);
  });
});
