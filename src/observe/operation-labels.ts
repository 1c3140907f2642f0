import { plainText } from '../log/index.js';
import type { Labels } from './metric.js';

/** Gives the first names that come a label of their own, and all others the same, so that the number of series is bounded whatever comes. */
export class OperationLabels {
  readonly #limit: number;
  readonly #known = new Map<string, Labels>();

  /** @param limit with 0 there is no label at all. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  of(name: string | undefined): Labels {
    if (this.#limit === 0) return NONE;
    if (name === undefined) return UNNAMED;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (this.#known.size >= this.#limit) return OTHER;
    const labels = { operation: plainText(name) };
    this.#known.set(name, labels);
    return labels;
  }
}

const NONE: Labels = {};
const UNNAMED: Labels = { operation: '' };
const OTHER: Labels = { operation: 'other' };
