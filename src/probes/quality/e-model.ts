import { InvalidOptionError } from '../../errors/index.js';
import { checkOptions } from '../../options/index.js';
import { absoluteDelayImpairment, listenerEcho, talkerEcho } from './delay-impairment.js';
import { type EModelParameters, RANGES, RULES, TABLE_3 } from './e-model-parameters.js';
import { equipmentImpairment } from './equipment-impairment.js';
import { mosOfR } from './mos.js';

/** The rating of a telephone connection, and what it is made of: R = Ro − Is − Id − Ie,eff + A (ITU-T G.107 (2015) equation 7-1). */
export interface EModelRating {
  /** The transmission rating factor R. May be below 0 or above 100. */
  readonly r: number;
  /** The mean opinion score that R stands for, 1 to 4.5 (G.107 annex B). */
  readonly mos: number;
  /** Ro, the basic signal-to-noise ratio (clause 7.2). */
  readonly signalToNoise: number;
  /** Is, what comes along with the voice: too loud, sidetone, quantising (clause 7.3). */
  readonly simultaneousImpairment: number;
  /** Id = Idte + Idle + Idd: talker's echo, listener's echo, absolute delay (clause 7.4). */
  readonly delayImpairment: number;
  /** Ie,eff: the codec and the packets that it misses (clause 7.5). */
  readonly equipmentImpairment: number;
  /** Parameters beyond what table 3 permits: there, the model is extrapolated and nobody has verified it. */
  readonly outsideRange: readonly (keyof EModelParameters)[];
}

/**
 * The E-model of ITU-T G.107 (06/2015) in full, for narrow-band telephony. With nothing but defaults R is 93.2, and the MOS is 4.41.
 *
 * @throws {InvalidOptionError} where a parameter is no finite number, or one that no formula can be computed with.
 *
 * @example
 * eModel({ Ta: 150, Ie: 11, Bpl: 19, Ppl: 1 }).r; // 77.8
 */
export function eModel(parameters: Partial<EModelParameters> = {}): EModelRating {
  checkOptions('eModel', parameters, RULES);
  const p = { ...TABLE_3, ...withoutUndefined(parameters) };
  const noise = noiseSum(p);
  const signalToNoise = 15 - 1.5 * (p.SLR + noise);
  const sidetone = sidetoneImpairment(p);
  const simultaneousImpairment = tooLoud(p, noise) + sidetone + quantising(p, signalToNoise);
  const delayImpairment =
    talkerEcho(p, { noise, sidetone }) + listenerEcho(p, signalToNoise) + absoluteDelayImpairment(p.Ta, p);
  const equipment = equipmentImpairment(p);
  const r = signalToNoise - simultaneousImpairment - delayImpairment - equipment + p.A;
  if (!Number.isFinite(r)) throw new InvalidOptionError('eModel: parameters', parameters, 'such that R is a number');
  return {
    r,
    mos: mosOfR(r),
    signalToNoise,
    simultaneousImpairment,
    delayImpairment,
    equipmentImpairment: equipment,
    outsideRange: outsideRange(p),
  };
}

/** No, the sum of the noise sources: of the circuit, of both rooms, and the floor (equations 7-3 to 7-7). */
function noiseSum(p: EModelParameters): number {
  const olr = p.SLR + p.RLR;
  const roomSending = p.Ps - p.SLR - p.Ds - 100 + 0.004 * (p.Ps - olr - p.Ds - 14) ** 2;
  const effectiveRoom = p.Pr + 10 * Math.log10(1 + 10 ** ((10 - p.LSTR) / 10));
  const roomReceiving = p.RLR - 121 + effectiveRoom + 0.008 * (effectiveRoom - 35) ** 2;
  return decibelSum([p.Nc, roomSending, roomReceiving, p.Nfor + p.RLR]);
}

function decibelSum(levels: readonly number[]): number {
  return 10 * Math.log10(levels.reduce((sum, level) => sum + 10 ** (level / 10), 0));
}

/** Iolr (equations 7-9 and 7-10). */
function tooLoud({ SLR, RLR }: EModelParameters, noise: number): number {
  const x = (SLR + RLR + 0.2 * (64 + noise - RLR)) / 8;
  return 20 * ((1 + x ** 8) ** (1 / 8) - x);
}

/** Ist (equations 7-11 and 7-12). */
function sidetoneImpairment({ STMR, T, TELR }: EModelParameters): number {
  const stmro = -10 * Math.log10(10 ** (-STMR / 10) + Math.exp(-T / 4) * 10 ** (-TELR / 10));
  const part = (offset: number, scale: number, power: number) =>
    (1 + Math.abs((stmro + offset) / scale) ** power) ** (1 / power);
  return 12 * part(-13, 6, 8) - 28 * part(1, 19.4, 35) - 13 * part(-3, 33, 13) + 29;
}

/** Iq (equations 7-13 to 7-17). */
function quantising({ qdu }: EModelParameters, signalToNoise: number): number {
  const q = 37 - 15 * Math.log10(qdu);
  const g = 1.07 + 0.258 * q + 0.0602 * q ** 2;
  const y = (signalToNoise - 100) / 15 + 46 / 8.4 - g / 9;
  const z = 46 / 30 - g / 40;
  return 15 * Math.log10(1 + 10 ** y + 10 ** z);
}

function outsideRange(p: EModelParameters): readonly (keyof EModelParameters)[] {
  return PARAMETERS.filter((name) => {
    const [least, most] = RANGES[name];
    const isBursty = name === 'BurstR' && p.BurstR > 2 && p.Ppl >= 2;
    return p[name] < least || p[name] > most || isBursty;
  });
}

function withoutUndefined(parameters: Partial<EModelParameters>): Partial<EModelParameters> {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));
}

const PARAMETERS = Object.keys(TABLE_3).filter((name): name is keyof EModelParameters => name in RANGES);
