import { type Alias, type Document, isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { InvalidOptionError, toError } from '../../errors/index.js';
import { logLevelOf } from './env-options.js';
import { MemberFileError, type MemberFilePlace } from './member-file-error.js';
import { checkMemberOptions, type MemberOptions } from './member-options.js';

/**
 * Reads the options of a member from YAML in the shape of Netring (its `config/member.yaml`), with durations in seconds:
 *
 * ```yaml
 * member:
 *   location: dc1
 *   instance_id: null
 *   registry: { url: 'http://192.0.2.1:8756', token: null }      # or urls: [...]
 *   intervals: { poll_interval: 30, check_interval: 60, heartbeat_interval: 45, report_interval: 60,
 *                bandwidth_test_interval: 300, traceroute_interval: 300 }
 *   server: { host: 0.0.0.0, port: 8757, advertise_ip: auto }
 *   checks: { tcp_timeout: 5, http_timeout: 10, http_endpoints: [/health, /metrics], plan: mesh, successors: 2,
 *             allow: [192.0.2.0/24], check_hosts: [192.0.2.53] }
 *   tests: { bandwidth_test_size_mb: 1 }
 *   log_level: info
 * ```
 *
 * All but the location may be left out. What is null counts as left out.
 *
 * @param file its path, for errors.
 * @throws {MemberFileError} naming line and key of what is wrong.
 */
export function memberOptionsFromYaml(text: string, file: string): MemberOptions {
  const lines = new LineCounter();
  const places: Places = { file, lines, document: parse(text, file, lines) };
  const found = new Map<string, Found>();
  collect(places, places.document.contents, [], found);
  if (![...found.keys()].includes('member.location')) {
    throw new MemberFileError({ file, line: 1, key: 'member.location' }, 'must be given');
  }
  const read = [...found].map(([key, { value, line }]) => readField({ file, line, key }, value));
  const [url, urls] = ['member.registry.url', 'member.registry.urls'].map((key) => found.get(key));
  if (url !== undefined && urls !== undefined) {
    throw new MemberFileError({ file, line: urls.line, key: 'member.registry.urls' }, "must not stand beside 'url'");
  }
  const options: MemberOptions = {
    location: '',
    ...Object.fromEntries(read.map(({ option, value }) => [option, value])),
  };
  try {
    checkMemberOptions(options);
  } catch (error) {
    throw complaint(error, file, read);
  }
  return options;
}

interface Places {
  readonly file: string;
  readonly lines: LineCounter;
  readonly document: Document;
}

interface Found {
  readonly value: unknown;
  readonly line: number | undefined;
}

interface Field {
  readonly option: keyof MemberOptions;
  read(value: unknown): unknown;
}

interface ReadField extends Found {
  readonly option: keyof MemberOptions;
  readonly key: string;
}

function parse(text: string, file: string, lines: LineCounter): Document {
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) {
      throw new MemberFileError({ file, line: lines.linePos(problem.pos[0]).line }, problem.message);
    }
    visit(document, { Alias: (_key, alias) => refuseAlias(alias, { file, line: lineOf(lines, alias) }) });
    return document;
  } catch (error) {
    if (error instanceof MemberFileError) throw error;
    // What is nested thousands deep overflows the stack of the parser.
    throw new MemberFileError({ file }, `is no YAML: ${toError(error).message}`);
  }
}

/** A few lines of them stand for as much as one likes. */
function refuseAlias({ source }: Alias, place: MemberFilePlace): never {
  throw new MemberFileError(place, `*${source} stands for what is written elsewhere: it has to be written out here`);
}

/** All keys that lead to a value, with where they stand. */
function collect(places: Places, node: unknown, path: readonly string[], found: Map<string, Found>): void {
  const key = path.join('.');
  const place = { file: places.file, line: lineOf(places.lines, node), key: key === '' ? undefined : key };
  if (GROUPS.has(key)) {
    if (node === null || (isScalar(node) && node.value === null)) return;
    if (!isMap(node)) throw new MemberFileError(place, 'must have keys and values');
    for (const pair of node.items) {
      const name = isScalar(pair.key) ? String(pair.key.value) : '';
      const line = lineOf(places.lines, pair.key);
      const inner = [...path, name];
      if (!isKnown(inner.join('.')))
        throw new MemberFileError({ ...place, line, key: inner.join('.') }, unknownKey(key));
      if (pair.value !== null) collect(places, pair.value, inner, found);
    }
    return;
  }
  const value: unknown = places.document.getIn(path);
  if (value === null || value === undefined) return;
  found.set(key, { value: plain(value), line: place.line });
}

function isKnown(key: string): boolean {
  return GROUPS.has(key) || FIELDS.has(key);
}

function unknownKey(group: string): string {
  const prefix = group === '' ? '' : `${group}.`;
  const names = [...GROUPS, ...FIELDS.keys()]
    .filter((key) => key !== '' && key.startsWith(prefix) && !key.slice(prefix.length).includes('.'))
    .map((key) => key.slice(prefix.length));
  return `is not known here; there are ${names.join(', ')}`;
}

/** A list as an array; what is nested deeper is refused by the rule of its option. */
function plain(value: unknown): unknown {
  const toJson: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'toJSON') : undefined;
  return typeof toJson === 'function' ? Reflect.apply(toJson, value, []) : value;
}

function lineOf(lines: LineCounter, node: unknown): number | undefined {
  const range: unknown = typeof node === 'object' && node !== null ? Reflect.get(node, 'range') : undefined;
  const start: unknown = Array.isArray(range) ? range[0] : undefined;
  return typeof start === 'number' ? lines.linePos(start).line : undefined;
}

function readField(place: { file: string; line: number | undefined; key: string }, value: unknown): ReadField {
  const field = FIELDS.get(place.key);
  if (field === undefined) throw new MemberFileError(place, 'is not known here');
  try {
    return { ...field, value: field.read(value), line: place.line, key: place.key };
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error;
    throw new MemberFileError(place, error.message.slice(error.option.length + 1), { cause: error });
  }
}

function complaint(error: unknown, file: string, read: readonly ReadField[]): Error {
  if (!(error instanceof InvalidOptionError)) return toError(error);
  const option = error.option.slice(error.option.indexOf(': ') + 2);
  const field = read.find((each) => each.option === option);
  const problem = error.message.slice(error.option.length + 1);
  return new MemberFileError({ file, line: field?.line, key: field?.key ?? option }, problem, { cause: error });
}

const asIs = (value: unknown): unknown => value;

const seconds = (value: unknown): number => {
  if (typeof value === 'number' && value >= 0) return value * 1_000;
  throw new InvalidOptionError('value', value, 'a number of seconds');
};

const mebibytes = (value: unknown): number => {
  if (typeof value === 'number') return Math.round(value * 2 ** 20);
  throw new InvalidOptionError('value', value, 'a number of megabytes');
};

const GROUPS: ReadonlySet<string> = new Set([
  '',
  'member',
  'member.registry',
  'member.intervals',
  'member.server',
  'member.checks',
  'member.tests',
]);

const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['member.location', { option: 'location', read: asIs }],
  ['member.instance_id', { option: 'instanceId', read: asIs }],
  ['member.registry.url', { option: 'registryUrl', read: asIs }],
  ['member.registry.urls', { option: 'registryUrl', read: asIs }],
  ['member.registry.token', { option: 'token', read: asIs }],
  ['member.intervals.poll_interval', { option: 'pollInterval', read: seconds }],
  ['member.intervals.check_interval', { option: 'checkInterval', read: seconds }],
  ['member.intervals.heartbeat_interval', { option: 'heartbeatInterval', read: seconds }],
  ['member.intervals.report_interval', { option: 'reportInterval', read: seconds }],
  ['member.intervals.bandwidth_test_interval', { option: 'bandwidthInterval', read: seconds }],
  ['member.intervals.traceroute_interval', { option: 'tracerouteInterval', read: seconds }],
  ['member.server.host', { option: 'host', read: asIs }],
  ['member.server.port', { option: 'port', read: asIs }],
  ['member.server.advertise_ip', { option: 'advertiseIp', read: asIs }],
  ['member.checks.tcp_timeout', { option: 'tcpTimeout', read: seconds }],
  ['member.checks.http_timeout', { option: 'httpTimeout', read: seconds }],
  ['member.checks.http_endpoints', { option: 'httpEndpoints', read: asIs }],
  ['member.checks.plan', { option: 'plan', read: asIs }],
  ['member.checks.successors', { option: 'successors', read: asIs }],
  ['member.checks.allow', { option: 'allow', read: asIs }],
  ['member.checks.check_hosts', { option: 'checkHosts', read: asIs }],
  ['member.tests.bandwidth_test_size_mb', { option: 'bandwidthTestSize', read: mebibytes }],
  ['member.log_level', { option: 'logLevel', read: (value) => logLevelOf('value', String(value)) }],
]);
