import type { NetworkReason, NetworkState } from '../../monitor/index.js';

/**
 * Whether a wait for the network is over. That nothing speaks against it is good reason not to pause work, but not what somebody waits for
 * who has just booted: until something has answered, the network is not there.
 */
export function isReady(state: NetworkState, reason: NetworkReason): boolean {
  return state === 'up' || (state === 'degraded' && reason !== 'unverified');
}
