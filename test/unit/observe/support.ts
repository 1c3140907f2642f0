import { NetworkMonitor, type NetworkMonitorOptions } from '../../../src/monitor/index.js';
import { FakeHost } from '../monitor/fake-host.js';

export const CHECK_HOST = '203.0.113.1';

/** A monitor on a made-up host with one check host, which answers. Not started. */
export function makeMonitor(options: NetworkMonitorOptions = {}): { host: FakeHost; monitor: NetworkMonitor } {
  const host = new FakeHost();
  host.answering.add(CHECK_HOST);
  return { host, monitor: new NetworkMonitor({ checkHosts: [CHECK_HOST], checkPorts: [53], ...options }, host.edges) };
}
