import type { LogLevel } from '../../../log/index.js';
import type { AlertWebhook } from '../../../ring/index.js';

/** Where tokens are: in a file that may change, or in a variable of the environment. */
export type TokenSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'variable'; readonly token: string };

/** What a registry runs with, whichever source it is from. Durations are in milliseconds; what is not given is absent. */
export interface RegistrySettings {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** A URL that was read by `readRedisUrl`. */
  readonly redis?: string | undefined;
  readonly redisPrefix?: string | undefined;
  readonly tokens?: TokenSource | undefined;
  /** Path of a file. */
  readonly readTokens?: string | undefined;
  /** Path of a file. */
  readonly tlsCert?: string | undefined;
  /** Path of a file. */
  readonly tlsKey?: string | undefined;
  /** Path of the file that says who should be there. */
  readonly expected?: string | undefined;
  /** How often that is judged, where it is said elsewhere than in that file. */
  readonly expectedInterval?: number | undefined;
  readonly webhooks?: readonly AlertWebhook[] | undefined;
  readonly memberTtl?: number | undefined;
  readonly reportTtl?: number | undefined;
  readonly deregisteredTtl?: number | undefined;
  readonly checkHosts?: readonly string[] | undefined;
  /** Whether the registry watches its own network. */
  readonly monitor?: boolean | undefined;
  readonly logLevel?: LogLevel | undefined;
}
