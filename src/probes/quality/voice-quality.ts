import { InvalidOptionError } from '../../errors/index.js';
import {
  checkOptions,
  either,
  numberFrom,
  type OptionRule,
  type OptionRules,
  objectWith,
  oneOf,
} from '../../options/index.js';
import { codecDelay, VOICE_CODECS, type VoiceCodec, type VoiceCodecName } from './codecs.js';
import { simplifiedDelayImpairment } from './delay-impairment.js';
import { eModel } from './e-model.js';
import type { EModelParameters } from './e-model-parameters.js';
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
   * How the delay counts: by the formula of ITU-T G.107 (2015), or by the short one of Cole and Rosenbluth (2001), which much other software uses.
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
  const series = 'samples' in packets ? seriesOf(packets) : packets;
  if (!series.every(isPacket)) {
    throw new InvalidOptionError(
      'voiceQuality: packets',
      packets,
      'round-trip times in milliseconds, null or undefined',
    );
  }
  const codec = codecOf(options.codec ?? 'g711-plc');
  const { jitterBuffer = 40, delayFormula = 'g107', advantage = 0 } = options;
  const oneWay = series.map((each) => (typeof each === 'number' ? each / 2 : each));
  const { delay: transit, played, discarded } = playOut(oneWay, jitterBuffer);
  const { known, loss = 0, burstRatio } = lossPattern(played);
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
    networkLoss: loss - discarded / known,
    discarded: discarded / known,
    burstRatio: ratio,
  };
}

type Rating = Pick<VoiceQuality, 'r' | 'mos' | 'quality' | 'delayImpairment' | 'equipmentImpairment' | 'outsideRange'>;

function rate(parameters: Partial<EModelParameters>, formula: 'g107' | 'cole-rosenbluth'): Rating {
  const exact = eModel(parameters);
  const { equipmentImpairment, outsideRange } = exact;
  const delayImpairment = formula === 'g107' ? exact.delayImpairment : simplifiedDelayImpairment(parameters.Ta ?? 0);
  const r = Math.min(100, Math.max(0, exact.r + exact.delayImpairment - delayImpairment));
  return { r, mos: mosOfR(r), quality: speechQualityOf(r), delayImpairment, equipmentImpairment, outsideRange };
}

function seriesOf({ samples, lost }: PacketSummary): PacketSeries {
  if (!Number.isInteger(lost) || lost < 0 || lost > MOST_PACKETS) {
    throw new InvalidOptionError('voiceQuality: packets.lost', lost, `a whole number from 0 to ${MOST_PACKETS}`);
  }
  return [...samples, ...Array<null>(lost).fill(null)];
}

const MOST_PACKETS = 1_000_000;

function isPacket(each: unknown): boolean {
  return each === null || each === undefined || (typeof each === 'number' && each >= 0 && Number.isFinite(each));
}

function codecOf(codec: VoiceCodecName | VoiceCodec): VoiceCodec {
  return typeof codec === 'string' ? VOICE_CODECS[codec] : codec;
}

const CODEC_FIELDS = [
  'Ie',
  'Bpl',
  'packetTime',
  'frameTime',
  'lookAhead',
] as const satisfies readonly (keyof VoiceCodec)[];

const codecRule: OptionRule = objectWith(
  `an object with the numbers ${CODEC_FIELDS.join(', ')}, of which Bpl is above 0 and Ie at most 95`,
  (codec) =>
    CODEC_FIELDS.every((name) => {
      const value: unknown = Reflect.get(codec, name);
      return (
        typeof value === 'number' &&
        value >= 0 &&
        Number.isFinite(value) &&
        (name !== 'Bpl' || value > 0) &&
        (name !== 'Ie' || value <= 95)
      );
    }),
);

const RULES: OptionRules<VoiceQualityOptions> = {
  codec: either(oneOf(...Object.keys(VOICE_CODECS)), codecRule),
  jitterBuffer: numberFrom(0, 10_000, 'milliseconds'),
  codecDelay: numberFrom(0, 10_000, 'milliseconds'),
  delayFormula: oneOf('g107', 'cole-rosenbluth'),
  burstRatio: numberFrom(Number.MIN_VALUE, Number.MAX_VALUE),
  advantage: numberFrom(0, 20),
};
