/** One event of a stream. */
export interface SseMessage {
  /** `message` where the stream does not name it. */
  readonly event: string;
  readonly data: string;
}

/** Characters of one event. Beyond that it is no stream of ours. */
const LONGEST_EVENT = 64 * 2 ** 20;

/**
 * Reads server-sent events (HTML Standard, section 9.2.6) from pieces of text, wherever they are cut. EventSource cannot send the header that shows
 * a token; what `fetch` receives can be read with this. Fields that nobody here needs, `id` and `retry`, are passed over.
 */
export class SseParser {
  #rest = '';
  #isFirst = true;
  #data: string[] = [];
  #length = 0;
  #event = '';

  /**
   * @returns the events that are complete with this piece.
   * @throws {RangeError} where one is too long.
   */
  push(piece: string): readonly SseMessage[] {
    const text = this.#rest + this.#withoutMark(piece);
    const messages: SseMessage[] = [];
    let begin = 0;
    for (const { 0: end, index } of text.matchAll(/\r\n|\r|\n/g)) {
      // Of a CR at the end it is not known yet whether an LF belongs to it.
      if (end === '\r' && index === text.length - 1) break;
      const message = this.#line(text.slice(begin, index));
      if (message !== undefined) messages.push(message);
      begin = index + end.length;
    }
    this.#rest = text.slice(begin);
    if (this.#length + this.#rest.length > LONGEST_EVENT) throw new RangeError('an event is too long');
    return messages;
  }

  #withoutMark(piece: string): string {
    if (!this.#isFirst || piece === '') return piece;
    this.#isFirst = false;
    return piece.replace(/^\uFEFF/, '');
  }

  #line(line: string): SseMessage | undefined {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return undefined;
    const name = colon === -1 ? line : line.slice(0, colon);
    this.#field(name, colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, ''));
    return undefined;
  }

  #field(name: string, value: string): void {
    if (name === 'event') this.#event = value;
    else if (name === 'data') {
      this.#data.push(value);
      this.#length += value.length;
    }
  }

  #dispatch(): SseMessage | undefined {
    const [event, data] = [this.#event || 'message', this.#data];
    this.#event = '';
    this.#data = [];
    this.#length = 0;
    return data.length === 0 ? undefined : { event, data: data.join('\n') };
  }
}
