export { type Availability, type AvailabilityInput, availability, type Outage, type Stretch } from './availability.js';
export {
  type AvailabilityEvidence,
  AvailabilityRecord,
  type AvailabilityRecordOptions,
} from './availability-record.js';
export { codecDelay, VOICE_CODECS, type VoiceCodec, type VoiceCodecName } from './codecs.js';
export { absoluteDelayImpairment, simplifiedDelayImpairment } from './delay-impairment.js';
export { type EModelRating, eModel } from './e-model.js';
export type { EModelParameters } from './e-model-parameters.js';
export { equipmentImpairment } from './equipment-impairment.js';
export { type LossPattern, lossPattern } from './loss-pattern.js';
export { mosOfR, rOfMos, type SpeechQuality, speechQualityOf } from './mos.js';
export { type Playout, playOut } from './playout.js';
export { type TelemetryMeasurement, type TelemetryScores, telemetryScores } from './telemetry-scores.js';
export {
  type PacketSeries,
  type PacketSummary,
  type VoiceQuality,
  type VoiceQualityOptions,
  voiceQuality,
} from './voice-quality.js';
