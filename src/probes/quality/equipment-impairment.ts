import { checkValue } from './check-value.js';
import { type EModelParameters, RULES } from './e-model-parameters.js';

/**
 * Ie,eff, what the codec and the packets that it misses take from R: Ie + (95 − Ie) · Ppl / (Ppl/BurstR + Bpl) (ITU-T G.107 (06/2015)
 * equation 7-29). Ppl is in per cent. A burst ratio below 1, as of a few packets at regular distances, counts as 1.
 *
 * @throws {InvalidOptionError}
 */
export function equipmentImpairment({
  Ie,
  Bpl,
  Ppl,
  BurstR,
}: Pick<EModelParameters, 'Ie' | 'Bpl' | 'Ppl' | 'BurstR'>): number {
  checkValue('equipmentImpairment: Ie', Ie, RULES.Ie);
  checkValue('equipmentImpairment: Bpl', Bpl, RULES.Bpl);
  checkValue('equipmentImpairment: Ppl', Ppl, RULES.Ppl);
  checkValue('equipmentImpairment: BurstR', BurstR, RULES.BurstR);
  return Ie + (95 - Ie) * (Ppl / (Ppl / Math.max(1, BurstR) + Bpl));
}
