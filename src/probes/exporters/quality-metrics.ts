import type { ProbeResult } from '../result.js';
import { numberAt, snakeCase, valueAt } from './facts.js';
import { factGauge, type ProbeSample, type ReadingGroup } from './metric.js';

/** How speech would sound, by codec. */
export const VOICE_METRICS: ReadingGroup = {
  facts: ['voice'],
  readings: [
    {
      name: 'probe.voice.r_factor',
      kind: 'gauge',
      labels: ['codec'],
      help: 'Transmission rating factor R of ITU-T G.107 for speech over the path of the last ping, 0 to 100.',
      read: (result) => byCodec(result, 'r'),
    },
    {
      name: 'probe.voice.mos',
      kind: 'gauge',
      labels: ['codec'],
      help: 'Mean opinion score, estimated by ITU-T G.107, of speech over the path of the last ping, 1 to 4.5.',
      read: (result) => byCodec(result, 'mos'),
    },
  ],
};

/** By rules of thumb. */
export const SCORE_METRICS: ReadingGroup = {
  facts: ['scores'],
  readings: [
    {
      name: 'probe.score',
      kind: 'gauge',
      labels: ['score'],
      help: 'Scores of the last ping by rules of thumb, 0 to 100: voice, video, data and service_quality, of which more is better, and congestion, of which less is.',
      read: readScores,
    },
  ],
};

/** Since the target was first probed: true also while nothing can be said of it. */
export const AVAILABILITY_METRICS: ReadingGroup = {
  facts: ['availability'],
  readings: [
    factGauge(
      {
        name: 'probe.availability',
        unit: '1',
        holds: true,
        help: 'Fraction of the time for which the state of the target was known that it was up, 0 to 1.',
      },
      ['availability', 'availability'],
    ),
    factGauge(
      {
        name: 'probe.mtbf',
        unit: 's',
        holds: true,
        help: 'Mean operating time between failures of the target; absent where it has not failed.',
      },
      ['availability', 'mtbf'],
      1_000,
    ),
    factGauge(
      {
        name: 'probe.mttr',
        unit: 's',
        holds: true,
        help: 'Mean time to restoration of the target, of outages that were seen from beginning to end; absent where there was none.',
      },
      ['availability', 'mttr'],
      1_000,
    ),
  ],
};

function byCodec({ facts }: ProbeResult, name: 'r' | 'mos'): readonly ProbeSample[] {
  return Object.entries(valueAt(facts, 'voice') ?? {}).flatMap(([codec, quality]) => {
    const value = numberAt(quality, name);
    return value === undefined ? [] : [{ labels: { codec }, value }];
  });
}

const SCORES = ['voice', 'video', 'data', 'congestion', 'serviceQuality'] as const;

function readScores({ facts }: ProbeResult): readonly ProbeSample[] {
  return SCORES.flatMap((name) => {
    const value = numberAt(facts, 'scores', name);
    return value === undefined ? [] : [{ labels: { score: snakeCase(name) }, value }];
  });
}
