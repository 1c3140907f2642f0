import type { Command } from 'commander';
import type { NetworkMonitor, TargetMonitor } from '../../monitor/index.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import { parseMark } from './number.js';

/** What the flags of {@link addTargetFlags} come to. */
export interface TargetFlags {
  readonly via?: string;
  readonly source?: string;
  readonly mark?: number;
}

/** Adds the flags that say how a destination is reached. */
export function addTargetFlags(command: Command): Command {
  return command
    .optionsGroup('How the destination is reached:')
    .option('--via <host:port>', 'proxy, bastion or tunnel end that is really connected to')
    .option('--source <address>', 'address that the sockets are bound to')
    .option(
      '--mark <number>',
      'mark of the sockets (SO_MARK), where a routing rule asks for it; 0x… is hexadecimal',
      parseMark,
    );
}

/**
 * The destination that is named, reached as the flags say; undefined where none is.
 *
 * @throws {InvalidOptionError} where it is none, {@link CliError} where the flags speak of a destination that nobody has named.
 */
export function targetOf(
  monitor: NetworkMonitor,
  destination: string | undefined,
  { via, source, mark }: TargetFlags,
): TargetMonitor | undefined {
  if (destination !== undefined) return monitor.target(destination, { via, source, mark });
  const [flag] = Object.entries({ via, source, mark }).find(([, value]) => value !== undefined) ?? [];
  if (flag !== undefined) throw new CliError(`--${flag} says how a destination is reached: name one`, EXIT.usage);
  return undefined;
}

/** Whether a way to it is known, was lost, or may yet be found because its name has no address so far. */
export function hasWayTo({ tracker: { verdict } }: TargetMonitor): boolean {
  return verdict?.kind !== 'unproven';
}
