import { readFile } from 'node:fs/promises';
import { toError } from '../../errors/index.js';
import { isToken, MOST_TOKENS } from '../../server/index.js';
import { printable } from '../text/fit.js';
import { explainFile } from './explain-file.js';

/** A file has no tokens that can be used. It shows none of them. */
export class TokenFileError extends Error {
  override readonly name = 'TokenFileError';
}

/**
 * The tokens in a file, one on each line.
 *
 * @throws {TokenFileError} naming file and line.
 */
export async function readTokens(path: string): Promise<readonly string[]> {
  return tokensIn(await textOf(path), path);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new TokenFileError(explainFile(path, error), { cause: toError(error) });
  }
}

/** @throws {TokenFileError} */
function tokensIn(text: string, path: string): readonly string[] {
  const file = printable(path);
  // What an editor or echo(1) has put around a token is no part of it.
  const lines = text.split('\n').map((line, index) => ({ token: line.trim(), number: index + 1 }));
  const given = lines.filter(({ token }) => token !== '');
  const bad = given.find(({ token }) => !isToken(token));
  if (bad !== undefined) {
    throw new TokenFileError(`${file}:${bad.number}: a token has at least 16 visible ASCII characters, and no spaces`);
  }
  if (given.length === 0) throw new TokenFileError(`${file}: there is no token in it`);
  if (given.length > MOST_TOKENS) {
    throw new TokenFileError(`${file}: it has ${given.length} tokens, and may have ${MOST_TOKENS}`);
  }
  return given.map(({ token }) => token);
}
