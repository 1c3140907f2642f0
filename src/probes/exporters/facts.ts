import { withoutUserinfo } from '../http/http-url.js';
import type { ProbeResult } from '../result.js';

/** The target as it may be stored: a URL without user name and password. */
export function targetOf({ target }: Pick<ProbeResult, 'target'>): string {
  return withoutUserinfo(target);
}

/** What is at a path inside a value, whatever it is; undefined where there is nothing of that name. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) found = typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined;
  return found;
}

/** A number at a path inside a value, where there is one and it is finite. */
export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}

/** A text at a path inside a value, where there is one. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** A list at a path inside a value; empty where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The round-trip times in seconds, without what is no time: one NaN spoils a histogram for good. */
export function sampleSeconds({ samples }: ProbeResult): readonly number[] {
  return samples.filter((sample) => Number.isFinite(sample)).map((sample) => sample / 1_000);
}

/** `firstByte` as `first_byte`. */
export function snakeCase(name: string): string {
  return name.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase();
}
