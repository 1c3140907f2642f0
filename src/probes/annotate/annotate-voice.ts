import { arrayOf, checkOptions, numberFrom, type OptionRules, oneOf } from '../../options/index.js';
import {
  VOICE_CODECS,
  type VoiceCodecName,
  type VoiceQuality,
  type VoiceQualityOptions,
  voiceQuality,
} from '../quality/index.js';
import type { Annotate } from './annotation.js';
import { echoesOf } from './echoes.js';

/** How `annotateVoice` rates. */
export interface AnnotateVoiceOptions extends Pick<VoiceQualityOptions, 'jitterBuffer' | 'delayFormula' | 'advantage'> {
  /** The codecs that a call is rated for, each by itself. @default ['g711-plc'] */
  readonly codecs?: readonly VoiceCodecName[] | undefined;
}

/** What `annotateVoice` adds to the facts. */
export interface VoiceFacts {
  /** How speech would sound, by the names of codecs. */
  readonly voice: Readonly<Partial<Record<VoiceCodecName, VoiceQuality>>>;
}

/**
 * Adds to results of pings how a telephone call would sound over the path: {@link VoiceFacts}, by `voiceQuality`. Nothing is added where no reply
 * came, nor where this host was offline and requests were lost: whose loss that was, nobody knows.
 *
 * @throws {InvalidOptionError}
 *
 * @example
 * const schedule = new ProbeSchedule({ annotate: [annotateVoice({ codecs: ['g711-plc', 'g729a-vad'] })] });
 */
export function annotateVoice(options: AnnotateVoiceOptions = {}): Annotate {
  checkOptions('annotateVoice', options, RULES);
  const { codecs = ['g711-plc'], ...rest } = options;
  return (result) => {
    const echoes = echoesOf(result);
    if (echoes === undefined || echoes.received === 0) return result;
    const packets = { samples: result.samples, lost: echoes.sent - echoes.received };
    const voice = Object.fromEntries(codecs.map((codec) => [codec, voiceQuality(packets, { ...rest, codec })]));
    const facts: VoiceFacts = { voice };
    return { ...result, facts: { ...result.facts, ...facts } };
  };
}

const codecNames = oneOf(...Object.keys(VOICE_CODECS));

const RULES: OptionRules<AnnotateVoiceOptions> = {
  codecs: {
    allowed: `a list of at least one of ${Object.keys(VOICE_CODECS).join(', ')}`,
    accepts: (value) => arrayOf(codecNames, '').accepts(value) && Array.isArray(value) && value.length > 0,
  },
  jitterBuffer: numberFrom(0, 10_000, 'milliseconds'),
  delayFormula: oneOf('g107', 'cole-rosenbluth'),
  advantage: numberFrom(0, 20),
};
