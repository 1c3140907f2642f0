export {
  type AnnotateAvailabilityOptions,
  type AvailabilityFacts,
  annotateAvailability,
} from './annotate-availability.js';
export { type AnnotateGeoOptions, annotateGeo, type LocatedTraceAddress, type LocationFacts } from './annotate-geo.js';
export { annotateScores, type ScoreFacts } from './annotate-scores.js';
export { type AnnotateVoiceOptions, annotateVoice, type VoiceFacts } from './annotate-voice.js';
export type { Annotate } from './annotation.js';
export { AnnotationError } from './annotation-error.js';
