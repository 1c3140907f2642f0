import { type Command, Option } from 'commander';
import type { NetworkMonitorOptions } from '../../monitor/index.js';
import { parseDuration } from './duration.js';
import { collect, collectAs } from './list.js';
import { parseNumber } from './number.js';

/** What the flags of {@link addMonitorFlags} come to. */
export interface MonitorFlags {
  readonly checkHost?: readonly string[];
  readonly checkPort?: readonly number[];
  readonly checkInterval?: number;
  readonly checkTimeout?: number;
  readonly trustCheckHosts?: boolean;
  readonly checks: boolean;
  readonly interface?: readonly string[];
  readonly netlink: boolean;
}

/**
 * Adds the flags that say how the network is watched: the monitor's options, under the names that a command line has for them. The help names the
 * monitor's defaults, but it is left to the monitor to fill them in.
 */
export function addMonitorFlags(command: Command): Command {
  return command
    .optionsGroup('How the network is watched:')
    .option(
      '--check-host <host>',
      'address, name or http(s) URL whose answer proves reach; may be repeated (default: 8.8.8.8, 1.1.1.1, 8.8.4.4)',
      collect,
    )
    .option(
      '--check-port <port>',
      'TCP port to try on each of them; may be repeated (default: 53, 443)',
      collectAs(parseNumber),
    )
    .option(
      '--check-interval <duration>',
      'time between two rounds of checks while nothing happens (default: 10s)',
      parseDuration,
    )
    .option('--check-timeout <duration>', 'time after which a check host counts as silent (default: 3s)', parseDuration)
    .option('--trust-check-hosts', 'the check hosts are known to answer: their silence counts from the start')
    .addOption(
      new Option('--no-checks', 'ask nobody: judge by links, addresses and routes alone').conflicts('checkHost'),
    )
    .option(
      '--interface <glob>',
      'interface that counts as a way out, such as eth*; may be repeated (default: *)',
      collect,
    )
    .option('--no-netlink', 'poll the interfaces instead of listening to the kernel');
}

export function monitorOptionsOf(flags: MonitorFlags): NetworkMonitorOptions {
  return {
    checkHosts: flags.checks ? flags.checkHost : [],
    checkPorts: flags.checkPort,
    checkInterval: flags.checkInterval,
    checkTimeout: flags.checkTimeout,
    trustCheckHosts: flags.trustCheckHosts,
    interfaces: flags.interface,
    enableNetlink: flags.netlink,
  };
}
