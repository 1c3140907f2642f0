import { NetpauseError } from '../../errors/index.js';

/** What of an answer's headers an error carries: fetch's Headers, or what looks like them. */
export interface AnswerHeaders {
  /** The value of a header, whatever the case of its name; `null` where there is none. */
  get(name: string): string | null;
}

/**
 * A server answered, but not with what was asked for. It stands for the answer where attempts are counted (`onFailedAttempt`, events, reports),
 * and is what a download rejects with.
 */
export class HttpStatusError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_HTTP_STATUS';

  constructor(
    /** The status code, such as 503. */
    readonly status: number,
    /** The headers of the answer. */
    readonly headers: AnswerHeaders,
    /** Method and host, such as `'GET example.com'`: paths and queries may hold secrets. */
    readonly request: string,
  ) {
    super(`${request} was answered with status ${status}`);
  }
}
