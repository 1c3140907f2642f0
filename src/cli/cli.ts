import { CommanderError } from 'commander';
import { InvalidOptionError } from '../errors/index.js';
import { CliError, StoppedBySignalError } from './cli-error.js';
import { EXIT } from './exit-codes.js';
import { describeInvalidFlag } from './options/invalid-flag.js';
import { say } from './output.js';
import { createProgram } from './program.js';
import { explain } from './text/words.js';

/** Runs the command with these arguments, and resolves with its exit code. What goes wrong is one line on standard error. */
export async function runCli(args: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return await conclude(error);
  }
}

async function conclude(error: unknown): Promise<number> {
  // Commander has said already what there was to say: help, the version, or what is wrong.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof StoppedBySignalError) return error.exitCode;
  if (error instanceof InvalidOptionError) {
    say(await describeInvalidFlag(error));
    return EXIT.usage;
  }
  if (error instanceof CliError) {
    say(error.message);
    return error.exitCode;
  }
  say(explain(error));
  return EXIT.failed;
}
