import { NetworkMonitor } from '../../monitor/index.js';
import { checkOptions, millisecondsOrInfinity } from '../../options/index.js';
import { gaveUp } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import { type MonitorFlags, monitorOptionsOf } from '../options/monitor-flags.js';
import { hasWayTo, type TargetFlags, targetOf } from '../options/target-flags.js';
import { say } from '../output.js';
import { untilStopped } from '../signals.js';
import { formatDuration } from '../text/duration.js';
import { meaningForDestination, meaningOf } from '../text/words.js';
import { endpointOf } from './endpoint.js';
import { untilAccepted } from './until-accepted.js';
import { untilReady } from './until-ready.js';

/** The flags of `netpause wait`. */
export interface WaitFlags extends MonitorFlags, TargetFlags {
  /** Milliseconds. */
  readonly timeout: number;
  readonly quiet?: boolean;
}

/**
 * Waits until the network is up; or a destination: until it accepts a connection where it names a port, and otherwise until the way to it is
 * there.
 */
export async function wait(destination: string | undefined, flags: WaitFlags): Promise<number> {
  const { timeout, quiet } = flags;
  checkOptions('wait', { timeout }, { timeout: millisecondsOrInfinity() });
  const monitor = new NetworkMonitor(monitorOptionsOf(flags));
  const target = targetOf(monitor, destination, flags);
  const network = target ?? monitor;
  const endpoint = destination === undefined ? undefined : endpointOf(flags.via ?? destination);
  const describe = (): string => {
    const { state, reason } = network;
    const meaning =
      target === undefined
        ? meaningOf({ reason, hasWay: monitor.snapshot().egress !== undefined })
        : meaningForDestination(target.destination, { reason, hasWay: hasWayTo(target) });
    return `${state} (${reason}): ${meaning}`;
  };
  let obstacle: string | undefined;
  const tell = (line: string): void => {
    obstacle = line;
    if (quiet !== true) say(`waiting: ${line}`);
  };
  const reason = () => gaveUp(`gave up after ${formatDuration(timeout)}: ${obstacle ?? describe()}`);
  try {
    await monitor.start();
    await untilStopped(
      async (signal) => {
        if (endpoint !== undefined) return untilAccepted(endpoint, { network, signal, tell, source: flags.source });
        return untilReady(network, { look: () => monitor.check(), signal, describe, tell });
      },
      { after: timeout, reason },
    );
    return EXIT.ok;
  } finally {
    await monitor.stop();
  }
}
