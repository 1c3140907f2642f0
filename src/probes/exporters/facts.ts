import { withoutUserinfo } from '../http/http-url.js';
import type { ProbeResult } from '../result.js';

/** The target as it may be stored: a URL without user name and password. */
export function targetOf({ target }: Pick<ProbeResult, 'target'>): string {
  return withoutUserinfo(target);
}

/** A fact by its path, whatever engine it is of; undefined where there is none of that name. */
export function factOf({ facts }: ProbeResult, ...path: readonly string[]): unknown {
  let value: unknown = facts;
  for (const name of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return value;
}

/** A fact that is a number and finite. */
export function numberOf(result: ProbeResult, ...path: readonly string[]): number | undefined {
  const value = factOf(result, ...path);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A fact that is a text. */
export function textOf(result: ProbeResult, ...path: readonly string[]): string | undefined {
  const value = factOf(result, ...path);
  return typeof value === 'string' ? value : undefined;
}

/** The round-trip times in seconds, without what is no time: one NaN spoils a histogram for good. */
export function sampleSeconds({ samples }: ProbeResult): readonly number[] {
  return samples.filter((sample) => Number.isFinite(sample)).map((sample) => sample / 1_000);
}

/** `firstByte` as `first_byte`. */
export function snakeCase(name: string): string {
  return name.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase();
}
