export type { DownReason } from '../state/index.js';
export {
  type Flapping,
  SimulatedNetwork,
  type SimulatedNetworkOptions,
  type SimulatedTarget,
} from './simulated-network.js';
