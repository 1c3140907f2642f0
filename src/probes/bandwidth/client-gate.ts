import { createHash, timingSafeEqual } from 'node:crypto';
import { type BlockList, isIP } from 'node:net';

/** Who may come in. */
export class ClientGate {
  readonly #allow: BlockList;
  readonly #token: Buffer | undefined;

  constructor(allow: BlockList, token: string | undefined) {
    this.#allow = allow;
    this.#token = token === undefined ? undefined : digest(token);
  }

  /** @param address as `plainAddress` gives it. */
  allows(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#allow.check(address, version === 4 ? 'ipv4' : 'ipv6');
  }

  /** @param authorization the header's value. */
  knows(authorization: string | undefined): boolean {
    if (this.#token === undefined) return true;
    const [, token = ''] = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(authorization ?? '') ?? [];
    // Digests are of one length, and tell nothing of how long the token is.
    return timingSafeEqual(digest(token), this.#token);
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
