import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import { TokenFileError } from './read-tokens.js';
import type { RingLog } from './ring-log.js';
import { TokenFile } from './token-file.js';

/**
 * Opens a file of tokens that a flag names, and writes down when it has others.
 *
 * @throws {CliError} where it cannot be used.
 */
export async function openTokenFile(flag: string, path: string, log: RingLog): Promise<TokenFile> {
  try {
    return await TokenFile.open(path, {
      onChange: (count) => log.write('info', 'read tokens again', { file: path, tokens: count }),
      onFault: (fault) => log.write('error', 'the tokens from before go on counting', { file: path, fault }),
    });
  } catch (error) {
    if (!(error instanceof TokenFileError)) throw error;
    throw new CliError(`${flag}: ${error.message}`, EXIT.usage, { cause: error });
  }
}
