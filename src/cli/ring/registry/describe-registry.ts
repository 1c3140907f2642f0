import { printable } from '../../text/fit.js';
import type { RegistrySettings } from './registry-settings.js';

/** What there is to say of a registry that has just begun. */
export interface RegistryFacts {
  readonly url: string;
  /** Whether other hosts can reach it. */
  readonly isForOthers: boolean;
  /** Where it keeps what it knows, without the password; undefined for in memory. */
  readonly redis: string | undefined;
  readonly settings: RegistrySettings;
}

/** Where it listens, whom it serves, where it keeps what it knows, and what can be asked of it. */
export function describeRegistry({ url, isForOthers, redis, settings }: RegistryFacts): readonly string[] {
  const { tokens, readTokens } = settings;
  const whom = isForOthers ? 'for all who reach it' : 'for this host alone';
  const change = tokens === undefined ? 'anybody may change what it knows' : 'members need a token';
  const read = readTokens === undefined ? 'reading is open' : 'reading needs a token too';
  return [
    `registry listening on ${url}, ${whom}; ${change}, ${read}`,
    redis === undefined
      ? 'it keeps all in memory: when it is started again, members register again'
      : `it keeps all in Redis, at ${redis}`,
    `Prometheus scrapes ${url}/metrics; people look at ${url}/, and at ${url}/docs for the API`,
  ].map(printable);
}
