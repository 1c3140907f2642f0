import type { CheckType, Verdict } from '../../ring/wire/index.js';
import type { Check } from './model.js';

export const TYPE_NAMES: Readonly<Record<CheckType, string>> = {
  tcp: 'TCP',
  http: 'HTTP',
  ping: 'Ping',
  bandwidth: 'Bandwidth',
  traceroute: 'Traceroute',
};

export const VERDICT_NAMES: Readonly<Record<Verdict | 'none', string>> = {
  ok: 'OK',
  failed: 'Failed',
  inconclusive: 'Inconclusive',
  none: 'Not checked',
};

/** `12.3 ms`, `950 Mbit/s`, `7 hops`. */
export function formatValue({ type, value }: Pick<Check, 'type' | 'value'>): string {
  if (value === undefined) return '';
  if (type === 'bandwidth') return value >= 1_000 ? `${digits(value / 1_000)} Gbit/s` : `${digits(value)} Mbit/s`;
  if (type === 'traceroute') return value === 1 ? '1 hop' : `${value} hops`;
  return formatMilliseconds(value);
}

export function formatMilliseconds(value: number): string {
  return value >= 1_000 ? `${digits(value / 1_000)} s` : `${digits(value)} ms`;
}

/** What stands beside the value. */
export function formatExtra({ type, extra }: Pick<Check, 'type' | 'extra'>): string {
  if (extra === undefined) return '';
  if (type === 'ping') return extra === 0 ? '' : `${digits(extra * 100)} % lost`;
  return `slowest hop ${formatMilliseconds(extra)}`;
}

/** How long something lasts or lies back: the two largest units. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return join(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return join(hours, 'h', minutes % 60, 'min');
  return join(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

export function formatAgo(at: number, now: number): string {
  return now - at < 1_500 ? 'just now' : `${formatDuration(now - at)} ago`;
}

/** Members and pairs: `39,800`. */
export function formatCount(count: number): string {
  return COUNTS.format(count);
}

const COUNTS = new Intl.NumberFormat('en-GB');

function join(first: number, firstUnit: string, second: number, secondUnit: string): string {
  return second === 0 || first >= 10 ? `${first} ${firstUnit}` : `${first} ${firstUnit} ${second} ${secondUnit}`;
}

/** Three digits that count. */
function digits(value: number): string {
  if (value >= 100) return Math.round(value).toString();
  return Number(value.toPrecision(2)) >= 10 ? value.toFixed(0) : Number(value.toPrecision(2)).toString();
}
