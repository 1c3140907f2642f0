import { InvalidOptionError } from '../../../errors/index.js';
import {
  MemberFileError,
  type MemberOptions,
  memberOptionsFromEnv,
  memberOptionsFromYaml,
} from '../../../ring/index.js';
import { printable } from '../../text/fit.js';
import { CHECK_HOSTS, isValid, type OptionSources, type RepeatedOption, usage } from '../option-complaint.js';
import { overlay } from '../overlay.js';
import { readTextFile } from '../yaml-file.js';
import type { MemberFlags } from './member-flags.js';

/** The options of a member, and where each of them is from. */
export interface GatheredOptions {
  readonly options: MemberOptions;
  readonly sources: OptionSources;
  /** Where the token is, if a file was named for it. */
  readonly tokenFile: string | undefined;
  /** Variables that are set, and are not read since there is a file. */
  readonly ignored: readonly string[];
}

/**
 * Puts together what flags and either the file or the variables say. As with Netring it is the one or the other, but for what does not belong into
 * a file that many may read, and for the level of the log.
 *
 * @throws {CliError}
 */
export async function gatherOptions(
  path: string | undefined,
  flags: MemberFlags,
  env: NodeJS.ProcessEnv,
): Promise<GatheredOptions> {
  const byFlag = optionsOfFlags(flags);
  const isFlag = (option: string): boolean => Reflect.get(byFlag, option) !== undefined;
  if (path === undefined) {
    const options = overlay(
      named(() => memberOptionsFromEnv(env)),
      byFlag,
    );
    const placeOf = (option: string) => (isFlag(option) ? undefined : setVariable(env, option));
    return { options, sources: { flags: FLAGS, repeated: REPEATED, placeOf }, tokenFile: flags.tokenFile, ignored: [] };
  }
  const text = await readTextFile(path);
  const byFile = named(() => memberOptionsFromYaml(text, path));
  const { token, logLevel } = named(() => memberOptionsFromEnv(pick(env, BESIDE_A_FILE)));
  const placeOf = (option: string) =>
    isFlag(option) || Reflect.get(byFile, option) === undefined ? undefined : placeInFile(path, option);
  return {
    options: overlay(byFile, { token, logLevel }, byFlag),
    sources: { flags: FLAGS, repeated: REPEATED, placeOf },
    tokenFile: flags.tokenFile,
    ignored: Object.keys(env).filter((name) => /^NETRING_/.test(name) && !BESIDE_A_FILE.includes(name)),
  };
}

const BESIDE_A_FILE: readonly string[] = ['NETRING_TOKEN', 'LOG_LEVEL'];

const FLAGS: ReadonlyMap<string, string> = new Map([
  ['registryUrl', '--registry'],
  ['instanceId', '--id'],
  ['advertiseIp', '--advertise'],
  ['httpEndpoints', '--endpoint'],
  ['checkHosts', '--check-host'],
  ['host', '--host'],
]);

/** Of those options of which it is seen only when the member starts whether they are right. */
const PLACES: ReadonlyMap<string, { readonly variable: string; readonly key: string }> = new Map([
  ['host', { variable: 'NETRING_SERVER_HOST', key: 'member.server.host' }],
  ['advertiseIp', { variable: 'NETRING_ADVERTISE_IP', key: 'member.server.advertise_ip' }],
  ['checkHosts', { variable: 'NETRING_CHECK_HOSTS', key: 'member.checks.check_hosts' }],
]);

function setVariable(env: NodeJS.ProcessEnv, option: string): string | undefined {
  const variable = PLACES.get(option)?.variable;
  return variable !== undefined && (env[variable] ?? '') !== '' ? variable : undefined;
}

function placeInFile(path: string, option: string): string | undefined {
  const key = PLACES.get(option)?.key;
  return key === undefined ? undefined : `${printable(path)}: ${key}`;
}

/** What is wrong with a variable or a file names it already. */
function named(read: () => MemberOptions): MemberOptions {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidOptionError || error instanceof MemberFileError)) throw error;
    throw usage(error.message, error);
  }
}

const REPEATED: ReadonlyMap<string, RepeatedOption> = new Map([
  [
    'registryUrl',
    {
      allowed: 'an http(s) URL without user, password, query and fragment',
      accepts: (value: string) => isValid(() => memberOptionsFromEnv({ NETRING_REGISTRY_URL: value })),
    },
  ],
  [
    'httpEndpoints',
    {
      allowed: "a path that begins with '/', of at most 256 characters",
      accepts: (value: string) => isValid(() => memberOptionsFromEnv({ NETRING_HTTP_ENDPOINTS: value })),
    },
  ],
  ['checkHosts', CHECK_HOSTS],
]);

function pick(env: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.map((name) => [name, env[name]]));
}

function optionsOfFlags(flags: MemberFlags): Partial<MemberOptions> {
  const { registry, tokenFile: _tokenFile, id, advertise, endpoint, checkHost, json: _json, ...same } = flags;
  const { bandwidthInterval, tracerouteInterval } = flags;
  return {
    ...same,
    firstBandwidthTest: sooner(bandwidthInterval, FIRST_BANDWIDTH_TEST),
    firstTraceroute: sooner(tracerouteInterval, FIRST_TRACEROUTE),
    registryUrl: registry,
    instanceId: id,
    advertiseIp: advertise,
    httpEndpoints: endpoint,
    checkHosts: checkHost,
  };
}

/** Milliseconds: those of the library, and of Netring. */
const [FIRST_BANDWIDTH_TEST, FIRST_TRACEROUTE] = [60_000, 90_000];

/** Whoever wants something every ten seconds does not want to wait a minute for the first time. */
function sooner(interval: number | undefined, usual: number): number | undefined {
  return interval === undefined ? undefined : Math.min(interval, usual);
}
