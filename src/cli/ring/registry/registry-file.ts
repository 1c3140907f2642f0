import { z } from 'zod';
import { LOG_LEVEL_NAMES, type LogLevel, readLogLevel } from '../../../log/index.js';
import { isHost } from '../../../names/index.js';
import { LONGEST_TIMER } from '../../../options/index.js';
import type { CliError } from '../../cli-error.js';
import { unknownKey } from '../unknown-key.js';
import { YamlFile, type YamlPath } from '../yaml-file.js';
import { REDIS_URL_ALLOWED, readRedisUrl, redisUrlOf } from './redis-url.js';
import type { RegistrySettings } from './registry-settings.js';

/** What the file of a registry says. */
export interface RegistryFile {
  readonly settings: RegistrySettings;
  /** The file of expected members that it names without saying whether it is to be read, so that it is not. */
  readonly unreadExpected: string | undefined;
  /** Where it says so: `'registry.yaml:4: registry.server.host'`; undefined for what it does not say. */
  placeOf(option: string): string | undefined;
}

/**
 * Reads the file of a registry, in the shape of Netring (its `config/registry.yaml`), and with more:
 *
 * ```yaml
 * registry:
 *   server: { host: 127.0.0.1, port: 8756, tls: { cert: cert.pem, key: key.pem } }
 *   redis: { host: 192.0.2.1, port: 6379, db: 0, password: null, prefix: 'netring:' }   # or url: redis://…
 *   member_ttl: 300              # seconds, as all durations
 *   report_ttl: 300
 *   deregistered_ttl: 3600
 *   expected_members: { enable_missing_detection: true, config_file: expected.yaml, missing_check_interval: 60 }
 *   webhooks: ['https://example.com/hook', { url: 'https://…', headers: { Authorization: Bearer … } }]
 *   token_file: tokens.txt
 *   read_token_file: read-tokens.txt
 *   check_hosts: [192.0.2.53]
 *   monitor: true
 *   log_level: info
 * ```
 *
 * All of it may be left out. What is null counts as left out.
 *
 * @param file its path, for errors.
 * @throws {CliError} naming line and key of what is wrong.
 */
export function readRegistryFile(text: string, file: string): RegistryFile {
  const yaml = new YamlFile(text, file);
  const parsed = FILE.safeParse(yaml.value() ?? {});
  if (!parsed.success) throw complaintOf(yaml, file, parsed.error);
  return {
    settings: settingsOf(parsed.data.registry ?? {}),
    unreadExpected: unreadIn(parsed.data.registry?.expected_members),
    placeOf: (option) => {
      const path = KEYS.get(option);
      return path !== undefined && yaml.has(path) ? yaml.placeOf(path) : undefined;
    },
  };
}

function complaintOf(yaml: YamlFile, file: string, { issues: [issue] }: z.ZodError): CliError {
  if (issue === undefined) return yaml.complaint([], 'cannot be used');
  const [unknown] = issue.code === 'unrecognized_keys' ? issue.keys : [];
  if (unknown === undefined) return yaml.complaint(issue.path, issue.message);
  const other = issue.path.length === 0 ? OTHER_FILES.get(unknown) : undefined;
  if (other !== undefined && !yaml.has(['registry'])) return yaml.complaint([], `${other} ${file}`);
  return yaml.complaint([...issue.path, unknown], unknownKey(unknown, namesAt(issue.path)));
}

/** What files are that begin with another key, and how they are used. */
const OTHER_FILES: ReadonlyMap<string, string> = new Map([
  ['member', "this is a member's file: netpause ring member"],
  ['expected_members', 'this is a file of expected members: netpause ring registry --expected'],
]);

const SECOND = 1_000;

const mapping = <Shape extends z.core.$ZodShape>(shape: Shape) => z.strictObject(shape, 'must have keys and values');
const text = z.string('must be a text').min(1, 'must not be empty');
const secondsUpTo = (longest: number) =>
  z
    .number('must be a number of seconds')
    .min(1, 'must be at least 1 second')
    .max(longest, `must be at most ${Math.floor(longest)} seconds`);
const seconds = secondsUpTo(LONGEST_TIMER / SECOND);
const whole = (from: number, to: number) => {
  const problem = `must be a whole number from ${from} to ${to}`;
  return z.int(problem).min(from, problem).max(to, problem);
};

const REDIS = mapping({
  url: text.refine((url) => readRedisUrl(url) !== undefined, `must be ${REDIS_URL_ALLOWED}`).optional(),
  host: text.refine(isHost, 'must be an IP address or a name').optional(),
  port: whole(1, 65_535).optional(),
  db: whole(0, 65_535).optional(),
  username: text.optional(),
  password: text.optional(),
  prefix: text.optional(),
}).refine(
  ({ url, prefix: _prefix, ...parts }) => url === undefined || !hasAny(parts),
  'must have url, or the parts of one',
);

const WEBHOOK_IN_FULL = mapping({ url: text, headers: z.record(z.string(), z.string()).optional() });

const WEBHOOK = z.union(
  [text.transform((url) => ({ url })), WEBHOOK_IN_FULL],
  'must be a URL, or have url and headers',
);

const TLS = mapping({ cert: text, key: text });

const SERVER = mapping({ host: text.optional(), port: whole(0, 65_535).optional(), tls: TLS.optional() });

const EXPECTED = mapping({
  config_file: text.optional(),
  enable_missing_detection: z.boolean('must be true or false').optional(),
  // As long as the file of expected members may have it.
  missing_check_interval: secondsUpTo(86_400).optional(),
});

const REGISTRY = mapping({
  server: SERVER.optional(),
  redis: REDIS.optional(),
  member_ttl: seconds.optional(),
  report_ttl: seconds.optional(),
  deregistered_ttl: seconds.optional(),
  // Of Netring. Here it is seen at once what has expired.
  cleanup_interval: seconds.optional(),
  expected_members: EXPECTED.optional(),
  token_file: text.optional(),
  read_token_file: text.optional(),
  webhooks: z.array(WEBHOOK, 'must be a list').optional(),
  check_hosts: z.array(text, 'must be a list').optional(),
  monitor: z.boolean('must be true or false').optional(),
  log_level: text.transform(levelOf).optional(),
});

const FILE = mapping({ registry: REGISTRY.optional() });

type Registry = z.output<typeof REGISTRY>;

/** The keys that there are in a mapping. */
function namesAt(path: YamlPath): readonly string[] {
  return Object.keys(SHAPES.get(path.join('.')) ?? WEBHOOK_IN_FULL.shape);
}

const SHAPES: ReadonlyMap<string, object> = new Map<string, object>([
  ['', FILE.shape],
  ['registry', REGISTRY.shape],
  ['registry.server', SERVER.shape],
  ['registry.server.tls', TLS.shape],
  ['registry.redis', REDIS.shape],
  ['registry.expected_members', EXPECTED.shape],
]);

function levelOf(name: string, context: z.core.$RefinementCtx<string>): LogLevel {
  const level = readLogLevel(name);
  if (level !== undefined) return level;
  context.addIssue({ code: 'custom', message: `must be ${LOG_LEVEL_NAMES}` });
  return z.NEVER;
}

function settingsOf({ server = {}, redis, expected_members: expected, ...registry }: Registry): RegistrySettings {
  const { cert, key } = server.tls ?? {};
  const interval = expected?.missing_check_interval;
  return {
    host: server.host,
    port: server.port,
    tlsCert: cert,
    tlsKey: key,
    ...redisOf(redis),
    expected: expected?.enable_missing_detection === true ? (expected.config_file ?? NETRING_EXPECTED) : undefined,
    expectedInterval: interval === undefined ? undefined : interval * SECOND,
    tokens: registry.token_file === undefined ? undefined : { kind: 'file', path: registry.token_file },
    readTokens: registry.read_token_file,
    webhooks: registry.webhooks,
    memberTtl: milliseconds(registry.member_ttl),
    reportTtl: milliseconds(registry.report_ttl),
    deregisteredTtl: milliseconds(registry.deregistered_ttl),
    checkHosts: registry.check_hosts,
    monitor: registry.monitor,
    logLevel: registry.log_level,
  };
}

/** Netring's file is read where the flag is true alone. Whoever has written `false` knows that. */
function unreadIn(expected: Registry['expected_members']): string | undefined {
  return expected?.enable_missing_detection === undefined ? expected?.config_file : undefined;
}

/** Where Netring has the file of expected members, if it is not said. */
const NETRING_EXPECTED = 'config/expected-members.yaml';

function redisOf(redis: Registry['redis']): Pick<RegistrySettings, 'redis' | 'redisPrefix'> {
  if (redis === undefined) return {};
  const { url, prefix: redisPrefix, ...parts } = redis;
  if (url !== undefined) return { redis: readRedisUrl(url), redisPrefix };
  return { redis: hasAny(parts) ? redisUrlOf(parts) : undefined, redisPrefix };
}

function hasAny(parts: object): boolean {
  return Object.values(parts).some((part: unknown) => part !== undefined);
}

function milliseconds(duration: number | undefined): number | undefined {
  return duration === undefined ? undefined : duration * SECOND;
}

/** Where the options stand of which it is seen only when they are used whether they are right. */
const KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['host', ['registry', 'server', 'host']],
  ['port', ['registry', 'server', 'port']],
  ['webhooks', ['registry', 'webhooks']],
  ['checkHosts', ['registry', 'check_hosts']],
]);
