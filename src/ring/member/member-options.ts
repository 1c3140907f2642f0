import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { InvalidOptionError } from '../../errors/index.js';
import { type LogFunction, type Logger, type LogLevel, loggerRule } from '../../log/index.js';
import { isHost, parseNetwork } from '../../names/index.js';
import {
  arrayOf,
  checkComplete,
  checkOptions,
  either,
  functionRule,
  milliseconds,
  networkSourceRule,
  nonEmptyString,
  type OptionRule,
  type OptionRules,
  objectWith,
  oneOf,
  wholeNumberFrom,
} from '../../options/index.js';
import type { ResolveHost } from '../../probes/index.js';
import type { NetworkSource } from '../../retry/index.js';
import { isToken } from '../../server/index.js';
import { type TimetableOptions, type TimetableSettings, timetableSettings } from '../plan/index.js';
import { idSchema, locationSchema } from '../wire/index.js';
import { isAskable, isLoopback } from './allow-list.js';

/** Who knows whether this host is online: a `NetworkMonitor`, a `SharedNetwork` or a `SimulatedNetwork`. */
export interface MemberMonitor extends NetworkSource {
  /** The judgement for one destination, as `'host:port'`. */
  target?(destination: string): NetworkSource;
}

/** Options of `createMember`. Durations are in milliseconds. */
export interface MemberOptions {
  /** Where this member is: a data centre, a site. */
  readonly location: string;
  /** Unique in the ring, and best the same after a restart. @default a new UUID */
  readonly instanceId?: string | undefined;
  /** Where the registry is; of several that share one store, the next is asked when one does not answer. @default 'http://localhost:8756' */
  readonly registryUrl?: string | readonly string[] | undefined;
  /** What the registry wants to see as `Authorization: Bearer …`; a function is asked before each request, so that it may change. @default nothing */
  readonly token?: string | (() => string | undefined) | undefined;
  /** From one look at the list of members to the next. @default 30_000 */
  readonly pollInterval?: number | undefined;
  /** From one TCP, HTTP and ping check of a member to the next. @default 60_000 */
  readonly checkInterval?: number | undefined;
  /** From one sign of life to the next. @default 45_000 */
  readonly heartbeatInterval?: number | undefined;
  /** From one report to the next; a changed verdict is reported at once. @default 60_000 */
  readonly reportInterval?: number | undefined;
  /** How long after one bandwidth test of a member the next may come; 0 for none at all. @default 300_000 */
  readonly bandwidthInterval?: number | undefined;
  /** How long the member has been there before it begins with bandwidth tests. @default 60_000 */
  readonly firstBandwidthTest?: number | undefined;
  /** From one trace of the route to a member to the next; 0 for none at all. @default 300_000 */
  readonly tracerouteInterval?: number | undefined;
  /** How long the member has been there before it begins with traces. @default 90_000 */
  readonly firstTraceroute?: number | undefined;
  /** How long a TCP handshake may take. @default 5_000 */
  readonly tcpTimeout?: number | undefined;
  /** How long an HTTP check may take. @default 10_000 */
  readonly httpTimeout?: number | undefined;
  /** Paths that are asked for on each member; an answer is good where its status is below 500. @default ['/health', '/metrics'] */
  readonly httpEndpoints?: readonly string[] | undefined;
  /** Bytes that a bandwidth test moves. @default 1_048_576 */
  readonly bandwidthTestSize?: number | undefined;
  /** When bandwidth tests take place; the same for all members. @default slots of 30 s, for clocks that differ by 2 s at most */
  readonly timetable?: TimetableOptions | undefined;
  /**
   * The IP address to listen on. Whoever reaches the member may read what it knows and make bandwidth tests, and cannot change anything. It has to
   * be given where the registry is on another host: others could not check this member on the default.
   *
   * @default '127.0.0.1'
   */
  readonly host?: string | undefined;
  /** 0 for any that is free. @default 8757 */
  readonly port?: number | undefined;
  /**
   * The address or name by which others reach this member: `'auto'` for that of `host` or, where that stands for all, the one that the kernel would
   * send from to the registry; `'env:NAME'` for what is in a variable of the environment.
   *
   * @default 'auto'
   */
  readonly advertiseIp?: string | undefined;
  /** Whom this member checks: everyone, or those next on a ring and each of the others from time to time. @default 'mesh' */
  readonly plan?: 'mesh' | 'ring' | undefined;
  /** On a ring: how many of those next are checked in each round. @default 2 */
  readonly successors?: number | undefined;
  /**
   * IP addresses and networks (`'192.0.2.0/24'`) that this member may probe, whoever the registry says that the members are. A name counts by the
   * addresses that it is resolved to.
   *
   * @default all but those of links, of multicast and broadcast, and of the metadata services of clouds; loopback only where the registry is there too
   */
  readonly allow?: readonly string[] | undefined;
  /**
   * Who knows whether this host is online. The caller starts and stops it.
   *
   * @default a `NetworkMonitor` of its own, but none where all registries are on loopback
   */
  readonly monitor?: MemberMonitor | undefined;
  /** The check hosts of the monitor that the member makes for itself. @default those of `NetworkMonitor` */
  readonly checkHosts?: readonly string[] | undefined;
  /** Who is asked for the addresses of names. @default the hosts file, then DNS, then whatever else the system asks */
  readonly resolve?: ResolveHost | undefined;
  /** After how long without a sign of life one of the member's tasks counts as dead, and is started again. @default 300_000 */
  readonly taskTimeout?: number | undefined;
  /** Where the member writes down what it goes through. @default nowhere */
  readonly logger?: Logger | LogFunction | undefined;
  /** What matters less is not written down. @default 'info' */
  readonly logLevel?: LogLevel | undefined;
}

/** The options with nothing left open. */
export interface MemberSettings {
  readonly location: string;
  readonly instanceId: string;
  readonly registryUrls: readonly string[];
  /** Whether every registry is on this host. */
  readonly isLocal: boolean;
  readonly token: () => string | undefined;
  readonly pollInterval: number;
  readonly checkInterval: number;
  readonly heartbeatInterval: number;
  readonly reportInterval: number;
  readonly bandwidthInterval: number;
  readonly firstBandwidthTest: number;
  readonly tracerouteInterval: number;
  readonly firstTraceroute: number;
  readonly tcpTimeout: number;
  readonly httpTimeout: number;
  readonly httpEndpoints: readonly string[];
  readonly bandwidthTestSize: number;
  readonly timetable: TimetableSettings;
  readonly host: string;
  readonly port: number;
  readonly advertiseIp: string;
  readonly plan: 'mesh' | 'ring';
  readonly successors: number;
  readonly allow: readonly string[] | undefined;
  readonly taskTimeout: number;
}

const DEFAULTS = {
  pollInterval: 30_000,
  checkInterval: 60_000,
  heartbeatInterval: 45_000,
  reportInterval: 60_000,
  bandwidthInterval: 300_000,
  firstBandwidthTest: 60_000,
  tracerouteInterval: 300_000,
  firstTraceroute: 90_000,
  tcpTimeout: 5_000,
  httpTimeout: 10_000,
  httpEndpoints: ['/health', '/metrics'],
  bandwidthTestSize: 2 ** 20,
  host: '127.0.0.1',
  port: 8_757,
  advertiseIp: 'auto',
  plan: 'mesh',
  successors: 2,
  taskTimeout: 300_000,
} as const satisfies Partial<MemberSettings>;

const DEFAULT_REGISTRY = 'http://localhost:8756';

/**
 * Fills in what is not given.
 *
 * @throws {InvalidOptionError} where an option has a wrong name, type or range, or others could not reach the member.
 */
export function resolveMemberOptions(options: MemberOptions, env: NodeJS.ProcessEnv = process.env): MemberSettings {
  checkMemberOptions(options);
  const { registryUrl = DEFAULT_REGISTRY, instanceId = randomUUID(), location, token, allow } = options;
  const registryUrls = typeof registryUrl === 'string' ? [registryUrl] : registryUrl;
  const isLocal = registryUrls.every((url) => isLoopback(hostOf(url)));
  const advertiseIp = advertised(options.advertiseIp ?? DEFAULTS.advertiseIp, env);
  if (!isLocal && options.host === undefined && advertiseIp === 'auto') {
    throw new InvalidOptionError(
      `${OWNER}: host`,
      undefined,
      "an address by which others reach this member, such as '0.0.0.0', as the registry is on another host",
    );
  }
  return {
    location,
    instanceId,
    registryUrls,
    isLocal,
    token: typeof token === 'function' ? token : () => token,
    allow,
    advertiseIp,
    ...intervalsOf(options),
    tcpTimeout: options.tcpTimeout ?? DEFAULTS.tcpTimeout,
    httpTimeout: options.httpTimeout ?? DEFAULTS.httpTimeout,
    httpEndpoints: [...new Set(options.httpEndpoints ?? DEFAULTS.httpEndpoints)],
    bandwidthTestSize: options.bandwidthTestSize ?? DEFAULTS.bandwidthTestSize,
    timetable: timetableOf(options),
    host: options.host ?? DEFAULTS.host,
    port: options.port ?? DEFAULTS.port,
    plan: options.plan ?? DEFAULTS.plan,
    successors: options.successors ?? DEFAULTS.successors,
  };
}

function intervalsOf(options: MemberOptions) {
  return {
    pollInterval: options.pollInterval ?? DEFAULTS.pollInterval,
    checkInterval: options.checkInterval ?? DEFAULTS.checkInterval,
    heartbeatInterval: options.heartbeatInterval ?? DEFAULTS.heartbeatInterval,
    reportInterval: options.reportInterval ?? DEFAULTS.reportInterval,
    bandwidthInterval: options.bandwidthInterval ?? DEFAULTS.bandwidthInterval,
    firstBandwidthTest: options.firstBandwidthTest ?? DEFAULTS.firstBandwidthTest,
    tracerouteInterval: options.tracerouteInterval ?? DEFAULTS.tracerouteInterval,
    firstTraceroute: options.firstTraceroute ?? DEFAULTS.firstTraceroute,
    taskTimeout: options.taskTimeout ?? DEFAULTS.taskTimeout,
  };
}

/** @throws {InvalidOptionError}, which never shows the token, nor a password in a URL. */
export function checkMemberOptions(options: MemberOptions): void {
  const urls: readonly unknown[] = [options.registryUrl].flat();
  if (urls.some(hasPassword)) {
    throw new InvalidOptionError(`${OWNER}: registryUrl`, '(not shown)', registryRule.allowed);
  }
  checkOptions(OWNER, options, RULES);
  checkComplete(OWNER, { location: options.location }, { location: RULES.location });
  timetableOf(options);
}

/** @throws {InvalidOptionError} naming what of the timetable is wrong. */
function timetableOf({ timetable = {} }: MemberOptions): TimetableSettings {
  try {
    return timetableSettings(OWNER, timetable);
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error;
    const [, name = ''] = error.option.split(': ');
    throw new InvalidOptionError(`${OWNER}: timetable.${name}`, error.value, error.allowed);
  }
}

/** @throws {InvalidOptionError} where a variable of the environment is named and holds no address. */
function advertised(text: string, env: NodeJS.ProcessEnv): string {
  if (!text.startsWith(FROM_ENV)) return text;
  const name = text.slice(FROM_ENV.length);
  const value = env[name];
  if (value !== undefined && isAddress(value)) return value;
  throw new InvalidOptionError(
    `${OWNER}: advertiseIp`,
    value,
    `an address or a name in the variable ${name} of the environment`,
  );
}

/** The host of a URL that was checked. */
export function hostOf(url: string): string {
  const { hostname } = new URL(url);
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

export const OWNER = 'createMember';
const FROM_ENV = 'env:';
/** More would not fit into the report of a large ring. */
const MOST_ENDPOINTS = 16;
const MOST_REGISTRIES = 16;

const registryRule: OptionRule = {
  allowed: 'an http(s) URL without user, password, query and fragment',
  accepts: isRegistryUrl,
};

function hasPassword(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).password !== '';
}

function isRegistryUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  const isHttp = protocol === 'http:' || protocol === 'https:';
  return isHttp && `${username}${password}${search}${hash}` === '' && isHost(hostOf(value));
}

/** The beginning of what every HTTP request has to be made of (RFC 9112, section 3.2.1), without a fragment. */
const endpointRule: OptionRule = {
  allowed: `at most ${MOST_ENDPOINTS} paths that begin with '/', of at most 256 characters`,
  accepts: (value) =>
    Array.isArray(value) &&
    value.length <= MOST_ENDPOINTS &&
    value.every((each) => typeof each === 'string' && /^\/[\x21\x22\x24-\x7e]{0,255}$/.test(each)),
};

const tokenRule: OptionRule = {
  isSecret: true,
  allowed: '16 to 4,096 visible ASCII characters, or a function that gives them',
  accepts: (value) => typeof value === 'function' || isToken(value),
};

const RULES: OptionRules<MemberOptions> = {
  location: {
    allowed: 'text of 1 to 128 characters without control characters',
    accepts: (value) => locationSchema.safeParse(value).success,
  },
  instanceId: {
    allowed: 'text of 1 to 128 characters without control characters',
    accepts: (value) => idSchema.safeParse(value).success,
  },
  registryUrl: either(registryRule, {
    allowed: `1 to ${MOST_REGISTRIES} of them`,
    accepts: (value) =>
      Array.isArray(value) && value.length >= 1 && value.length <= MOST_REGISTRIES && value.every(isRegistryUrl),
  }),
  token: tokenRule,
  pollInterval: milliseconds(100),
  checkInterval: milliseconds(100),
  heartbeatInterval: milliseconds(100),
  reportInterval: milliseconds(100),
  bandwidthInterval: milliseconds(),
  firstBandwidthTest: milliseconds(),
  tracerouteInterval: either({ allowed: '0', accepts: (value) => value === 0 }, milliseconds(100)),
  firstTraceroute: milliseconds(),
  tcpTimeout: milliseconds(1),
  httpTimeout: milliseconds(1),
  httpEndpoints: endpointRule,
  bandwidthTestSize: wholeNumberFrom(2 ** 20, 2 ** 30),
  timetable: objectWith('an object with slot and clockTolerance', () => true),
  host: { allowed: 'an IP address', accepts: (value) => typeof value === 'string' && isIP(value) !== 0 },
  port: wholeNumberFrom(0, 65_535),
  advertiseIp: {
    allowed: "'auto', 'env:NAME', an IP address or a name",
    accepts: (value) => typeof value === 'string' && (/^env:\w{1,128}$/.test(value) || isAddress(value)),
  },
  plan: oneOf('mesh', 'ring'),
  successors: wholeNumberFrom(1, 1_000),
  allow: arrayOf(
    { allowed: '', accepts: (value) => typeof value === 'string' && parseNetwork(value) !== undefined },
    "an array of IP addresses and networks, such as ['192.0.2.0/24']",
  ),
  monitor: networkSourceRule,
  checkHosts: arrayOf(nonEmptyString, 'an array of check hosts, as NetworkMonitor takes them'),
  resolve: functionRule,
  taskTimeout: milliseconds(100),
  logger: loggerRule,
  logLevel: oneOf('debug', 'info', 'warn', 'error'),
};

function isAddress(value: string): boolean {
  return isHost(value) && isAskable(value) && value.length <= 64;
}
