import { readFile } from 'node:fs/promises';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import { explain } from '../text/words.js';

/** The variable that holds a token where no file is named. A command line would show it to everybody on this host. */
export const TOKEN_VARIABLE = 'NETPAUSE_BANDWIDTH_TOKEN';

/**
 * The token in a file, or in the environment; undefined where there is none.
 *
 * @throws {CliError} where the file cannot be read.
 */
export async function readToken(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return process.env[TOKEN_VARIABLE] || undefined;
  try {
    // What an editor or echo(1) has put behind it is no part of it.
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new CliError(`--token-file: ${explain(error)}`, EXIT.usage, { cause: error });
  }
}
