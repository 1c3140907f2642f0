import { ANY_NUMBER, checkValue } from './check-value.js';

/**
 * The mean opinion score that a rating stands for, 1 to 4.5: 1 + 0.035·R + R·(R − 60)·(100 − R)·7·10⁻⁶ (ITU-T G.107 (06/2015) annex B,
 * equation B-4). Below R = 6.5 the formula dips under 1, and 1 is given.
 *
 * @throws {InvalidOptionError}
 */
export function mosOfR(r: number): number {
  checkValue('mosOfR: r', r, ANY_NUMBER);
  if (r >= 100) return 4.5;
  return r <= 0 ? 1 : Math.max(1, polynomial(r));
}

/**
 * The rating that a mean opinion score stands for, by G.107 appendix I. Several ratings mean 1: the largest of them, 6.5, is given.
 *
 * @param mos 1 to 4.5; what is beyond is taken for the nearer end.
 * @throws {InvalidOptionError}
 */
export function rOfMos(mos: number): number {
  checkValue('rOfMos: mos', mos, ANY_NUMBER);
  if (mos <= 1) return LEAST_R;
  if (mos >= 4.5) return 100;
  const h = Math.atan2(15 * Math.sqrt(-903_522 + 1_113_960 * mos - 202_500 * mos ** 2), 18_566 - 6750 * mos) / 3;
  return (20 / 3) * (8 - Math.sqrt(226) * Math.cos(h + Math.PI / 3));
}

/** How content users are with a connection: the classes of ITU-T G.109 (09/1999) table 1. */
export type SpeechQuality = 'best' | 'high' | 'medium' | 'low' | 'poor' | 'not-recommended';

/**
 * The class of a rating: from 90 users are very satisfied, from 80 satisfied, from 70 some, from 60 many and from 50 nearly all are dissatisfied.
 *
 * @throws {InvalidOptionError}
 */
export function speechQualityOf(r: number): SpeechQuality {
  checkValue('speechQualityOf: r', r, ANY_NUMBER);
  return CLASSES.find(([least]) => r >= least)?.[1] ?? 'not-recommended';
}

const CLASSES = [
  [90, 'best'],
  [80, 'high'],
  [70, 'medium'],
  [60, 'low'],
  [50, 'poor'],
] as const;

/** Where the polynomial is 1: beside R = 0, where 0.035 + (R − 60)·(100 − R)·7·10⁻⁶ is 0. */
const LEAST_R = 80 - Math.sqrt(5400);

function polynomial(r: number): number {
  return 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6;
}
