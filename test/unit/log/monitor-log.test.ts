import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionError } from '../../../src/errors/index.js';
import { NetworkMonitor, type NetworkMonitorOptions } from '../../../src/monitor/index.js';
import { FakeHost } from '../monitor/fake-host.js';

const CHECK = '203.0.113.1';

let host: FakeHost;
let monitor: NetworkMonitor | undefined;
let lines: string[];

const logger = {
  debug: (line: string) => void lines.push(`debug ${line}`),
  info: (line: string) => void lines.push(`info ${line}`),
  warn: (line: string) => void lines.push(`warn ${line}`),
  error: (line: string) => void lines.push(`error ${line}`),
};

async function startUp(options: NetworkMonitorOptions = {}): Promise<void> {
  host.answering.add(CHECK);
  monitor = new NetworkMonitor({ checkHosts: [CHECK], checkPorts: [53], logger, ...options }, host.edges);
  await monitor.start();
  await vi.advanceTimersByTimeAsync(10);
}

beforeEach(() => {
  vi.useFakeTimers();
  host = new FakeHost();
  lines = [];
});

afterEach(async () => {
  await monitor?.stop();
  vi.useRealTimers();
});

describe('the log of a NetworkMonitor', () => {
  it('begins with the first verdict, and with where the knowledge comes from', async () => {
    await startUp();
    expect(lines).toEqual([
      'debug connectivity check succeeded host=203.0.113.1 port=53 durationMs=1',
      'info network state changed from=unknown to=up reason=reachable interface=eth0 source=netlink',
    ]);
  });

  it('tells of another reason while the network stays down', async () => {
    await startUp();
    host.pullCable();
    host.answering.clear();
    lines.length = 0;
    host.plugIn();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(lines).toContain('info network is still down reason=unreachable interface=eth0');
  });

  it('tells of a cable that is pulled and put back', async () => {
    await startUp();
    lines.length = 0;
    host.pullCable();
    host.plugIn();
    await vi.advanceTimersByTimeAsync(20);
    expect(lines).toEqual([
      'debug netlink event interface=eth0 state=down change=changed',
      'warn network state changed from=up to=down reason=no-carrier interface=eth0',
      'debug netlink event interface=eth0 state=up change=changed',
      'debug connectivity check succeeded host=203.0.113.1 port=53 durationMs=1',
      'info network state changed from=down to=up reason=reachable interface=eth0',
    ]);
  });

  it('tells why a check failed', async () => {
    await startUp({ checkInterval: 1_000, checkTimeout: 100 });
    lines.length = 0;
    host.answering.clear();
    await vi.advanceTimersByTimeAsync(1_100);
    expect(lines[0]).toBe('debug connectivity check failed host=203.0.113.1 port=53 error=ETIMEDOUT durationMs=100');
  });

  it('tells of what could not be read', async () => {
    await startUp();
    lines.length = 0;
    host.fail(new Error('No buffer space available'));
    expect(lines).toEqual(['warn the network could not be read error="Error: No buffer space available"']);
  });

  it('confirms the state quietly where that is asked for', async () => {
    await startUp({ notifyOnChange: false });
    lines.length = 0;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(lines).toContain('debug network state confirmed state=up reason=reachable interface=eth0');
  });

  it('keeps the password of a check to itself', async () => {
    host.names.set('example.com', ['203.0.113.9']);
    await startUp({ checkHosts: ['http://ada:secret@203.0.113.9/x?token=1'], checkTimeout: 100 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(lines.join('\n')).toContain('host=http://203.0.113.9/x?…');
    expect(lines.join('\n')).not.toMatch(/secret|token/);
  });

  it('is refused where it is none', () => {
    expect(() => new NetworkMonitor({ logger: JSON.parse('{"log": 1}') })).toThrow(InvalidOptionError);
  });
});
