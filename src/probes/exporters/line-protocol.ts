import { InvalidOptionError } from '../../errors/index.js';
import { checkOptions, type OptionRule, type OptionRules, objectWith, oneOf } from '../../options/index.js';
import type { ProbeResult } from '../result.js';
import { listAt, snakeCase, targetOf, textAt, valueAt } from './facts.js';
import { oneLine } from './one-line.js';

/** How a result becomes a line. */
export interface LineProtocolOptions {
  /** What the line measures. @default 'netpause_probe' */
  readonly measurement?: string | undefined;
  /** Tags of your own, beside `probe` and `target`. An empty value is no tag. @default none */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** The unit of the timestamp, which the server has to be told: `/write?precision=ms`. @default 'ns' */
  readonly precision?: 'ns' | 'us' | 'ms' | 's' | undefined;
}

/**
 * A result as one line of InfluxDB's line protocol, without the line's end. The same result gives the same line.
 *
 * Times are floating-point milliseconds, and their fields say so (`duration_ms`, `rtt_avg_ms`, `phase_connect_ms`); `success` is 1 or 0, and
 * absent while inconclusive. Of the facts there are numbers, booleans and texts of at most 256 characters as `fact_…`, nested ones joined by
 * underscores, and of lists how many there are, as `…_count`, with the first six addresses where all items have one. Of hops, file systems and
 * interfaces there is each by its name: `fact_hops_3_rtt_avg`, `fact_interfaces_eth0_rates_rx_bytes`. All numbers among the facts are
 * floating-point: InfluxDB refuses a field whose type changes. A line has at most 256 fields; those of the lists come last.
 *
 * @throws {InvalidOptionError} where an option has a wrong name, type or range.
 *
 * @example
 * await fetch('http://127.0.0.1:8086/write?db=probes', { method: 'POST', body: toLineProtocol(result) });
 */
export function toLineProtocol(result: ProbeResult, options: LineProtocolOptions = {}): string {
  checkOptions('toLineProtocol', options, RULES);
  const { measurement = 'netpause_probe', tags = {}, precision = 'ns' } = options;
  const tagText = Object.entries({ ...tags, probe: result.probe, target: targetOf(result) })
    .map(([key, value]) => [escapeTag(key), escapeTag(withoutTrailingBackslashes(oneLine(value)))] as const)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `,${key}=${value}`);
  const fields = [...fieldsOf(result)].map(([key, value]) => `${key}=${value}`);
  return `${escapeMeasurement(measurement)}${tagText.join('')} ${fields.join(',')} ${timestamp(result.startedAt, precision)}`;
}

const nameRule: OptionRule = {
  allowed: 'a name that is not empty, has no control characters and no backslashes, and does not begin with "#"',
  accepts: isName,
};

const RULES: OptionRules<LineProtocolOptions> = {
  measurement: nameRule,
  tags: objectWith(
    'an object of strings whose names InfluxDB takes: not empty, no control characters, no backslashes, not "time", "probe" or "target"',
    (value) =>
      Object.entries(value).every(([key, each]) => isName(key) && !RESERVED.has(key) && typeof each === 'string'),
  ),
  precision: oneOf('ns', 'us', 'ms', 's'),
};

const RESERVED: ReadonlySet<string> = new Set(['time', 'probe', 'target']);

/** A line that begins with "#" is a comment, and a backslash in a name would at times escape what follows it. */
function isName(value: unknown): boolean {
  return typeof value === 'string' && /^[^#\\][^\\]*$/.test(value) && oneLine(value) === value;
}

type Fields = Map<string, string>;

function fieldsOf(result: ProbeResult): Fields {
  const fields: Fields = new Map();
  if (result.status !== 'inconclusive') fields.set('success', result.status === 'ok' ? '1i' : '0i');
  const { status, failureSource, reason, message, offline, address } = result;
  for (const [name, text] of Object.entries({ status, failureSource, reason, message, offline, address })) {
    if (text !== undefined) fields.set(snakeCase(name), stringField(text));
  }
  setNumber(fields, 'duration_ms', result.duration);
  setSamples(fields, result.samples);
  for (const [phase, time] of Object.entries(result.timings)) setNumber(fields, `phase_${snakeCase(phase)}_ms`, time);
  flatten(fields, 'fact', result.facts, 0);
  for (const [list, naming] of NAMED_LISTS) {
    for (const item of listAt(result.facts, list)) setItem(fields, `fact_${list}`, valueAt(item, naming), item);
  }
  return fields;
}

function setSamples(fields: Fields, samples: readonly number[]): void {
  fields.set('rtt_count', `${samples.length}i`);
  if (samples.length === 0) return;
  setNumber(fields, 'rtt_min_ms', Math.min(...samples));
  setNumber(fields, 'rtt_avg_ms', samples.reduce((sum, sample) => sum + sample, 0) / samples.length);
  setNumber(fields, 'rtt_max_ms', Math.max(...samples));
}

/** NaN and infinities have no place in the protocol. */
function setNumber(fields: Fields, key: string, value: unknown): void {
  if (typeof value === 'number' && Number.isFinite(value)) set(fields, key, String(value));
}

/**
 * What has been set stays: two names may become one when they are joined, or rid of what is neither letter nor digit. (Not all of that could be
 * escaped: InfluxDB reads a field's key by other rules than a tag's.)
 */
function set(fields: Fields, key: string, value: string): void {
  const name = key.replace(/[^\p{L}\p{N}_.-]/gu, '_');
  if (fields.size < MOST_FIELDS && !fields.has(name)) fields.set(name, value);
}

/** Lists whose items are the same ones in the next result, and by what these are known. Others are told by how many there are. */
const NAMED_LISTS = [
  ['hops', 'ttl'],
  ['disks', 'path'],
  ['interfaces', 'name'],
] as const;

function setItem(fields: Fields, key: string, name: unknown, item: unknown): void {
  const isName = typeof name === 'number' || (typeof name === 'string' && name.length <= LONGEST_TEXT);
  if (isName) flatten(fields, `${key}_${name}`, item, 1);
}

/** Bounds for facts of engines that nobody has thought of. */
const MOST_FIELDS = 256;
const DEEPEST = 4;
const LONGEST_TEXT = 256;

function flatten(fields: Fields, key: string, value: unknown, depth: number): void {
  if (typeof value === 'number') setNumber(fields, key, value);
  else if (typeof value === 'boolean') set(fields, key, String(value));
  else if (typeof value === 'string' && value.length <= LONGEST_TEXT) set(fields, key, stringField(value));
  else if (Array.isArray(value)) setList(fields, key, value);
  else if (typeof value === 'object' && value !== null && depth < DEEPEST) {
    for (const [name, each] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
      flatten(fields, `${key}_${snakeCase(name)}`, each, depth + 1);
    }
  }
}

function setList(fields: Fields, key: string, list: readonly unknown[]): void {
  set(fields, `${key}_count`, `${list.length}i`);
  const addresses = list.map((each) => textAt(each, 'address')).filter((address) => address !== undefined);
  const text = addresses.slice(0, MOST_ADDRESSES).join(' ');
  if (text !== '' && addresses.length === list.length && text.length <= LONGEST_TEXT)
    set(fields, key, stringField(text));
}

/** That many of IPv6 are no longer than a text may be. */
const MOST_ADDRESSES = 6;

function stringField(text: string): string {
  return `"${oneLine(text).replace(/["\\]/g, '\\$&')}"`;
}

function escapeMeasurement(name: string): string {
  return name.replace(/[, ]/g, '\\$&');
}

/** Of a tag's key or value. A backslash before any other character stands for itself (models/points.go of InfluxDB 1). */
function escapeTag(text: string): string {
  return text.replace(/[,= ]/g, '\\$&');
}

/** As the last character of a tag's value a backslash would escape what follows, and cannot be escaped itself. */
function withoutTrailingBackslashes(text: string): string {
  return text.replace(/\\+$/, '');
}

function timestamp(startedAt: number, precision: 'ns' | 'us' | 'ms' | 's'): string {
  const ms = Math.trunc(startedAt);
  if (!Number.isSafeInteger(ms))
    throw new InvalidOptionError('toLineProtocol: startedAt', startedAt, 'a time in milliseconds');
  if (precision === 's') return String(Math.floor(ms / 1_000));
  return `${BigInt(ms) * FACTORS[precision]}`;
}

const FACTORS = { ms: 1n, us: 1_000n, ns: 1_000_000n } as const;
