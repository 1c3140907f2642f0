import { readdirSync } from 'node:fs';
import {
  type CheckResult,
  type NetworkChange,
  NetworkMonitor,
  type NetworkMonitorOptions,
} from '../../../src/monitor/index.js';
import { type Emit, serveActor } from '../../lab/index.js';

/** A process with a monitor in it, which can be asked what that costs. Run with `--expose-gc`. */
let monitor: NetworkMonitor | undefined;

const soaked = serveActor((emit: Emit<{ state: NetworkChange; check: CheckResult; error: string }>) => ({
  async start(options: NetworkMonitorOptions): Promise<void> {
    monitor = new NetworkMonitor(options);
    monitor.onChange((change) => emit('state', change));
    monitor.on('check', (result) => emit('check', result));
    monitor.on('error', (error) => emit('error', String(error.stack)));
    await monitor.start();
  },
  verdict: () => ({ state: monitor?.state ?? 'unknown', reason: monitor?.reason ?? 'stopped' }),
  /** What it holds after a collection: heap and resident bytes, open descriptors. */
  holdings() {
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    return { heapUsed, rss, descriptors: readdirSync('/proc/self/fd').length };
  },
}));

export type Soaked = typeof soaked;
