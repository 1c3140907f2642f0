import { EXIT, exitCodeOfSignal } from './exit-codes.js';

/** The command cannot go on: what it says on one line, and what it exits with. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    message: string,
    readonly exitCode: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A time limit that the user has set was reached. */
export function gaveUp(message: string): CliError {
  return new CliError(message, EXIT.timedOut);
}

/** We were told to end by a signal. There is nothing to say about that, only the exit code that everybody expects. */
export class StoppedBySignalError extends Error {
  override readonly name = 'StoppedBySignalError';

  constructor(readonly signal: NodeJS.Signals) {
    super(`stopped by ${signal}`);
  }

  get exitCode(): number {
    return exitCodeOfSignal(this.signal);
  }
}
