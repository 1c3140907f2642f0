import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Gives numbers from 0 up to 1, always the same for a seed: a stand-in for `Math.random`. */
export type Random = () => number;

export function randomFrom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
}

export interface LogNormal {
  readonly median: number;
  /** The standard deviation of the logarithm. */
  readonly sigma: number;
  /** What lies outside is drawn again. */
  readonly least: number;
  readonly most: number;
}

export function drawLogNormal(random: Random, { median, sigma, least, most }: LogNormal): number {
  for (;;) {
    const drawn = median * Math.exp(sigma * drawNormal(random));
    if (drawn >= least && drawn <= most) return drawn;
  }
}

/** By the transform of Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958. */
function drawNormal(random: Random): number {
  // From 1 down to 0, without 0.
  const [radius, angle] = [1 - random(), random()];
  return Math.sqrt(-2 * Math.log(radius)) * Math.cos(2 * Math.PI * angle);
}
