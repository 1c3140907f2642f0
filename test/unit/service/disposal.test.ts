import { expect, it } from 'vitest';
import { MonitorStoppedError } from '../../../src/errors/index.js';
import { NetworkMonitor } from '../../../src/monitor/index.js';
import { FakeHost } from '../monitor/fake-host.js';

it('a monitor stops at the end of its block, also where that is left by a throw', async () => {
  const host = new FakeHost();
  let waiting: Promise<void> | undefined;
  const block = async (): Promise<void> => {
    await using monitor = new NetworkMonitor({ checkHosts: [] }, host.edges);
    await monitor.start();
    host.pullCable();
    expect(monitor.state).toBe('down');
    waiting = monitor.waitForNetwork();
    waiting.catch(() => {});
    throw new Error('from the block');
  };
  await expect(block()).rejects.toThrow('from the block');
  await expect(waiting).rejects.toBeInstanceOf(MonitorStoppedError);
  expect(host.closed).toBe(1);
});
