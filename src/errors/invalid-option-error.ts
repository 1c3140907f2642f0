import { inspect } from 'node:util';
import { NetpauseError } from './netpause-error.js';

/** An option has a wrong name, type or range. Thrown synchronously, before anything is started. */
export class InvalidOptionError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_INVALID_OPTION';

  constructor(
    /** The option as the caller spells it, with its owner: `'NetworkMonitor: checkInterval'`. */
    readonly option: string,
    /** The value that was given. */
    readonly value: unknown,
    /** What would have been accepted, as a phrase: `'a number of milliseconds from 1 to 2147483647'`. */
    readonly allowed: string,
  ) {
    super(
      `${option} must be ${allowed}, but is ${inspect(value, { depth: 1, maxStringLength: 80, maxArrayLength: 5 })}`,
    );
  }
}
