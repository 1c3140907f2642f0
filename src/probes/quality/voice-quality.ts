import {
  arrayOf,
  checkOptions,
  either,
  numberFrom,
  type OptionRule,
  type OptionRules,
  objectWith,
  oneOf,
  wholeNumberFrom,
} from '../../options/index.js';
import { checkValue, PACKET_TIMES, TIME } from './check-value.js';
import { codecDelay, VOICE_CODECS, type VoiceCodec, type VoiceCodecName } from './codecs.js';
import { simplifiedDelayImpairment } from './delay-impairment.js';
import { eModel } from './e-model.js';
import { type EModelParameters, RULES as PARAMETER_RULES } from './e-model-parameters.js';
import { lossPattern } from './loss-pattern.js';
import { mosOfR, type SpeechQuality, speechQualityOf } from './mos.js';
import { playOut } from './playout.js';

/** How `voiceQuality` rates. */
export interface VoiceQualityOptions {
  /** The codec: one of {@link VOICE_CODECS}, or its values. @default 'g711-plc' */
  readonly codec?: VoiceCodecName | VoiceCodec | undefined;
  /** The length of the de-jitter buffer, in milliseconds. See {@link playOut} for what it does. @default 40 */
  readonly jitterBuffer?: number | undefined;
  /** What the codec adds to the delay, in milliseconds. @default {@link codecDelay} of the codec */
  readonly codecDelay?: number | undefined;
  /**
   * How the delay counts: by the formula of ITU-T G.107 (2015), or by the short one of Cole and Rosenbluth (2001), as much other software has it:
   * R = 93.2 − Id − Ie,eff + A.
   *
   * @default 'g107'
   */
  readonly delayFormula?: 'g107' | 'cole-rosenbluth' | undefined;
  /** The burst ratio, in place of what the order of the losses says. @default as measured; 1 where the order is not known */
  readonly burstRatio?: number | undefined;
  /** A, what users forgive for the sake of mobility: 0 for a wired telephone, up to 5, 10 or 20 for others (G.107 table 2). @default 0 */
  readonly advantage?: number | undefined;
}

/** Packets in the order of sending: the round-trip time in milliseconds, null where it was lost, undefined where that cannot be told. */
export type PacketSeries = readonly (number | null | undefined)[];

/** What is known of packets where the order of the losses is not. */
export interface PacketSummary {
  /** Round-trip times in milliseconds. */
  readonly samples: readonly number[];
  /** How many packets were lost. */
  readonly lost: number;
}

/** How speech would sound over a path. */
export interface VoiceQuality {
  /** The transmission rating factor R of G.107, between 0 and 100. */
  readonly r: number;
  /** The mean opinion score, 1 to 4.5. */
  readonly mos: number;
  /** The class of G.109. */
  readonly quality: SpeechQuality;
  /** From mouth to ear, in milliseconds: half the shortest round trip, the de-jitter buffer and the codec. */
  readonly delay: number;
  /** Which fraction of the packets the network lost, 0 to 1. */
  readonly networkLoss: number;
  /** Which fraction came too late for the de-jitter buffer, 0 to 1. */
  readonly discarded: number;
  /** The burst ratio that was reckoned with: never below 1. */
  readonly burstRatio: number;
  /** What the delay takes from R. */
  readonly delayImpairment: number;
  /** What codec and loss take from R. */
  readonly equipmentImpairment: number;
  /** What the E-model is not verified for, such as a loss above 20 %. */
  readonly outsideRange: readonly (keyof EModelParameters)[];
}

/**
 * How a telephone call would sound over a path, by ITU-T G.107 (06/2015), from the round trips of packets that were sent there.
 *
 * One way is taken to be half of a round trip: nothing here can tell the two directions apart. There is no echo in the model (T = Tr = 0). Loss
 * of a round trip counts as loss of one way, which is the worse of what may have been.
 *
 * @returns undefined where no packet came back: there is no delay then, and no call.
 * @throws {InvalidOptionError}
 *
 * @example
 * const { samples, facts } = await probePing('192.0.2.1', { count: 50, interval: 20 });
 * voiceQuality({ samples, lost: facts.sent - facts.received }, { codec: 'g729a-vad' })?.mos;
 */
export function voiceQuality(
  packets: PacketSeries | PacketSummary,
  options: VoiceQualityOptions = {},
): VoiceQuality | undefined {
  checkOptions('voiceQuality', options, RULES);
  checkValue('voiceQuality: packets', packets, packetsRule);
  const series = 'samples' in packets ? [...packets.samples, ...Array<null>(packets.lost).fill(null)] : packets;
  const codec = codecOf(options.codec ?? 'g711-plc');
  const { jitterBuffer = 40, delayFormula = 'g107', advantage = 0 } = options;
  const oneWay = series.map((each) => (typeof each === 'number' ? each / 2 : each));
  const { delay: transit, played, discarded } = playOut(oneWay, jitterBuffer);
  const { known, lost, loss = 0, burstRatio } = lossPattern(played);
  if (transit === undefined) return undefined;
  const delay = transit + (options.codecDelay ?? codecDelay(codec));
  const measuredRatio = 'samples' in packets ? 1 : (burstRatio ?? 1);
  const ratio = Math.max(1, options.burstRatio ?? measuredRatio);
  const rating = rate(
    { Ta: delay, Ppl: loss * 100, BurstR: ratio, Ie: codec.Ie, Bpl: codec.Bpl, A: advantage },
    delayFormula,
  );
  return {
    ...rating,
    delay,
    networkLoss: (lost - discarded) / known,
    discarded: discarded / known,
    burstRatio: ratio,
  };
}

type Rating = Pick<VoiceQuality, 'r' | 'mos' | 'quality' | 'delayImpairment' | 'equipmentImpairment' | 'outsideRange'>;

function rate(parameters: Partial<EModelParameters>, formula: 'g107' | 'cole-rosenbluth'): Rating {
  const exact = eModel(parameters);
  const { outsideRange, equipmentImpairment } = exact;
  const { Ta = 0, A = 0 } = parameters;
  const delayImpairment = formula === 'g107' ? exact.delayImpairment : simplifiedDelayImpairment(Ta);
  const unbounded = formula === 'g107' ? exact.r : R_OF_DEFAULTS - delayImpairment - equipmentImpairment + A;
  const r = Math.min(100, Math.max(0, unbounded));
  return { r, mos: mosOfR(r), quality: speechQualityOf(r), delayImpairment, equipmentImpairment, outsideRange };
}

/** What everything is taken from where the short formula is used: R without any impairment, as G.107 clause 7.7 prints it. */
const R_OF_DEFAULTS = 93.2;

function codecOf(codec: VoiceCodecName | VoiceCodec): VoiceCodec {
  return typeof codec === 'string' ? VOICE_CODECS[codec] : codec;
}

const MOST_LOST = wholeNumberFrom(0, 1_000_000);

const packetsRule: OptionRule = either(
  PACKET_TIMES,
  objectWith(
    `an object with samples, a list of round-trip times in milliseconds, and lost, ${MOST_LOST.allowed}`,
    (summary) =>
      arrayOf(TIME, '').accepts(Reflect.get(summary, 'samples')) && MOST_LOST.accepts(Reflect.get(summary, 'lost')),
  ),
);

const SHORT_TIME = numberFrom(0, 10_000, 'milliseconds');

const CODEC_RULES: OptionRules<VoiceCodec> = {
  Ie: PARAMETER_RULES.Ie,
  Bpl: PARAMETER_RULES.Bpl,
  packetTime: SHORT_TIME,
  frameTime: SHORT_TIME,
  lookAhead: SHORT_TIME,
};

const codecRule: OptionRule = objectWith(
  `an object with the numbers ${Object.keys(CODEC_RULES).join(', ')}, of which Bpl is above 0, Ie at most 95, and no time longer than 10 s`,
  (codec) => Object.entries(CODEC_RULES).every(([name, rule]) => rule.accepts(Reflect.get(codec, name))),
);

const RULES: OptionRules<VoiceQualityOptions> = {
  codec: either(oneOf(...Object.keys(VOICE_CODECS)), codecRule),
  jitterBuffer: SHORT_TIME,
  codecDelay: SHORT_TIME,
  delayFormula: oneOf('g107', 'cole-rosenbluth'),
  burstRatio: numberFrom(Number.MIN_VALUE, Number.MAX_VALUE),
  advantage: numberFrom(0, 20),
};
