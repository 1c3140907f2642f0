import { plainText } from '../log/index.js';
import type { Labels } from './metric.js';

/**
 * Gives the first names that come a label of their own, and all others the same, so that the number of series is bounded whatever comes. What
 * reads the same is the same object.
 */
export class OperationLabels {
  readonly #limit: number;
  readonly #known = new Map<string, Labels>();

  /** @param limit with 0 there is no label at all. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  of(name: string | undefined): Labels {
    if (this.#limit === 0) return NONE;
    // As it will be shown: names that differ only in what is secret are one operation.
    const operation = plainText(name ?? UNNAMED.operation);
    const known = BUILT_IN.get(operation) ?? this.#known.get(operation);
    if (known !== undefined) return known;
    if (this.#known.size >= this.#limit) return OTHER;
    const labels = { operation };
    this.#known.set(operation, labels);
    return labels;
  }
}

const NONE: Labels = {};
const UNNAMED = { operation: '' };
const OTHER = { operation: 'other' };

/** One object for one label, also where an operation has such a name: waiting operations are counted by it. */
const BUILT_IN: ReadonlyMap<string, Labels> = new Map([UNNAMED, OTHER].map((labels) => [labels.operation, labels]));
