import { createRetryer, NetworkMonitor } from '../../../src/index.js';
import { serveWorker } from '../worker.js';

serveWorker(async (server) => {
  const { hostname, port } = new URL(server);
  const network = new NetworkMonitor({ checkHosts: [hostname], checkPorts: [Number(port)] });
  await network.start();
  const retryer = createRetryer({ network });
  return (attempt) => retryer.run((_number, { signal }) => attempt(signal));
});
