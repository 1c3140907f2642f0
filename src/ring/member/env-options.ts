import { InvalidOptionError } from '../../errors/index.js';
import { LOG_LEVEL_NAMES, type LogLevel, readLogLevel } from '../../log/index.js';
import { LONGEST_TIMER } from '../../options/index.js';
import { checkMemberOptions, type MemberOptions } from './member-options.js';

/** What the variables of the environment come to: what is not set is absent. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads the options of a member from variables of the environment, with the names and units of Netring: durations in seconds.
 *
 * `NETRING_LOCATION`, `NETRING_INSTANCE_ID`, `NETRING_REGISTRY_URL` (several with commas between them), `NETRING_TOKEN`,
 * `NETRING_{POLL,CHECK,HEARTBEAT,REPORT,BANDWIDTH_TEST,TRACEROUTE}_INTERVAL`, `NETRING_{TCP,HTTP}_TIMEOUT`, `NETRING_HTTP_ENDPOINTS`,
 * `NETRING_SERVER_HOST`, `NETRING_SERVER_PORT`, `NETRING_ADVERTISE_IP`, `NETRING_BANDWIDTH_TEST_SIZE_MB`, `NETRING_PLAN`,
 * `NETRING_SUCCESSORS`, `NETRING_ALLOW`, `NETRING_CHECK_HOSTS` and `LOG_LEVEL`. One that is empty counts as not set; without a location it is
 * `'unknown'`.
 *
 * @throws {InvalidOptionError} naming the variable.
 *
 * @example
 * const member = await createMember(memberOptionsFromEnv(process.env));
 */
export function memberOptionsFromEnv(env: Variables): MemberOptions {
  const read = VARIABLES.flatMap(({ variable, option, parse }) => {
    const text = env[variable]?.trim();
    if (text === undefined || text === '') return [];
    return [{ variable, option, value: parse(variable, text) }];
  });
  const options: MemberOptions = {
    location: 'unknown',
    ...Object.fromEntries(read.map(({ option, value }) => [option, value])),
  };
  namingVariables(new Map(read.map(({ option, variable }) => [option, variable])), () => checkMemberOptions(options));
  return options;
}

/** What is wrong with an option is wrong with the variable that it comes from. */
function namingVariables(variables: ReadonlyMap<string, string>, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error;
    const option = error.option.slice(error.option.indexOf(': ') + 2);
    throw new InvalidOptionError(variables.get(option) ?? option, error.value, error.allowed);
  }
}

interface Variable {
  readonly variable: string;
  readonly option: keyof MemberOptions;
  parse(variable: string, text: string): unknown;
}

const MEBIBYTE = 2 ** 20;

const text = (_variable: string, value: string): string => value;

const list = (_variable: string, value: string): readonly string[] =>
  value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');

const number = (variable: string, value: string): number => {
  if (/^\d{1,15}(\.\d{1,9})?$/.test(value)) return Number(value);
  throw new InvalidOptionError(variable, value, 'a number');
};

/** Milliseconds of seconds. */
const seconds = (variable: string, value: string): number => {
  const duration = /^\d{1,10}(\.\d{1,3})?$/.test(value) ? Number(value) * 1_000 : Number.NaN;
  if (duration <= LONGEST_TIMER) return duration;
  throw new InvalidOptionError(variable, value, 'a number of seconds');
};

const VARIABLES: readonly Variable[] = [
  { variable: 'NETRING_LOCATION', option: 'location', parse: text },
  { variable: 'NETRING_INSTANCE_ID', option: 'instanceId', parse: text },
  { variable: 'NETRING_REGISTRY_URL', option: 'registryUrl', parse: list },
  { variable: 'NETRING_TOKEN', option: 'token', parse: text },
  { variable: 'NETRING_POLL_INTERVAL', option: 'pollInterval', parse: seconds },
  { variable: 'NETRING_CHECK_INTERVAL', option: 'checkInterval', parse: seconds },
  { variable: 'NETRING_HEARTBEAT_INTERVAL', option: 'heartbeatInterval', parse: seconds },
  { variable: 'NETRING_REPORT_INTERVAL', option: 'reportInterval', parse: seconds },
  { variable: 'NETRING_BANDWIDTH_TEST_INTERVAL', option: 'bandwidthInterval', parse: seconds },
  { variable: 'NETRING_TRACEROUTE_INTERVAL', option: 'tracerouteInterval', parse: seconds },
  { variable: 'NETRING_TCP_TIMEOUT', option: 'tcpTimeout', parse: seconds },
  { variable: 'NETRING_HTTP_TIMEOUT', option: 'httpTimeout', parse: seconds },
  { variable: 'NETRING_HTTP_ENDPOINTS', option: 'httpEndpoints', parse: list },
  { variable: 'NETRING_SERVER_HOST', option: 'host', parse: text },
  { variable: 'NETRING_SERVER_PORT', option: 'port', parse: number },
  { variable: 'NETRING_ADVERTISE_IP', option: 'advertiseIp', parse: text },
  {
    variable: 'NETRING_BANDWIDTH_TEST_SIZE_MB',
    option: 'bandwidthTestSize',
    parse: (variable, value) => Math.round(number(variable, value) * MEBIBYTE),
  },
  { variable: 'NETRING_PLAN', option: 'plan', parse: text },
  { variable: 'NETRING_SUCCESSORS', option: 'successors', parse: number },
  { variable: 'NETRING_ALLOW', option: 'allow', parse: list },
  { variable: 'NETRING_CHECK_HOSTS', option: 'checkHosts', parse: list },
  { variable: 'LOG_LEVEL', option: 'logLevel', parse: logLevelOf },
];

/**
 * The level of a log by its name, as this project or Python has it, in capitals or not.
 *
 * @param owner whose complaint it is, in errors.
 * @throws {InvalidOptionError}
 */
export function logLevelOf(owner: string, name: string): LogLevel {
  const level = readLogLevel(name);
  if (level !== undefined) return level;
  throw new InvalidOptionError(owner, name, LOG_LEVEL_NAMES);
}
