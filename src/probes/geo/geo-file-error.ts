import { NetpauseError } from '../../errors/index.js';

/** A geography file cannot be read, or is no MaxMind DB, or a broken one. */
export class GeoFileError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_GEO_FILE';

  constructor(
    /** The file's path. */
    readonly file: string,
    /** What is wrong with it. */
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: ${problem}`, options);
  }
}
