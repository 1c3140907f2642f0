import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** Choices that look random but follow from two numbers, so that any input can be made again without those before it. */
export class Random {
  readonly #generator: RandomGenerator;

  constructor(seed: number, input: number) {
    const low = input >>> 0;
    const high = Math.floor(input / 2 ** 32);
    // The last one is never zero, as not all of them may be.
    this.#generator = xoroshiro128plusFromState([
      scramble(seed ^ low),
      scramble(low + 0x9e37_79b9),
      scramble(seed + high),
      scramble(low) | 1,
    ]);
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    return (this.#generator.next() >>> 0) % limit;
  }

  /** True once in so many times, on average. */
  onceIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** @throws {RangeError} when the list is empty. */
  pick<Item>(list: readonly Item[]): Item {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new RangeError('there is nothing to pick from');
    return item;
  }
}

/** The finalizer of MurmurHash3: neighbouring numbers come out unlike each other. */
function scramble(number: number): number {
  let hash = number | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}
