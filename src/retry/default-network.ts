import { sharedMonitor } from '../monitor/index.js';
import type { NetworkSource } from './network-source.js';

/** The network of work that names none: the monitor that the process shares, started on first use. */
export function defaultNetwork(): NetworkSource {
  return sharedMonitor();
}
