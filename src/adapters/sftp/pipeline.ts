/**
 * Requests that are under way at the same time and are taken off in the order in which they were made. What has been taken off is complete:
 * whatever a server does first, there are no holes in it.
 */
export class Pipeline<Value> {
  readonly #limit: number;
  readonly #requests: { readonly bytes: number; readonly answer: Promise<Value> }[] = [];
  #bytes = 0;

  /** @param limit bytes that may be under way. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get isEmpty(): boolean {
    return this.#requests.length === 0;
  }

  hasRoomFor(bytes: number): boolean {
    return this.#bytes + bytes <= this.#limit;
  }

  add(bytes: number, answer: Promise<Value>): void {
    // When one fails, nobody waits for those behind it.
    answer.catch(() => {});
    this.#requests.push({ bytes, answer });
    this.#bytes += bytes;
  }

  /** The answer to the oldest; undefined where there is none under way. */
  async next(): Promise<Value | undefined> {
    const oldest = this.#requests.shift();
    if (oldest === undefined) return undefined;
    const answer = await oldest.answer;
    this.#bytes -= oldest.bytes;
    return answer;
  }
}
