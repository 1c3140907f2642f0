/** How many times as long as it took to make, a value is good. */
const GOOD_FOR = 10;

/**
 * A value that is made anew when it is asked for, but never for more than a tenth of the time, however large it is and however often it is asked
 * for: a small one is always new, and one that took 100 ms is good for a second.
 */
export class Recent<Value> {
  readonly #make: () => Value;
  #made: { readonly value: Value; readonly until: number } | undefined;

  constructor(make: () => Value) {
    this.#make = make;
  }

  get value(): Value {
    const begin = performance.now();
    if (this.#made !== undefined && begin < this.#made.until) return this.#made.value;
    const value = this.#make();
    const end = performance.now();
    this.#made = { value, until: end + GOOD_FOR * (end - begin) };
    return value;
  }
}
