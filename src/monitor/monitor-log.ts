import { type LogFunction, type Logger, type LogValue, writeLog } from '../log/index.js';
import type { CheckResult, NetworkChange } from '../state/index.js';
import type { LinkChange } from './kernel-view.js';
import type { NetworkMonitor } from './network-monitor.js';

/** Writes down what a monitor emits. */
export function logMonitor(monitor: NetworkMonitor, logger: Logger | LogFunction): void {
  monitor.on('state', (change) => logState(logger, change, change.from === 'unknown' ? sourceOf(monitor) : {}));
  monitor.onChange((change) => logNewReason(logger, change));
  monitor.on('link', (change) => logLink(logger, change, monitor.snapshot().source));
  monitor.on('check', (result) => logCheck(logger, result));
  monitor.on('error', (error) => {
    writeLog(logger, { level: 'warn', message: 'the network could not be read', fields: {}, error });
  });
}

type Particulars = Readonly<Record<string, LogValue | undefined>>;

function logState(logger: Logger | LogFunction, change: NetworkChange, source: Particulars): void {
  const { from, to, reason, interface: name } = change;
  if (from === to) {
    writeLog(logger, {
      level: 'debug',
      message: 'network state confirmed',
      fields: { state: to, reason, interface: name },
    });
    return;
  }
  writeLog(logger, {
    level: to === 'down' ? 'warn' : 'info',
    message: 'network state changed',
    fields: { from, to, reason, interface: name, ...source },
  });
}

/** The state event tells of states alone; without this, the reason in the log would go on being the first one. */
function logNewReason(logger: Logger | LogFunction, { from, to, reason, interface: name }: NetworkChange): void {
  if (from !== to) return;
  writeLog(logger, { level: 'info', message: 'network is still down', fields: { reason, interface: name } });
}

/** Once for each start: where the knowledge comes from, and why from nothing better. */
function sourceOf(monitor: NetworkMonitor): Particulars {
  const { source, sourceReason } = monitor.snapshot();
  return { source, sourceReason };
}

function logLink(logger: Logger | LogFunction, link: LinkChange, source: string): void {
  const { interface: name, up, change, flapped } = link;
  writeLog(logger, {
    level: 'debug',
    // Only netlink tells of events; elsewhere two looks have differed.
    message: source === 'netlink' ? 'netlink event' : 'interface changed',
    fields: { interface: name, state: up ? 'up' : 'down', change, flapped: flapped || undefined },
  });
}

function logCheck(logger: Logger | LogFunction, result: CheckResult): void {
  const { host, port, reachable, duration, error } = result;
  writeLog(logger, {
    level: 'debug',
    message: reachable ? 'connectivity check succeeded' : 'connectivity check failed',
    fields: { host, port, error, durationMs: Math.round(duration) },
  });
}
