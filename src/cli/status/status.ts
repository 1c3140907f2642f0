import { NetworkMonitor } from '../../monitor/index.js';
import { EXIT, EXIT_BY_STATE } from '../exit-codes.js';
import { firstLook } from '../first-look.js';
import { type MonitorFlags, monitorOptionsOf } from '../options/monitor-flags.js';
import { hasWayTo, type TargetFlags, targetOf } from '../options/target-flags.js';
import { outputAppearance, print, printJson } from '../output.js';
import { untilStopped } from '../signals.js';
import { renderStatus, type StatusReport, subjectOf, toRecord } from './report.js';

/** The flags of `netpause status`. */
export interface StatusFlags extends MonitorFlags, TargetFlags {
  readonly json?: boolean;
  readonly allowDegraded?: boolean;
}

/** Looks at the network, tells how it stands, and resolves with the exit code for that. */
export async function status(destination: string | undefined, flags: StatusFlags): Promise<number> {
  const report = await look(destination, flags);
  if (flags.json === true) printJson(toRecord(report));
  else for (const line of renderStatus(report, outputAppearance())) print(line);
  const { state } = subjectOf(report);
  return state === 'degraded' && flags.allowDegraded === true ? EXIT.ok : EXIT_BY_STATE[state];
}

async function look(destination: string | undefined, flags: StatusFlags): Promise<StatusReport> {
  const monitor = new NetworkMonitor(monitorOptionsOf(flags));
  const target = targetOf(monitor, destination, flags);
  try {
    await untilStopped((signal) => firstLook(monitor, signal));
    return {
      ...monitor.snapshot(),
      interfaces: monitor.interfaces(),
      ...(target !== undefined && {
        destination: {
          destination: target.destination,
          state: target.state,
          reason: target.reason,
          hasWay: hasWayTo(target),
        },
      }),
    };
  } finally {
    await monitor.stop();
  }
}
