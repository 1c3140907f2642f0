import { createHash, timingSafeEqual } from 'node:crypto';

/** Tokens that are good, or where they are to be looked up at each request: in a file that is read again when it changes. */
export type Tokens = readonly string[] | (() => readonly string[]);

/** Fewer characters could be guessed. */
export const SHORTEST_TOKEN = 16;

/** More are no rotation any more, and each costs time at every request. */
export const MOST_TOKENS = 16;

/** Characters: a token of JWT's size and more. */
const LONGEST_TOKEN = 4_096;

/** What a token may consist of (RFC 6750, section 2.1, and whatever else is visible ASCII). */
const TOKEN = new RegExp(`^[\\x21-\\x7e]{${SHORTEST_TOKEN},${LONGEST_TOKEN}}$`);

/** Whether a text can be a token. */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && TOKEN.test(value);
}

/** Knows by a header whether somebody has one of the tokens. */
export class TokenGate {
  readonly #tokens: () => readonly string[];

  constructor(tokens: Tokens) {
    this.#tokens = typeof tokens === 'function' ? tokens : () => tokens;
  }

  /** @param authorization the header's value. */
  admits(authorization: string | undefined): boolean {
    const [, given = ''] = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization ?? '') ?? [];
    const presented = digest(given);
    // All are compared, whichever fits: how long that takes says nothing.
    return this.#tokens()
      .filter(isToken)
      .slice(0, MOST_TOKENS)
      .reduce((isGood, token) => timingSafeEqual(presented, digest(token)) || isGood, false);
  }
}

/** Of one length, so that they can be compared in constant time. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
