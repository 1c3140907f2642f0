import type { Argv, Host } from '../../test/lab/index.js';
import type { Stage } from '../stage/index.js';

/** What runs of a program took, in milliseconds. */
export interface RunTimes {
  /** From before it was started until it had ended. */
  readonly elapsed: readonly number[];
  /** On a processor. */
  readonly cpu: readonly number[];
}

/**
 * Runs a program so often, one after the other, in a host; measured by a C program that starts it, so that no cost of Node's is in it.
 *
 * @throws {CommandError} where it does not end with code 0.
 */
export async function runTimes(stage: Stage, host: Host, argv: Argv, count: number): Promise<RunTimes> {
  const timer = await stage.cProgram(new URL('./run-times.c', import.meta.url));
  const { stdout } = await host.exec(timer, [`${count}`, ...argv]);
  const runs = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map((nanoseconds) => Number(nanoseconds) / 1e6));
  return { elapsed: runs.map(([elapsed = 0]) => elapsed), cpu: runs.map(([, cpu = 0]) => cpu) };
}
