import { NetpauseError } from './netpause-error.js';

/** A package that netpause uses only where it is wanted is not installed. */
export class MissingPackageError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_MISSING_PACKAGE';

  constructor(
    /** The package's name, such as `'prom-client'`. */
    readonly packageName: string,
    /** The function or module that needs it, such as `'collectPrometheus'`. */
    readonly neededBy: string,
    options?: ErrorOptions,
  ) {
    super(`${neededBy} needs ${packageName}, which is not installed: npm install ${packageName}`, options);
  }
}
