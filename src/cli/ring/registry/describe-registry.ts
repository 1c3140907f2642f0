import type { ExpectedMembers } from '../../../ring/index.js';
import { printable } from '../../text/fit.js';
import type { RegistrySettings } from './registry-settings.js';

/** What there is to say of a registry that has just begun. */
export interface RegistryFacts {
  readonly url: string;
  /** Whether other hosts can reach it. */
  readonly isForOthers: boolean;
  /** Where it keeps what it knows, without the password; undefined for in memory. */
  readonly redis: string | undefined;
  readonly expected: ExpectedMembers | undefined;
  readonly settings: RegistrySettings;
}

/** Where it listens, whom it serves, where it keeps what it knows, who should be there, and what can be asked of it. */
export function describeRegistry({ url, isForOthers, redis, expected, settings }: RegistryFacts): readonly string[] {
  const { tokens, readTokens } = settings;
  const whom = isForOthers ? 'for all who reach it' : 'for this host alone';
  const change = tokens === undefined ? 'anybody may change what it knows' : 'members need a token';
  const needsToken = tokens === undefined ? 'reading needs a token' : 'reading needs a token too';
  const read = readTokens === undefined ? 'reading is open' : needsToken;
  return [
    `registry listening on ${url}, ${whom}; ${change}, ${read}`,
    redis === undefined
      ? 'it keeps all in memory: when it is started again, members register again'
      : `it keeps all in Redis, at ${redis}`,
    ...(expected === undefined ? [] : [`${describeExpected(expected)} (${settings.expected ?? ''})`]),
    `Prometheus scrapes ${url}/metrics; people look at ${url}/, and at ${url}/docs for the API`,
  ].map(printable);
}

/** How many members are expected, in all locations together. */
export function memberCount({ locations }: ExpectedMembers): number {
  return locations.reduce((sum, { count }) => sum + count, 0);
}

function describeExpected(expected: ExpectedMembers): string {
  return `${counted(expected.locations.length, 'location')}, ${counted(memberCount(expected), 'member')} expected`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
