import type { MemberMonitor } from './member-options.js';
import type { OutageLog } from './outage-log.js';

/** What an outage's begin and end mean to others. */
export interface OutageListener {
  onOffline(reason: string): void;
  onOnline(): void;
}

/**
 * Writes down when this host was offline.
 *
 * @returns a function that ends it.
 */
export function watchOutages(monitor: MemberMonitor, outages: OutageLog, listener: OutageListener): () => void {
  const begin = (reason: string, at: number): void => {
    outages.begin(reason, at);
    listener.onOffline(reason);
  };
  const unsubscribe = monitor.onChange(({ to, reason, at }) => {
    if (to === 'down') begin(reason, at);
    else if (outages.current !== undefined) {
      outages.end();
      listener.onOnline();
    }
  });
  if (monitor.state === 'down') begin(monitor.reason ?? 'unknown', Date.now());
  return unsubscribe;
}
