import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Digest, isDigest } from './digest.js';

/** What has to be known of a part to continue it. */
export interface PartState {
  readonly version: 1;
  /** Where it comes from, as {@link urlKey}. */
  readonly url: string;
  readonly validator: string;
  readonly length?: number | undefined;
  readonly digest?: Digest | undefined;
  /** How many bytes were certainly on the disk. */
  readonly synced: number;
  /** During which run of the system it was written. */
  readonly boot: string | undefined;
}

/** Which URL it is, but not what it says. Credentials and the query are left out: a signature in them is another one the next time. */
export function urlKey({ origin, pathname }: URL): string {
  return createHash('sha256').update(`${origin}${pathname}`).digest('hex');
}

/** The run that the system is in; `undefined` where it does not say, and nobody can know whether it is the same as before. */
export async function bootId(): Promise<string | undefined> {
  knownBootId ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
  return knownBootId;
}

let knownBootId: Promise<string | undefined> | undefined;

/** `undefined` for what is no such state, or of another version. */
export function parsePartState(text: string): PartState | undefined {
  const state: unknown = JSON.parse(text);
  return isPartState(state) ? state : undefined;
}

function isPartState(value: unknown): value is PartState {
  return (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    value.version === 1 &&
    'url' in value &&
    typeof value.url === 'string' &&
    'validator' in value &&
    typeof value.validator === 'string' &&
    'synced' in value &&
    isSize(value.synced) &&
    (!('length' in value) || isSize(value.length)) &&
    (!('digest' in value) || isDigest(value.digest)) &&
    (!('boot' in value) || typeof value.boot === 'string')
  );
}

function isSize(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
