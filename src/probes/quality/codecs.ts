/** What the E-model needs to know of a codec. */
export interface VoiceCodec {
  /** Ie, the equipment impairment factor without packet loss. */
  readonly Ie: number;
  /** Bpl, the packet-loss robustness factor. */
  readonly Bpl: number;
  /** Milliseconds of speech in each packet. */
  readonly packetTime: number;
  /** Milliseconds of speech that are coded at a time. */
  readonly frameTime: number;
  /** Milliseconds of speech that are waited for beyond those. */
  readonly lookAhead: number;
}

/** The name of a codec that the table has. */
export type VoiceCodecName = 'g711' | 'g711-plc' | 'g729a-vad' | 'g723.1-vad' | 'gsm-efr';

/**
 * Codecs of telephony with the provisional planning values of ITU-T G.113 Appendix I (its table of Ie and Bpl under random packet loss), for packets
 * of the length that they were found with. For another codec, values of one's own are given in place of a name.
 */
export const VOICE_CODECS: Readonly<Record<VoiceCodecName, VoiceCodec>> = {
  /** G.711 that plays silence for what is missing; 10 ms to a packet. */
  g711: { Ie: 0, Bpl: 4.3, packetTime: 10, frameTime: 0.125, lookAhead: 0 },
  /** G.711 with the packet loss concealment of its Appendix I, which delays by 3.75 ms; 10 ms to a packet. */
  'g711-plc': { Ie: 0, Bpl: 25.1, packetTime: 10, frameTime: 0.125, lookAhead: 3.75 },
  /** G.729 Annex A with voice activity detection; two frames, 20 ms, to a packet. */
  'g729a-vad': { Ie: 11, Bpl: 19, packetTime: 20, frameTime: 10, lookAhead: 5 },
  /** G.723.1 at 6.3 kbit/s with voice activity detection; one frame, 30 ms, to a packet. */
  'g723.1-vad': { Ie: 15, Bpl: 16.1, packetTime: 30, frameTime: 30, lookAhead: 7.5 },
  /** GSM enhanced full rate, 12.2 kbit/s; one frame, 20 ms, to a packet. */
  'gsm-efr': { Ie: 5, Bpl: 10, packetTime: 20, frameTime: 20, lookAhead: 0 },
};

/**
 * How long a codec itself keeps the speech, in milliseconds: (N + 1) frames and the look-ahead, where N frames make a packet. The last frame is for
 * the time that coding and decoding take at most (ITU-T G.114 (05/2003) annex A).
 */
export function codecDelay({ packetTime, frameTime, lookAhead }: VoiceCodec): number {
  return packetTime + frameTime + lookAhead;
}
