import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, RecordStore, StoredRecord } from '../../store/index.js';
import type { MembersResponse } from '../wire/index.js';
import type { RingBook } from './ring-book.js';

/** Milliseconds for which a member may be said to have been heard of before the last time: that is told in whole seconds. */
const GOOD_FOR = 1_000;

/**
 * The answer to `GET /members`. Each member asks for it every half minute, and in a large ring it takes milliseconds to make: so it is made when
 * somebody has come, gone or changed, and otherwise once a second at most.
 */
export class MembersAnswer {
  readonly #book: RingBook;
  readonly #store: Pick<RecordStore, 'list'>;
  /** What it was made from. */
  #records: readonly StoredRecord[] = [];
  #body: string | undefined;
  #until = 0;

  constructor(book: RingBook, store: Pick<RecordStore, 'list'>) {
    this.#book = book;
    this.#store = store;
  }

  /** As JSON. */
  get body(): string {
    const now = performance.now();
    const records = [...this.#store.list('member'), ...this.#store.list('deregistered')];
    if (this.#body !== undefined && now < this.#until && this.#isOf(records)) return this.#body;
    const body = JSON.stringify({ members: this.#book.members() } satisfies MembersResponse);
    this.#body = body;
    this.#records = records;
    this.#until = now + GOOD_FOR;
    return body;
  }

  #isOf(records: readonly StoredRecord[]): boolean {
    return (
      records.length === this.#records.length &&
      records.every((record, index) => {
        const made = this.#records[index];
        return record === made || (made !== undefined && isSame(record.value, made.value));
      })
    );
  }
}

/** But for when it was heard of last. */
function isSame({ last_seen: _one, ...before }: JsonObject, { last_seen: _other, ...after }: JsonObject): boolean {
  return isDeepStrictEqual(before, after);
}
