import type { ProbeResult } from '../result.js';
import { numberOf, snakeCase } from './facts.js';

/** A metric as it is described to Prometheus and OpenTelemetry. */
export interface ProbeMetric {
  /** In OpenTelemetry's spelling, without the prefix: `'probe.duration'`. */
  readonly name: string;
  readonly unit?: 's' | '1' | 'By';
  /** The labels that its series have beside those of the target. */
  readonly labels?: readonly string[];
  readonly help: string;
}

/** A metric whose value is that of the last result. */
export interface ProbeGauge extends ProbeMetric {
  /** @returns nothing where the result does not say. */
  read(result: ProbeResult): readonly ProbeSample[];
}

/** The value of one series. */
export interface ProbeSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NONE: Readonly<Record<string, string>> = {};

/** What the last result of each target says. While it is inconclusive, it says nothing of the target. */
export const PROBE_GAUGES: readonly ProbeGauge[] = [
  {
    name: 'probe.success',
    help: '1 where the last probe of the target was ok, 0 where it failed; absent while nothing can be said of the target, because this host was offline or could not ask.',
    read: ({ status }) => [{ labels: NONE, value: Number(status === 'ok') }],
  },
  {
    name: 'probe.duration',
    unit: 's',
    help: 'How long the last probe took as a whole.',
    read: ({ duration }) => [{ labels: NONE, value: duration / 1_000 }],
  },
  {
    name: 'probe.phase.duration',
    unit: 's',
    labels: ['phase'],
    help: 'How long each phase of the last probe took; a phase that was not finished is absent.',
    read: ({ timings }) =>
      Object.entries(timings).flatMap(([phase, time]) =>
        time === undefined ? [] : [{ labels: { phase: snakeCase(phase) }, value: time / 1_000 }],
      ),
  },
  fact('probe.packet_loss', '1', 'Fraction of the requests of the last ping that were not answered in time, 0 to 1.', [
    'loss',
  ]),
  fact('probe.jitter', 's', 'Interarrival jitter of the last ping (RFC 3550).', ['jitter'], 1_000),
  fact('probe.path_mtu', 'By', 'Largest IP packet that passes to the target without being fragmented.', ['pathMtu']),
  fact('probe.http.status_code', undefined, 'Status code of the last answer by HTTP.', ['status']),
  fact('probe.http.body_size', 'By', 'Bytes of the body of the last answer by HTTP that were read.', ['bodyBytes']),
  fact(
    'probe.tls.certificate_expiry_timestamp',
    's',
    "When the first certificate of the server's chain expires, in seconds since 1970.",
    ['tls', 'certificate', 'chainValidTo'],
    1_000,
  ),
  fact(
    'probe.dns.rcode',
    undefined,
    'Response code of the last answer by DNS, by its number: 0 is NOERROR, 3 NXDOMAIN.',
    ['rcodeNumber'],
  ),
  fact('probe.dns.answers', undefined, 'Records in the answer section of the last answer by DNS.', ['answerCount']),
  fact('probe.dns.ttl', 's', 'Lowest time to live in the last answer by DNS.', ['ttl']),
];

/** Told of each target since it is known. */
export const PROBE_RESULTS: ProbeMetric = {
  name: 'probe.results',
  labels: ['status', 'failure_source'],
  help: 'Probes that have ended, by status (ok, failed, inconclusive) and whose fault it was (target, path, resolver, local; empty for ok).',
};

export const PROBE_LAST_RESULT: ProbeMetric = {
  name: 'probe.last_result_timestamp',
  unit: 's',
  help: 'When the last probe of the target began, in seconds since 1970.',
};

export const PROBE_RTT: ProbeMetric = {
  name: 'probe.rtt',
  unit: 's',
  help: 'Round-trip times that were measured; what was not answered has none.',
};

/** Seconds: 50 µs × 2ⁿ up to 26 s, the buckets of smokeping_prober. */
export const RTT_BUCKETS: readonly number[] = Array.from(
  { length: 20 },
  (_, exponent) => (50 * 2 ** exponent) / 1_000_000,
);

/** Each result is one of these, so that all are there from the beginning: Prometheus sees an increase only of what was there before. */
export const OUTCOMES: readonly Readonly<Record<'status' | 'failure_source', string>>[] = [
  { status: 'ok', failure_source: '' },
  { status: 'failed', failure_source: 'target' },
  { status: 'failed', failure_source: 'path' },
  { status: 'failed', failure_source: 'resolver' },
  { status: 'inconclusive', failure_source: 'local' },
];

function fact(name: string, unit: ProbeMetric['unit'], help: string, path: readonly string[], divisor = 1): ProbeGauge {
  return {
    name,
    ...(unit !== undefined && { unit }),
    help,
    read: (result) => {
      const value = numberOf(result, ...path);
      return value === undefined ? [] : [{ labels: NONE, value: value / divisor }];
    },
  };
}
