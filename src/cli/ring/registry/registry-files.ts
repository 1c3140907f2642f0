import { createSecureContext } from 'node:tls';
import { InvalidOptionError } from '../../../errors/index.js';
import { type ExpectedMembers, readExpectedMembers, type ServerTls } from '../../../ring/index.js';
import { CliError } from '../../cli-error.js';
import { EXIT } from '../../exit-codes.js';
import { printable } from '../../text/fit.js';
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
  checkPem('--tls-cert', tlsCert, CERTIFICATE.test(cert));
  checkPem('--tls-key', tlsKey, PRIVATE_KEY.test(key));
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new CliError(`--tls-cert and --tls-key: ${explain(error)}`, EXIT.usage, { cause: error });
  }
  return { cert, key };
}

/** The lines that these begin with in PEM (RFC 7468), of which OpenSSL knows more. */
const CERTIFICATE = /^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/m;
const PRIVATE_KEY = /^-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/m;

function checkPem(flag: '--tls-cert' | '--tls-key', path: string, isPem: boolean): void {
  if (isPem) return;
  const what = flag === '--tls-cert' ? 'certificate' : 'private key';
  throw new CliError(`${flag}: ${printable(path)}: there is no ${what} in PEM in it`, EXIT.usage);
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
