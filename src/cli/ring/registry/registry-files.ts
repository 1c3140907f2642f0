import { createSecureContext } from 'node:tls';
import { InvalidOptionError } from '../../../errors/index.js';
import { type ExpectedMembers, readExpectedMembers, type ServerTls } from '../../../ring/index.js';
import { CliError } from '../../cli-error.js';
import { EXIT } from '../../exit-codes.js';
import { explain } from '../../text/words.js';
import { readTextFile, YamlFile } from '../yaml-file.js';
import type { RegistrySettings } from './registry-settings.js';

/**
 * What the registry signs with; undefined where it speaks HTTP.
 *
 * @throws {CliError}
 */
export async function readTls({ tlsCert, tlsKey }: RegistrySettings): Promise<ServerTls | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new CliError('--tls-cert and --tls-key belong together: give both', EXIT.usage);
  }
  const [cert, key] = await Promise.all([readTextFile(tlsCert, '--tls-cert'), readTextFile(tlsKey, '--tls-key')]);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new CliError(`--tls-cert and --tls-key: ${explain(error)}`, EXIT.usage, { cause: error });
  }
  return { cert, key };
}

/**
 * Who should be there; undefined where nobody in particular.
 *
 * @throws {CliError} naming line and key of what is wrong.
 */
export async function readExpected(settings: RegistrySettings): Promise<ExpectedMembers | undefined> {
  const { expected: path, expectedInterval } = settings;
  if (path === undefined) return undefined;
  const file = new YamlFile(await readTextFile(path, '--expected'), path);
  try {
    const expected = readExpectedMembers(file.value());
    return expectedInterval === undefined ? expected : { ...expected, checkInterval: expectedInterval };
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error;
    throw file.complaintAbout(error);
  }
}
