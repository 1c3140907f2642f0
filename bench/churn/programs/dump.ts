import { execFileSync } from 'node:child_process';
import { NetworkMonitor } from '../../../src/monitor/index.js';
import { loadNative, RequestClient } from '../../../src/netlink/index.js';
import { serveActor } from '../../../test/lab/actor/serve.js';

const native = await loadNative();
if (!native.supported) throw new Error(native.reason);
const requests = new RequestClient(native.libc);
const monitor = new NetworkMonitor({ checkHosts: [] });
await monitor.start();

/** More than ip(8) prints of 10,000 interfaces. */
const MOST_OUTPUT = 256 * 1024 * 1024;

/** Ways to list all interfaces. Each gives the milliseconds it took and how many it found. */
const dumper = serveActor(() => ({
  links: () => timed(() => requests.dumpLinks().entries.length),
  interfaces: () => timed(() => monitor.interfaces().length),
  ip: () =>
    timed(() => lengthOf(execFileSync('ip', ['-json', 'address'], { encoding: 'utf8', maxBuffer: MOST_OUTPUT }))),
}));

export type Dumper = typeof dumper;

export interface Timed {
  readonly milliseconds: number;
  readonly count: number;
}

function timed(list: () => number): Timed {
  const begun = performance.now();
  const count = list();
  return { milliseconds: performance.now() - begun, count };
}

function lengthOf(json: string): number {
  const parsed: unknown = JSON.parse(json);
  return Array.isArray(parsed) ? parsed.length : 0;
}
