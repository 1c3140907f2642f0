import { callSafely } from '../../events/index.js';
import type { TransferOptions, TransferResult } from './options.js';

/** Counts a transfer over all of its attempts, and tells how it gets on. */
export class Meter {
  readonly #onProgress: TransferOptions['onProgress'];
  #total = 0;
  #bytes = 0;
  #moved = 0;

  constructor(onProgress: TransferOptions['onProgress']) {
    this.#onProgress = onProgress;
  }

  /** An attempt begins to work on a file of that size. */
  set total(total: number) {
    this.#total = total;
  }

  /** So many of the first bytes are at the other side and known to be right. */
  reach(bytes: number): void {
    this.#bytes = bytes;
    this.#tell();
  }

  /** So many bytes of the content went over the wire. */
  move(bytes: number): void {
    this.#moved += bytes;
    this.#tell();
  }

  get result(): TransferResult {
    return Object.freeze({ bytes: this.#total, moved: this.#moved });
  }

  #tell(): void {
    const onProgress = this.#onProgress;
    if (onProgress === undefined) return;
    const progress = Object.freeze({ bytes: this.#bytes, total: this.#total, moved: this.#moved });
    callSafely(() => onProgress(progress));
  }
}
