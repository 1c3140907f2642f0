import { sharedMonitor } from '../monitor/index.js';
import type { NetworkSource } from './network-source.js';
import { NetworkWatch } from './network-watch.js';

/** What watches the network of work that names none: the monitor that the process shares, started on first use. */
export function defaultWatch(): NetworkWatch {
  const monitor = sharedMonitor();
  // Every call that names no network asks for it, and it is nearly always the same.
  if (last?.monitor !== monitor) last = { monitor, watch: NetworkWatch.of(monitor) };
  return last.watch;
}

let last: { readonly monitor: NetworkSource; readonly watch: NetworkWatch } | undefined;
