import { NetworkMonitor } from '../../../src/monitor/index.js';
import { serveActor } from '../../../test/lab/actor/serve.js';

/** The same process as the bare one with a monitor in it, which is told by argv what to do. */
const [checkHosts = '[]', occupation = 'idle'] = process.argv.slice(2);
const monitor = new NetworkMonitor({ checkHosts: JSON.parse(checkHosts) });
await monitor.start();
if (occupation === 'working') monitor.track();

serveActor(() => ({
  collect(): void {
    globalThis.gc?.();
  },
}));
