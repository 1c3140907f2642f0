import type { ProbeResult } from '../result.js';
import { BANDWIDTH_METRICS } from './bandwidth-metrics.js';
import { snakeCase, valueAt } from './facts.js';
import { GEO_METRICS } from './geo-metrics.js';
import { HOST_METRICS } from './host-metrics.js';
import { factGauge, only, type ProbeMetric, type ProbeReading, type ProbeTally, type ReadingGroup } from './metric.js';
import { PROBE_PATH_CHANGES } from './path-changes.js';
import { PROBE_RESULTS } from './probe-results.js';
import { AVAILABILITY_METRICS, SCORE_METRICS, VOICE_METRICS } from './quality-metrics.js';
import { TRACE_METRICS } from './trace-metrics.js';

/** What the last result of each target says, whichever engine it is of. */
const COMMON: readonly ProbeReading[] = [
  {
    name: 'probe.success',
    kind: 'gauge',
    help: '1 where the last probe of the target was ok, 0 where it failed; absent while nothing can be said of the target, because this host was offline or could not ask.',
    read: ({ status }) => only(Number(status === 'ok')),
  },
  {
    name: 'probe.duration',
    kind: 'gauge',
    unit: 's',
    help: 'How long the last probe took as a whole.',
    read: ({ duration }) => only(duration / 1_000),
  },
  {
    name: 'probe.phase.duration',
    kind: 'gauge',
    unit: 's',
    labels: ['phase'],
    help: 'How long each phase of the last probe took; a phase that was not finished is absent.',
    read: ({ timings }) =>
      Object.entries(timings).flatMap(([phase, time]) =>
        time === undefined ? [] : [{ labels: { phase: snakeCase(phase) }, value: time / 1_000 }],
      ),
  },
  {
    name: 'probe.last_result_timestamp',
    kind: 'gauge',
    unit: 's',
    holds: true,
    help: 'When the last probe of the target began, in seconds since 1970.',
    read: ({ startedAt }) => only(startedAt / 1_000),
  },
  gauge('probe.packet_loss', '1', 'Fraction of the requests of the last ping that were not answered in time, 0 to 1.', [
    'loss',
  ]),
  gauge('probe.jitter', 's', 'Interarrival jitter of the last ping (RFC 3550).', ['jitter'], 1_000),
  gauge('probe.path_mtu', 'By', 'Largest IP packet that passes to the target without being fragmented.', ['pathMtu']),
  gauge('probe.http.status_code', undefined, 'Status code of the last answer by HTTP.', ['status']),
  gauge('probe.http.body_size', 'By', 'Bytes of the body of the last answer by HTTP that were read.', ['bodyBytes']),
  gauge(
    'probe.tls.certificate_expiry_timestamp',
    's',
    "When the first certificate of the server's chain expires, in seconds since 1970.",
    ['tls', 'certificate', 'chainValidTo'],
    1_000,
  ),
  gauge(
    'probe.dns.rcode',
    undefined,
    'Response code of the last answer by DNS, by its number: 0 is NOERROR, 3 NXDOMAIN.',
    ['rcodeNumber'],
  ),
  gauge('probe.dns.answers', undefined, 'Records in the answer section of the last answer by DNS.', ['answerCount']),
  gauge('probe.dns.ttl', 's', 'Lowest time to live in the last answer by DNS.', ['ttl']),
];

const GROUPS: readonly ReadingGroup[] = [
  TRACE_METRICS,
  BANDWIDTH_METRICS,
  VOICE_METRICS,
  SCORE_METRICS,
  AVAILABILITY_METRICS,
  GEO_METRICS,
  HOST_METRICS,
];

/** What the last result of each target says. */
export const PROBE_READINGS: readonly ProbeReading[] = [...COMMON, ...GROUPS.flatMap(({ readings }) => readings)];

/** What is counted over all results of a target. */
export const PROBE_TALLIES: readonly ProbeTally[] = [PROBE_RESULTS, PROBE_PATH_CHANGES];

/** All that has a value for each series at any time. */
export const PROBE_METRICS: readonly (ProbeReading | ProbeTally)[] = [...PROBE_READINGS, ...PROBE_TALLIES];

/** The readings that a result may have, without looking at each of those that it cannot. */
export function readingsFor({ status, facts }: ProbeResult): readonly ProbeReading[] {
  let possible = COMMON;
  for (const group of GROUPS) if (hasFacts(facts, group)) possible = [...possible, ...group.readings];
  return status === 'inconclusive' ? possible.filter(({ holds }) => holds) : possible;
}

function hasFacts(facts: object, group: ReadingGroup): boolean {
  return group.facts.some((name) => valueAt(facts, name) !== undefined);
}

export const PROBE_RTT: ProbeMetric = {
  name: 'probe.rtt',
  kind: 'histogram',
  unit: 's',
  help: 'Round-trip times that were measured; what was not answered has none.',
};

/** Seconds: 50 µs × 2ⁿ up to 26 s, the buckets of smokeping_prober. */
export const RTT_BUCKETS: readonly number[] = Array.from(
  { length: 20 },
  (_, exponent) => (50 * 2 ** exponent) / 1_000_000,
);

function gauge(
  name: string,
  unit: ProbeMetric['unit'],
  help: string,
  path: readonly string[],
  divisor = 1,
): ProbeReading {
  return factGauge({ name, ...(unit !== undefined && { unit }), help }, path, divisor);
}
