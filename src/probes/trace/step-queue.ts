/** Numbers in the order in which they came. Those that are no longer wanted are dropped when it is their turn. */
export class StepQueue {
  #items: number[] = [];
  #first = 0;

  push(item: number): void {
    this.#items.push(item);
  }

  /** Takes the first that is wanted. */
  next(isWanted: (item: number) => boolean): number | undefined {
    if (!this.has(isWanted)) return undefined;
    const item = this.#items[this.#first];
    this.#first += 1;
    return item;
  }

  has(isWanted: (item: number) => boolean): boolean {
    for (; this.#first < this.#items.length; this.#first += 1) {
      const item = this.#items[this.#first];
      if (item !== undefined && isWanted(item)) return true;
    }
    this.#items = [];
    this.#first = 0;
    return false;
  }
}
