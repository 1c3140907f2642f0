import { InvalidOptionError } from '../../errors/index.js';
import type { LogLevel } from '../../log/index.js';
import { memberOptionsFromEnv } from '../../ring/index.js';

/** The level of a log by its name, in capitals or not, as Netring's users have it; undefined for what is none. */
export function readLogLevel(name: string): LogLevel | undefined {
  try {
    return memberOptionsFromEnv({ LOG_LEVEL: name }).logLevel;
  } catch (error) {
    if (error instanceof InvalidOptionError) return undefined;
    throw error;
  }
}
