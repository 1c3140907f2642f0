import { NetpauseError } from '../../errors/index.js';

/** An annotation threw, or returned no result. The result went on without what it would have added. */
export class AnnotationError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_ANNOTATION';

  constructor(
    /** The name of the task whose result it was. */
    readonly task: string,
    /** What went wrong, without the task. */
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(`a result of ${task} could not be annotated: ${problem}`, options);
  }
}
