import type { ProbeResult } from '../result.js';
import type { ProbeLabels, ProbeSample, ProbeTally, Tally } from './metric.js';

/** Told of each target since it is known. */
export const PROBE_RESULTS: ProbeTally = {
  name: 'probe.results',
  kind: 'counter',
  labels: ['status', 'failure_source'],
  help: 'Probes that have ended, by status (ok, failed, inconclusive) and whose fault it was (target, path, resolver, local; empty for ok).',
  concerns: () => true,
  begin: (target) => new ResultCounts(target),
};

/** Each result is one of these, so that all are there from the beginning: Prometheus sees an increase only of what was there before. */
const OUTCOMES: readonly (readonly [status: string, failureSource: string])[] = [
  ['ok', ''],
  ['failed', 'target'],
  ['failed', 'path'],
  ['failed', 'resolver'],
  ['inconclusive', 'local'],
];

class ResultCounts implements Tally {
  readonly #target: ProbeLabels;
  readonly #counts = new Map<string, ProbeSample>();

  constructor(target: ProbeLabels) {
    this.#target = target;
    for (const [status, failureSource] of OUTCOMES) this.#add(status, failureSource, 0);
  }

  note({ status, failureSource }: ProbeResult): void {
    this.#add(status, failureSource ?? '', 1);
  }

  samples(): Iterable<ProbeSample> {
    return this.#counts.values();
  }

  #add(status: string, failureSource: string, more: number): void {
    const key = `${status} ${failureSource}`;
    const { labels, value } = this.#counts.get(key) ?? {
      labels: { ...this.#target, status, failure_source: failureSource },
      value: 0,
    };
    this.#counts.set(key, { labels, value: value + more });
  }
}
