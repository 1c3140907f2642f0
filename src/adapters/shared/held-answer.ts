import { type AnswerHeaders, HttpStatusError } from './http-status-error.js';

/**
 * An answer whose status asks for another attempt, held back until that is decided: thrown into the Retryer as an error, and handed to the
 * caller as the answer that it is when there is no other attempt.
 */
export class HeldAnswer extends HttpStatusError {
  readonly #discard: () => void;

  /** @param discard lets go of what the answer still holds, such as its connection. */
  constructor(status: number, headers: AnswerHeaders, request: string, discard: () => void) {
    super(status, headers, request);
    // To those who see it, it is what it extends.
    this.name = HttpStatusError.name;
    this.#discard = discard;
  }

  /** Nobody will read it. */
  discard(): void {
    this.#discard();
  }
}
