import type { UploadEvent } from './upload-event.js';

/** What has happened to one upload, and a way to wait for what will. */
export class Journal {
  readonly #events: UploadEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #ended = false;

  add(event: UploadEvent): void {
    this.#events.push(event);
    this.#wake();
  }

  /** The upload is over: nothing more will happen. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  get storedBytes(): number {
    return this.#events.reduce((sum, event) => sum + (event.type === 'stored' ? event.bytes : 0), 0);
  }

  count(type: UploadEvent['type'], since = Number.NEGATIVE_INFINITY): number {
    return this.#events.filter((event) => event.type === type && event.at >= since).length;
  }

  /** The first event from `since` on that `matches`, as soon as there is one; undefined if the upload ends without. */
  async first(since: number, matches: (event: UploadEvent) => boolean): Promise<UploadEvent | undefined> {
    let found: UploadEvent | undefined;
    await this.#until(() => {
      found = this.#events.find((event) => event.at >= since && matches(event));
      return found !== undefined;
    });
    return found;
  }

  /** Waits until that many bytes are stored, or the upload is over. */
  stored(bytes: number): Promise<void> {
    return this.#until(() => this.storedBytes >= bytes);
  }

  #until(isTrue: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (isTrue() || this.#ended) {
          this.#waiting.delete(look);
          resolve();
        }
      };
      this.#waiting.add(look);
      look();
    });
  }

  #wake(): void {
    for (const look of [...this.#waiting]) {
      look();
    }
  }
}
