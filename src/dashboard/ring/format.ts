import type { CheckType, Verdict } from '../../ring/wire/index.js';
import { count, digits, formatDuration, formatMilliseconds } from '../parts/text/numbers.js';
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
  if (type === 'traceroute') return count(value, 'hop');
  return formatMilliseconds(value);
}

/** What stands beside the value. */
export function formatExtra({ type, extra }: Pick<Check, 'type' | 'extra'>): string {
  if (extra === undefined) return '';
  if (type === 'ping') return extra === 0 ? '' : `${digits(extra * 100)} % lost`;
  return `slowest hop ${formatMilliseconds(extra)}`;
}

export function formatAgo(at: number, now: number): string {
  return now - at < 1_500 ? 'just now' : `${formatDuration(now - at)} ago`;
}
