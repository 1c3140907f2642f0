import type { ProbeResult } from '../result.js';
import { numberAt, textAt } from './facts.js';
import type { ProbeSample, ReadingGroup } from './metric.js';

const DIRECTIONS = ['download', 'upload'] as const;

/** Of a bandwidth test. */
export const BANDWIDTH_METRICS: ReadingGroup = {
  facts: DIRECTIONS,
  readings: [
    {
      name: 'probe.throughput',
      kind: 'gauge',
      unit: 'By/s',
      labels: ['direction'],
      help: 'Payload of TCP in the last bandwidth test, without slow start, by direction (download, upload); absent where the test broke off.',
      read: (result) => byDirection(result, ['bitsPerSecond'], 8),
    },
    {
      name: 'probe.tcp.retransmits',
      kind: 'gauge',
      labels: ['direction'],
      help: 'Segments of TCP that were sent again in the last bandwidth test, by direction (download, upload).',
      read: (result) => byDirection(result, ['tcp', 'retransmits'], 1),
    },
  ],
};

/** What was measured until a test broke off is no throughput of the path. */
function byDirection({ facts }: ProbeResult, path: readonly string[], divisor: number): readonly ProbeSample[] {
  return DIRECTIONS.flatMap((direction) => {
    const value = numberAt(facts, direction, ...path);
    if (value === undefined || textAt(facts, direction, 'endedBy') === 'failure') return [];
    return [{ labels: { direction }, value: value / divisor }];
  });
}
