import { createRetryer, NetworkMonitor, type RetryOptions, setSharedMonitor } from '../../../src/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { type Call, serveCaller } from '../caller.js';

/** What the calls know of the network, told by argv. No check hosts anywhere: they cost the same whether or not there are calls. */
const NETWORKS: Readonly<Record<string, () => Promise<RetryOptions>>> = {
  none: async () => ({ waitForNetwork: false }),
  simulated: async () => ({ network: new SimulatedNetwork() }),
  monitor: async () => ({ network: await startMonitor() }),
  shared: async () => {
    setSharedMonitor(await startMonitor());
    return {};
  },
  target: async () => {
    const monitor = await startMonitor();
    return { network: monitor.target('203.0.113.1:443') };
  },
};

serveCaller(async (): Promise<Call> => {
  const options = NETWORKS[process.argv[2] ?? ''];
  if (options === undefined) throw new RangeError(`one of ${Object.keys(NETWORKS)} is to be given`);
  const retryer = createRetryer(await options());
  return (operation) => retryer.run(operation);
});

async function startMonitor(): Promise<NetworkMonitor> {
  const monitor = new NetworkMonitor({ checkHosts: [] });
  await monitor.start();
  return monitor;
}
