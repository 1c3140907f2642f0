import { InvalidOptionError } from '../errors/index.js';
import { LONGEST_TIMER } from '../options/index.js';

/** They become part of keys, which are read by people too. */
export function checkCollection(collection: string): void {
  if (/^[a-z][a-z0-9_-]{0,63}$/.test(collection)) return;
  throw new InvalidOptionError('RecordStore: collection', collection, 'a lower-case word of at most 64 characters');
}

const LONGEST_KEY = 512;

export function checkKey(key: string): void {
  if (typeof key === 'string' && key.length > 0 && key.length <= LONGEST_KEY) return;
  throw new InvalidOptionError('RecordStore: key', key, `a text of 1 to ${LONGEST_KEY} characters`);
}

export function checkTtl(ttl: number): void {
  if (typeof ttl === 'number' && ttl >= 1 && ttl <= LONGEST_TIMER) return;
  throw new InvalidOptionError('RecordStore: ttl', ttl, `a number of milliseconds from 1 to ${LONGEST_TIMER}`);
}
