import { LOG_LEVEL_NAMES, readLogLevel } from '../../../log/index.js';
import { isToken } from '../../../server/index.js';
import { CliError } from '../../cli-error.js';
import { EXIT } from '../../exit-codes.js';
import { CHECK_HOSTS, type OptionSources } from '../option-complaint.js';
import { overlay } from '../overlay.js';
import { type Doubt, doubtsAboutVariables } from '../variables.js';
import { readTextFile } from '../yaml-file.js';
import { REDIS_URL_ALLOWED, readRedisUrl } from './redis-url.js';
import { type RegistryFile, readRegistryFile } from './registry-file.js';
import type { RegistryFlags } from './registry-flags.js';
import type { RegistrySettings } from './registry-settings.js';

/** The settings of a registry, and where each of them is from. */
export interface GatheredSettings {
  readonly settings: RegistrySettings;
  readonly sources: OptionSources;
  /** What was probably meant otherwise. */
  readonly doubts: readonly Doubt[];
}

/**
 * Puts together what flags, variables and file say: of each setting counts the first of them that has it.
 *
 * @throws {CliError}
 */
export async function gatherSettings(
  path: string | undefined,
  flags: RegistryFlags,
  env: NodeJS.ProcessEnv,
): Promise<GatheredSettings> {
  const byFlag = settingsOfFlags(flags);
  const byVariable = settingsOfVariables(env);
  const file = path === undefined ? EMPTY_FILE : readRegistryFile(await readTextFile(path), path);
  const isFlag = (option: string): boolean => Reflect.get(byFlag, option) !== undefined;
  const placeOf = (option: string) => (isFlag(option) ? undefined : file.placeOf(option));
  const settings = overlay(file.settings, byVariable, byFlag);
  if (byFlag.redisPrefix !== undefined && settings.redis === undefined) {
    throw new CliError('--redis-prefix is about keys in Redis: name one by --redis', EXIT.usage);
  }
  const doubts = doubtsAbout(settings, file, env);
  return { settings, sources: { flags: FLAGS, repeated: REPEATED, placeOf }, doubts };
}

const EMPTY_FILE: RegistryFile = { settings: {}, unreadExpected: undefined, placeOf: () => undefined };

function doubtsAbout(settings: RegistrySettings, file: RegistryFile, env: NodeJS.ProcessEnv): readonly Doubt[] {
  const doubts: Doubt[] = [];
  const { unreadExpected } = file;
  if (unreadExpected !== undefined && settings.expected === undefined) {
    const message = 'expected_members.config_file is not read unless enable_missing_detection is true';
    doubts.push({ message, fields: { file: unreadExpected } });
  }
  if (settings.readTokens !== undefined && settings.tokens === undefined) {
    const message = 'reading needs a token, but anybody may change what the registry knows: give --token-file, too';
    doubts.push({ message, fields: {} });
  }
  return [...doubts, ...doubtsAboutVariables(env)];
}

const FLAGS: ReadonlyMap<string, string> = new Map([
  ['tokens', '--token-file'],
  ['expected', '--expected'],
  ['webhooks', '--webhook'],
  ['prefix', '--redis-prefix'],
  ['checkHosts', '--check-host'],
]);

const REPEATED = new Map([['checkHosts', CHECK_HOSTS]]);

function settingsOfFlags(flags: RegistryFlags): RegistrySettings {
  const { host, port, tlsCert, tlsKey, redisPrefix, memberTtl, reportTtl, deregisteredTtl, expected, logLevel } = flags;
  const { tokenFile, readTokenFile, redis, webhook, checkHost } = flags;
  const isWatching = checkHost === undefined ? undefined : true;
  return {
    host,
    port,
    tlsCert,
    tlsKey,
    redisPrefix,
    memberTtl,
    reportTtl,
    deregisteredTtl,
    expected,
    logLevel,
    redis: redisUrlIn(redis, '--redis'),
    tokens: tokenFile === undefined ? undefined : { kind: 'file', path: tokenFile },
    readTokens: readTokenFile,
    webhooks: webhook?.map(webhookOf),
    checkHosts: checkHost,
    monitor: flags.monitor ? isWatching : false,
  };
}

/** One that is empty counts as not set. */
function settingsOfVariables(env: NodeJS.ProcessEnv): RegistrySettings {
  const token = env['NETRING_TOKEN']?.trim() || undefined;
  const level = env['LOG_LEVEL']?.trim() || undefined;
  const logLevel = level === undefined ? undefined : readLogLevel(level);
  if (level !== undefined && logLevel === undefined) {
    throw new CliError(`LOG_LEVEL must be ${LOG_LEVEL_NAMES}`, EXIT.usage);
  }
  if (token !== undefined && !isToken(token)) {
    throw new CliError('NETRING_TOKEN must be at least 16 visible ASCII characters', EXIT.usage);
  }
  return {
    redis: redisUrlIn(env['REDIS_URL']?.trim() || undefined, 'REDIS_URL'),
    tokens: token === undefined ? undefined : { kind: 'variable', token },
    logLevel,
  };
}

/** What was given is not shown: it may hold a password. */
function redisUrlIn(text: string | undefined, owner: string): string | undefined {
  if (text === undefined) return undefined;
  const url = readRedisUrl(text);
  if (url === undefined) throw new CliError(`${owner} must be ${REDIS_URL_ALLOWED}`, EXIT.usage);
  return url;
}

/** What was given is not shown: some have a token in their path. */
function webhookOf(url: string): { readonly url: string } {
  const { protocol, username, password } = URL.canParse(url) ? new URL(url) : NO_URL;
  if (/^https?:$/.test(protocol) && `${username}${password}` === '') return { url };
  throw new CliError('--webhook must be a URL of http or https without user and password', EXIT.usage);
}

const NO_URL = { protocol: '', username: '', password: '' };
