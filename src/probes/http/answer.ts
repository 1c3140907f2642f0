import type { Readable } from 'node:stream';

/** The head of an answer, and its body still to be read. */
export interface HttpAnswer {
  readonly status: number;
  /** `'1.0'`, `'1.1'` or `'2'`. */
  readonly httpVersion: string;
  /** Header fields by their names in lower case; one that comes several times is joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Readable;
  /**
   * Asked when the body has ended: why that was not its end, or undefined.
   *
   * @param error with which it ended, if with any.
   */
  readonly whyIncomplete: (error?: Error) => Error | undefined;
}

/** Told while a request is on its way. */
export interface RequestProgress {
  /** All of the request has been handed to the kernel. */
  sent(): void;
  /** The first byte of the answer has come. */
  firstByte(): void;
}

/** Header fields as Node.js gives them: by name, several of one name as a list. */
export function headersOf(fields: NodeJS.Dict<string | string[]>): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || name.startsWith(':')) continue;
    headers.set(name, typeof value === 'string' ? value : value.join(', '));
  }
  return headers;
}
