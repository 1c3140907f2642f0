import { numberFrom, type OptionRules } from '../../options/index.js';

/** The parameters of the E-model, by the names that ITU-T G.107 (06/2015) gives them in table 3. */
export interface EModelParameters {
  /** Send loudness rating, in dB. @default 8 */
  readonly SLR: number;
  /** Receive loudness rating, in dB. @default 2 */
  readonly RLR: number;
  /** Sidetone masking rating, in dB. @default 15 */
  readonly STMR: number;
  /** Listener sidetone rating, in dB. @default 18 */
  readonly LSTR: number;
  /** D-value of the telephone at the send side. @default 3 */
  readonly Ds: number;
  /** Talker echo loudness rating, in dB. @default 65 */
  readonly TELR: number;
  /** Weighted echo path loss, in dB. @default 110 */
  readonly WEPL: number;
  /** Mean one-way delay of the echo path, in milliseconds. @default 0: no echo */
  readonly T: number;
  /** Round-trip delay in a four-wire loop, in milliseconds. @default 0: no echo */
  readonly Tr: number;
  /** Absolute delay from mouth to ear, one way, in milliseconds. @default 0 */
  readonly Ta: number;
  /** Delay sensitivity: 1 by default, 0.55 for low, 0.4 for very low (table 1). @default 1 */
  readonly sT: number;
  /** The least delay that is noticed, in milliseconds: 100 by default, 120 for low, 150 for very low sensitivity (table 1). @default 100 */
  readonly mT: number;
  /** Number of quantisation distortion units. @default 1 */
  readonly qdu: number;
  /** Equipment impairment factor of the codec. @default 0 */
  readonly Ie: number;
  /** Packet-loss robustness factor of the codec. @default 4.3 */
  readonly Bpl: number;
  /** Packet loss, in per cent. @default 0 */
  readonly Ppl: number;
  /** Burst ratio: 1 where losses are independent of each other, more where they come in bursts. @default 1 */
  readonly BurstR: number;
  /** Circuit noise referred to the 0 dBr point, in dBm0p. @default −70 */
  readonly Nc: number;
  /** Noise floor at the receive side, in dBmp. @default −64 */
  readonly Nfor: number;
  /** Room noise at the send side, in dB(A). @default 35 */
  readonly Ps: number;
  /** Room noise at the receive side, in dB(A). @default 35 */
  readonly Pr: number;
  /** Advantage factor: what users forgive for the sake of mobility, say. @default 0 */
  readonly A: number;
}

/** The default values. */
export const TABLE_3: EModelParameters = {
  SLR: 8,
  RLR: 2,
  STMR: 15,
  LSTR: 18,
  Ds: 3,
  TELR: 65,
  WEPL: 110,
  T: 0,
  Tr: 0,
  Ta: 0,
  sT: 1,
  mT: 100,
  qdu: 1,
  Ie: 0,
  Bpl: 4.3,
  Ppl: 0,
  BurstR: 1,
  Nc: -70,
  Nfor: -64,
  Ps: 35,
  Pr: 35,
  A: 0,
};

type Range = readonly [least: number, most: number];

/** The permitted ranges. With a burst ratio above 2 the model holds for a loss below 2 % only. */
export const RANGES: { readonly [Name in keyof EModelParameters]: Range } = {
  SLR: [0, 18],
  RLR: [-5, 14],
  STMR: [10, 20],
  LSTR: [13, 23],
  Ds: [-3, 3],
  TELR: [5, 65],
  WEPL: [5, 110],
  T: [0, 500],
  Tr: [0, 1000],
  Ta: [0, 500],
  sT: [0.4, 1],
  mT: [20, 150],
  qdu: [1, 14],
  Ie: [0, 40],
  Bpl: [4.3, 40],
  Ppl: [0, 20],
  BurstR: [1, 8],
  Nc: [-80, -40],
  Nfor: [-64, -64],
  Ps: [35, 85],
  Pr: [35, 85],
  A: [0, 20],
};

const FINITE = numberFrom(-Number.MAX_VALUE, Number.MAX_VALUE);
const POSITIVE = numberFrom(Number.MIN_VALUE, Number.MAX_VALUE);
const NOT_NEGATIVE = numberFrom(0, Number.MAX_VALUE);

/** What the formulas can be computed with: more than the permitted ranges. */
export const RULES = {
  SLR: FINITE,
  RLR: FINITE,
  STMR: FINITE,
  LSTR: FINITE,
  Ds: FINITE,
  TELR: FINITE,
  WEPL: FINITE,
  T: NOT_NEGATIVE,
  Tr: NOT_NEGATIVE,
  Ta: NOT_NEGATIVE,
  // Below 1/6, a longer delay would be a better one.
  sT: numberFrom(0.2, 10),
  mT: POSITIVE,
  qdu: POSITIVE,
  Ie: numberFrom(0, 95),
  Bpl: POSITIVE,
  Ppl: numberFrom(0, 100, 'per cent'),
  BurstR: POSITIVE,
  Nc: FINITE,
  Nfor: FINITE,
  Ps: FINITE,
  Pr: FINITE,
  A: FINITE,
} as const satisfies OptionRules<EModelParameters>;
