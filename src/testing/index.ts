export {
  type DownReason,
  type Flapping,
  SimulatedNetwork,
  type SimulatedNetworkOptions,
  type SimulatedTarget,
} from './simulated-network.js';
