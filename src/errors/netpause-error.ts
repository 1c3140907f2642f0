/**
 * The class that every error of netpause's own extends. A rejection that is not one of these came from your operation, unchanged.
 */
export abstract class NetpauseError extends Error {
  /** A stable identifier to branch on, such as `'ERR_NETPAUSE_STOPPED'`; messages may be reworded, codes are not. */
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    // Error.name is read from the prototype by default and would say "Error" in every stack trace.
    this.name = new.target.name;
  }
}
