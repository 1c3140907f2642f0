import { checkValue, TIME } from './check-value.js';
import { type EModelParameters, RULES } from './e-model-parameters.js';

/**
 * Idd, what too long a way from mouth to ear takes from R: nothing up to mT, and then, with X = log2(Ta/mT),
 * 25 · {(1 + X^6sT)^(1/6sT) − 3 · (1 + (X/3)^6sT)^(1/6sT) + 2} (ITU-T G.107 (06/2015) equations 7-27 and 7-28).
 *
 * @param delay Ta, in milliseconds.
 * @throws {InvalidOptionError}
 */
export function absoluteDelayImpairment(
  delay: number,
  { sT = 1, mT = 100 }: Partial<Pick<EModelParameters, 'sT' | 'mT'>> = {},
): number {
  checkValue('absoluteDelayImpairment: delay', delay, TIME);
  checkValue('absoluteDelayImpairment: sT', sT, RULES.sT);
  checkValue('absoluteDelayImpairment: mT', mT, RULES.mT);
  if (delay <= mT) return 0;
  const x = Math.log2(delay) - Math.log2(mT);
  const power = 6 * sT;
  return 25 * ((1 + x ** power) ** (1 / power) - 3 * (1 + (x / 3) ** power) ** (1 / power) + 2);
}

/**
 * The same, in the short form that much of the literature uses: 0.024·d + 0.11·(d − 177.3)·H(d − 177.3), where H is 0 before 0 and 1 from there.
 * It was fitted to the whole of Id at the defaults of an earlier edition, and so takes something from the first millisecond on.
 * R. G. Cole and J. H. Rosenbluth, "Voice over IP performance monitoring", ACM SIGCOMM Computer Communication Review 31(2), 2001.
 *
 * @param delay d, one way from mouth to ear, in milliseconds.
 * @throws {InvalidOptionError}
 */
export function simplifiedDelayImpairment(delay: number): number {
  checkValue('simplifiedDelayImpairment: delay', delay, TIME);
  return 0.024 * delay + 0.11 * Math.max(0, delay - 177.3);
}

/** Idte, what hearing oneself takes from R (equations 7-19 to 7-24). Below 1 ms an echo is sidetone. */
export function talkerEcho(
  { T, TELR, STMR, RLR }: EModelParameters,
  { noise, sidetone }: { readonly noise: number; readonly sidetone: number },
): number {
  if (T < 1) return 0;
  const masked = STMR < 9 ? sidetone / 2 : 0;
  const terv = TELR - 40 * Math.log10((1 + T / 10) / (1 + T / 150)) + 6 * Math.exp(-0.3 * T ** 2) + masked;
  const half = (-1.5 * (noise - RLR) - (80 + 2.5 * (terv - 14))) / 2;
  const impairment = (half + Math.sqrt(half ** 2 + 100) - 1) * (1 - Math.exp(-T));
  return STMR > 20 ? Math.hypot(impairment, sidetone) : impairment;
}

/** Idle, what hearing the other twice takes from R (equations 7-25 and 7-26). */
export function listenerEcho({ WEPL, Tr }: EModelParameters, signalToNoise: number): number {
  const half = (signalToNoise - 10.5 * (WEPL + 7) * (Tr + 1) ** -0.25) / 2;
  return half + Math.sqrt(half ** 2 + 169);
}
