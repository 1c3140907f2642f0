import type { LogLevel } from '../../../log/index.js';

/** The flags of `netpause ring registry`. Durations are in milliseconds. */
export interface RegistryFlags {
  readonly host?: string;
  readonly port?: number;
  readonly tokenFile?: string;
  readonly readTokenFile?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly redis?: string;
  readonly redisPrefix?: string;
  readonly memberTtl?: number;
  readonly reportTtl?: number;
  readonly deregisteredTtl?: number;
  readonly expected?: string;
  readonly webhook?: readonly string[];
  readonly checkHost?: readonly string[];
  readonly monitor: boolean;
  readonly logLevel?: LogLevel;
  readonly json?: boolean;
}
