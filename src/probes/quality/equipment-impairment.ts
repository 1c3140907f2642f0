import type { EModelParameters } from './e-model-parameters.js';

/**
 * Ie,eff, what the codec and the packets that it misses take from R: Ie + (95 − Ie) · Ppl / (Ppl/BurstR + Bpl) (ITU-T G.107 (06/2015)
 * equation 7-29). Ppl is in per cent. A burst ratio below 1, as of a few packets at regular distances, counts as 1.
 */
export function equipmentImpairment({
  Ie,
  Bpl,
  Ppl,
  BurstR,
}: Pick<EModelParameters, 'Ie' | 'Bpl' | 'Ppl' | 'BurstR'>): number {
  return Ie + (95 - Ie) * (Ppl / (Ppl / Math.max(1, BurstR) + Bpl));
}
