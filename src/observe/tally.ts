import type { Labels, Sample } from './metric.js';

/** A counter with labels. */
export class Tally {
  readonly #samples = new Map<string, { readonly labels: Labels; value: number }>();

  /** Shows a series that has counted nothing yet: Prometheus sees an increase only of what was there before. */
  show(labels: Labels): void {
    this.add(labels, 0);
  }

  add(labels: Labels, amount = 1): void {
    const key = JSON.stringify(labels);
    const sample = this.#samples.get(key);
    if (sample === undefined) this.#samples.set(key, { labels, value: amount });
    else sample.value += amount;
  }

  read(): Iterable<Sample> {
    return this.#samples.values();
  }
}
