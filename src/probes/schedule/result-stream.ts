import { onAbort, throwIfAborted } from '../../events/index.js';

/** How results are read one after the other. */
export interface ResultStreamOptions {
  /** Ends the iteration early: it then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How many results wait for a reader who is slow, at most. @default 1000 */
  readonly capacity?: number | undefined;
  /**
   * What gives when that many wait: the oldest of them, which is counted in `dropped`; or the schedule, which then starts no probe until there
   * is room again. Those in flight are still taken in, so that `capacity + concurrency` is the bound.
   *
   * @default 'drop-oldest'
   */
  readonly onFull?: 'drop-oldest' | 'pause' | undefined;
}

/** What a {@link ResultStream} tells its schedule. */
export interface StreamOwner {
  /** There is room again, or nobody reads any more. */
  onRoom(): void;
  onEnd(): void;
}

/** Results as they come, for `for await`. It is for one reader. */
export class ResultStream<Item> implements AsyncIterableIterator<Item, undefined> {
  readonly #capacity: number;
  readonly #mayDrop: boolean;
  readonly #owner: StreamOwner;
  readonly #signal: AbortSignal | undefined;
  readonly #release: () => void;
  /** By the numbers of their coming: an array would move all others whenever the first is taken. */
  readonly #items = new Map<number, Item>();
  #first = 0;
  #readers: {
    readonly resolve: (result: IteratorResult<Item, undefined>) => void;
    readonly reject: (reason: unknown) => void;
  }[] = [];
  #isEnded = false;
  #dropped = 0;

  /** @internal */
  constructor({ signal, capacity = 1_000, onFull = 'drop-oldest' }: ResultStreamOptions, owner: StreamOwner) {
    throwIfAborted(signal);
    this.#capacity = capacity;
    this.#mayDrop = onFull === 'drop-oldest';
    this.#owner = owner;
    this.#signal = signal;
    this.#release = signal === undefined ? () => {} : onAbort(signal, () => this.#abort());
  }

  /** How many results were dropped because the reader was slow. */
  get dropped(): number {
    return this.#dropped;
  }

  /** How many wait to be read. */
  get waiting(): number {
    return this.#items.size;
  }

  /** @internal Whether no probe is to start before there is room. */
  get holdsUp(): boolean {
    return !this.#mayDrop && this.#items.size >= this.#capacity;
  }

  /** @internal */
  push(item: Item): void {
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader.resolve({ done: false, value: item });
      return;
    }
    this.#items.set(this.#first + this.#items.size, item);
    if (!this.#mayDrop || this.#items.size <= this.#capacity) return;
    this.#items.delete(this.#first++);
    this.#dropped += 1;
  }

  /** @internal No more will come; what waits can still be read. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#release();
    for (const { resolve } of this.#readers.splice(0)) resolve(DONE);
    this.#owner.onEnd();
  }

  /** The next result, as soon as there is one; `done` once the schedule has stopped and all have been read. */
  async next(): Promise<IteratorResult<Item, undefined>> {
    throwIfAborted(this.#signal);
    const item = this.#items.get(this.#first);
    if (item === undefined) {
      if (this.#isEnded) return DONE;
      return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
    }
    const heldUp = this.holdsUp;
    this.#items.delete(this.#first++);
    if (heldUp && !this.holdsUp) this.#owner.onRoom();
    return { done: false, value: item };
  }

  /** Ends the reading: what waits is dropped. */
  async return(): Promise<IteratorResult<Item, undefined>> {
    this.#items.clear();
    this.end();
    return DONE;
  }

  /** Itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  #abort(): void {
    this.#items.clear();
    for (const { reject } of this.#readers.splice(0)) reject(this.#signal?.reason);
    this.end();
  }
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };
