import { isDeepStrictEqual } from 'node:util';
import type { Matrix } from './matrix.js';

/** Tells of a matrix when it has changed; of several changes in a short time once. */
export class MatrixReporter {
  readonly #tell: (matrix: Matrix) => void;
  readonly #settled: number;
  #told: Matrix = [];
  #next: Matrix = [];
  #firstAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param settled milliseconds without a change after which a matrix is told of; after three times as long it is in any case. */
  constructor(settled: number, tell: (matrix: Matrix) => void) {
    this.#settled = settled;
    this.#tell = tell;
  }

  note(matrix: Matrix): void {
    if (isDeepStrictEqual(matrix, this.#next)) return;
    this.#next = matrix;
    clearTimeout(this.#timer);
    const now = performance.now();
    this.#firstAt ??= now;
    this.#timer = setTimeout(
      () => this.#settle(),
      Math.min(this.#settled, Math.max(0, this.#firstAt + 3 * this.#settled - now)),
    );
  }

  /** Tells of what is not told of yet. */
  flush(): void {
    if (this.#timer !== undefined) this.#settle();
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#firstAt = undefined;
    if (isDeepStrictEqual(this.#next, this.#told)) return;
    this.#told = this.#next;
    this.#tell(this.#told);
  }
}
