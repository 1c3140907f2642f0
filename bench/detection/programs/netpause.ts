import { NetworkMonitor } from '../../../src/monitor/index.js';
import { serveWatcher } from '../watcher.js';

serveWatcher(async (say, { checkHosts = [], checkPort = 53, isWorking = false }) => {
  const monitor = new NetworkMonitor({ checkHosts, checkPorts: [checkPort] });
  monitor.on('state', ({ to }) => say(to === 'down' ? 'down' : 'up'));
  await monitor.start();
  if (isWorking) monitor.track();
  return () => monitor.stop();
});
