import type { ProbeResult } from '../result.js';
import { only, type ProbeSample, type ReadingGroup } from './metric.js';
import { traceOf } from './trace-of.js';

const HOP_LABELS = ['hop', 'address'] as const;

/** Of a trace. */
export const TRACE_METRICS: ReadingGroup = {
  facts: ['hops'],
  readings: [
    {
      name: 'probe.hops',
      kind: 'gauge',
      help: 'How many hops away the target of the last trace is; absent where it was not reached.',
      read: (result) => only(traceOf(result)?.distance),
    },
    {
      name: 'probe.hop.rtt',
      kind: 'gauge',
      unit: 's',
      labels: HOP_LABELS,
      help: 'Mean round-trip time of the last trace to whoever answered at a hop.',
      read: hopTimes,
    },
    {
      name: 'probe.hop.loss',
      kind: 'gauge',
      unit: '1',
      labels: HOP_LABELS,
      help: 'Fraction of the probes of a hop that nobody answered in the last trace, 0 to 1, by who answered most; absent where the hop only limits its answers, or gives none.',
      read: hopLosses,
    },
  ],
};

/** Of each hop those who answered most come first, so that a bound costs the less frequent ones. */
function hopTimes(result: ProbeResult): readonly ProbeSample[] {
  const hops = traceOf(result)?.hops ?? [];
  return hops
    .flatMap(({ ttl, addresses }) => addresses.map(({ address, rtts }, rank) => ({ ttl, address, rtts, rank })))
    .filter(({ rtts }) => rtts.length > 0)
    .sort((a, b) => a.rank - b.rank || a.ttl - b.ttl)
    .map(({ ttl, address, rtts }) => ({ labels: { hop: String(ttl), address }, value: mean(rtts) / 1_000 }));
}

/** A hop that is silent, or limits its answers, passes packets on all the same: somebody behind it has answered. */
function hopLosses(result: ProbeResult): readonly ProbeSample[] {
  const hops = traceOf(result)?.hops ?? [];
  return hops.flatMap(({ ttl, addresses: [most], loss, rateLimited }) =>
    most === undefined || rateLimited === true
      ? []
      : [{ labels: { hop: String(ttl), address: most.address }, value: loss }],
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
