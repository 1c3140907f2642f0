import { randomBytes } from 'node:crypto';

/** A mebibyte of random bytes, which nothing on the way can compress; made once, when it is first needed. */
let pool: Buffer | undefined;
const POOL_LENGTH = 2 ** 20;
/** Large enough for few system calls, small enough for a slow link to take one within seconds. */
const CHUNK_LENGTH = 2 ** 18;

/** Random bytes, chunk after chunk, until that many are given out. */
export class RandomChunks {
  #left: number;
  #offset = 0;

  constructor(length: number) {
    this.#left = length;
  }

  /** @returns undefined where there are no more. Nobody may write into what is returned. */
  next(): Buffer | undefined {
    if (this.#left === 0) return undefined;
    pool ??= randomBytes(POOL_LENGTH);
    const length = Math.min(CHUNK_LENGTH, this.#left);
    const chunk = pool.subarray(this.#offset, this.#offset + length);
    this.#offset = (this.#offset + CHUNK_LENGTH) % POOL_LENGTH;
    this.#left -= length;
    return chunk;
  }
}

/** What bytes are sent into: a request or a response of HTTP. */
interface Sink {
  write(chunk: Buffer): boolean;
  end(): unknown;
  on(event: 'drain', listener: () => void): unknown;
  readonly destroyed: boolean;
}

/**
 * Sends random bytes as fast as they are taken, and then ends the sink.
 *
 * @param onSent is told of each chunk that was handed over.
 */
export function sendRandom(sink: Sink, length: number, onSent: (bytes: number) => void = () => {}): void {
  const chunks = new RandomChunks(length);
  let isDone = false;
  const pump = (): void => {
    while (!isDone && !sink.destroyed) {
      const chunk = chunks.next();
      if (chunk === undefined) {
        isDone = true;
        sink.end();
        return;
      }
      onSent(chunk.length);
      if (!sink.write(chunk)) return;
    }
  };
  sink.on('drain', pump);
  pump();
}
