import { type TelemetryScores, telemetryScores } from '../quality/index.js';
import type { Annotate } from './annotation.js';
import { echoesOf } from './echoes.js';

/** What `annotateScores` adds to the facts. */
export interface ScoreFacts {
  /** By mean round-trip time, loss and jitter. */
  readonly scores: TelemetryScores;
}

/**
 * Adds to results of pings the scores of `telemetryScores`: {@link ScoreFacts}. Nothing is added where one of round-trip time, loss and jitter is
 * not known: fewer than two replies, or losses while this host was offline.
 */
export function annotateScores(): Annotate {
  return (result) => {
    const { sent = 0, received = 0, avg, jitter } = echoesOf(result) ?? {};
    if (sent === 0 || avg === undefined || jitter === undefined) return result;
    const facts: ScoreFacts = { scores: telemetryScores({ rtt: avg, loss: (sent - received) / sent, jitter }) };
    return { ...result, facts: { ...result.facts, ...facts } };
  };
}
