import { InvalidOptionError } from '../../../errors/index.js';
import {
  MemberFileError,
  type MemberOptions,
  memberOptionsFromEnv,
  memberOptionsFromYaml,
} from '../../../ring/index.js';
import type { CliError } from '../../cli-error.js';
import { printable } from '../../text/fit.js';
import { CHECK_HOSTS, isValid, type OptionSources, type RepeatedOption, usage } from '../option-complaint.js';
import { overlay } from '../overlay.js';
import { unknownKeyIn } from '../unknown-key.js';
import { type Doubt, doubtsAboutVariables, isKnownVariable } from '../variables.js';
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
  /** What was probably meant otherwise. */
  readonly doubts: readonly Doubt[];
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
    return {
      options,
      sources: { flags: FLAGS, repeated: REPEATED, placeOf },
      tokenFile: flags.tokenFile,
      ignored: [],
      doubts: doubtsAboutVariables(env, (name) => options.advertiseIp === `env:${name}`),
    };
  }
  const text = await readTextFile(path);
  const byFile = named(() => memberOptionsFromYaml(text, path), flags.location);
  const { token, logLevel } = named(() => memberOptionsFromEnv(pick(env, BESIDE_A_FILE)));
  const placeOf = (option: string) =>
    isFlag(option) || Reflect.get(byFile, option) === undefined ? undefined : placeInFile(path, option);
  const options = overlay(byFile, { token, logLevel }, byFlag);
  return {
    options,
    sources: { flags: FLAGS, repeated: REPEATED, placeOf },
    tokenFile: flags.tokenFile,
    ignored: Object.keys(env).filter((name) => isKnownVariable(name) && !BESIDE_A_FILE.includes(name)),
    doubts: doubtsAboutVariables(env, (name) => options.advertiseIp === `env:${name}`),
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

/**
 * What is wrong with a variable or a file names it already.
 *
 * @param location as a flag gives it.
 */
function named(read: () => MemberOptions, location?: string): MemberOptions {
  try {
    return read();
  } catch (error) {
    if (error instanceof MemberFileError) throw fileComplaint(error, location);
    if (error instanceof InvalidOptionError) throw usage(error.message, error);
    throw error;
  }
}

/** As what is wrong with the file of a registry. */
function fileComplaint(error: MemberFileError, location: string | undefined): CliError {
  const { file, line, key, problem } = error;
  const place = line === undefined ? file : `${file}:${line}`;
  if (key === undefined) return usage(`${place}: ${problem}`, error);
  if (key === 'registry') return usage(`${place}: this is a registry's file: netpause ring registry ${file}`, error);
  const isLocationMissing = key === 'member.location' && problem === 'must be given';
  const more = isLocationMissing && location !== undefined ? ' in the file, also where --location is given' : '';
  const unknown = unknownKeyIn(key.slice(key.lastIndexOf('.') + 1), problem);
  return usage(`${place}: ${key} ${unknown ?? problem}${more}`, error);
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
