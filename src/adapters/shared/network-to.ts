import { sharedMonitor, type TargetOptions } from '../../monitor/index.js';
import type { NetworkSource } from '../../retry/index.js';

/** A network that judges each destination by itself, as `NetworkMonitor`, `SharedNetwork` and `SimulatedNetwork` do. */
interface WithTargets {
  target(destination: string, options?: TargetOptions): NetworkSource;
}

/**
 * What is to be asked about work to a destination: the network's judgement for that very destination where it can give one, otherwise the
 * network itself.
 *
 * @param network left out, it is the monitor that the process shares.
 * @param destination as `'host:port'` or URL.
 * @throws {InvalidOptionError} where the destination or an option cannot be understood.
 */
export function networkTo(
  destination: string,
  network: NetworkSource = sharedMonitor(),
  options: TargetOptions = {},
): NetworkSource {
  return hasTargets(network) ? network.target(destination, options) : network;
}

function hasTargets(network: NetworkSource): network is NetworkSource & WithTargets {
  return 'target' in network && typeof network.target === 'function';
}
