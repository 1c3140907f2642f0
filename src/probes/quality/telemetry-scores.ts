import { numberFrom } from '../../options/index.js';
import { checkValue, TIME } from './check-value.js';

/** What the scores are computed from. */
export interface TelemetryMeasurement {
  /** Round-trip time in milliseconds, the mean as a rule. */
  readonly rtt: number;
  /** Which fraction of the packets was lost, 0 to 1. */
  readonly loss: number;
  /** Jitter in milliseconds. */
  readonly jitter: number;
}

/** Scores by simple rules, each from 0 to 100. */
export interface TelemetryScores {
  /** How fit for voice. */
  readonly voice: number;
  /** How fit for video. */
  readonly video: number;
  /** How fit for other data. */
  readonly data: number;
  /** Which of the three are below what they should be: 80, 70 and 60. */
  readonly violations: readonly ('voice' | 'video' | 'data')[];
  /** How congested the path seems: the larger, the worse. */
  readonly congestion: number;
  /** All in one. */
  readonly serviceQuality: number;
}

/**
 * Rules of thumb that dashboards use: straight lines, no model of how people hear. For speech, `voiceQuality` has one. With the round-trip time t and
 * the jitter j in milliseconds, the loss p in per cent, and x⁺ for x where it is above 0 and 0 elsewhere:
 *
 * - voice = 100 − 0.5·(t − 150)⁺ − (10·p if p > 1)
 * - video = 100 − 0.3·(t − 200)⁺ − (8·p if p > 0.5) − 0.5·(j − 30)⁺
 * - data = 100 − 0.1·(t − 500)⁺ − 5·(p − 3)⁺
 * - violations: voice below 80, video below 70, data below 60
 * - congestion = t/10 + 5·p if t > 100 and p > 1, else 0
 * - serviceQuality = 100 − 2·p − 0.1·(t − 100)⁺ − 10 for each violation
 *
 * Each is held between 0 and 100.
 *
 * @throws {InvalidOptionError} where a value is no number of its range.
 */
export function telemetryScores({ rtt, loss, jitter }: TelemetryMeasurement): TelemetryScores {
  checkValue('telemetryScores: rtt', rtt, TIME);
  checkValue('telemetryScores: loss', loss, numberFrom(0, 1));
  checkValue('telemetryScores: jitter', jitter, TIME);
  const percent = loss * 100;
  const voice = score(100 - 0.5 * above(rtt, 150) - (percent > 1 ? 10 * percent : 0));
  const video = score(100 - 0.3 * above(rtt, 200) - (percent > 0.5 ? 8 * percent : 0) - 0.5 * above(jitter, 30));
  const data = score(100 - 0.1 * above(rtt, 500) - 5 * above(percent, 3));
  const violations = [
    ...(voice < 80 ? (['voice'] as const) : []),
    ...(video < 70 ? (['video'] as const) : []),
    ...(data < 60 ? (['data'] as const) : []),
  ];
  return {
    voice,
    video,
    data,
    violations,
    congestion: rtt > 100 && percent > 1 ? score(rtt / 10 + 5 * percent) : 0,
    serviceQuality: score(100 - 2 * percent - 0.1 * above(rtt, 100) - 10 * violations.length),
  };
}

function above(value: number, threshold: number): number {
  return Math.max(0, value - threshold);
}

function score(value: number): number {
  return Math.min(100, Math.max(0, value));
}
