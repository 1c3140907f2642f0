import { NetworkMonitor } from './network-monitor.js';

let shared: NetworkMonitor | undefined;

/**
 * The one monitor of this thread for those who give none of their own: made with the default options and started on first use.
 *
 * It keeps no process alive, and nothing waits for its start: until it has judged, its state is `unknown`, which pauses nothing.
 */
export function sharedMonitor(): NetworkMonitor {
  if (shared === undefined) {
    shared = new NetworkMonitor();
    // start() falls back on polling rather than fail; if even that throws, the state stays unknown and work goes on unpaused.
    shared.start().catch(() => {});
  }
  return shared;
}

/** Makes a monitor of your own the shared one, with your own options. Starting and stopping it stays with you. */
export function setSharedMonitor(monitor: NetworkMonitor): void {
  shared = monitor;
}
