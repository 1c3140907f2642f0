import type { CheckRecord, CheckType, ReportedMetrics, Verdict } from '../wire/index.js';

/** What one check found, as far as a matrix shows it. */
export type MatrixCheck = Pick<
  CheckRecord,
  'type' | 'target' | 'verdict' | 'at' | 'latency_ms' | 'loss' | 'bandwidth_mbps' | 'hops' | 'failure_source' | 'reason'
> & {
  /** Of traceroute, where the hops themselves are not told. */
  readonly hop_count?: number;
  readonly max_hop_ms?: number;
};

/** Results of one Netring member. */
const MOST_RESULTS = 10_000;

/**
 * The checks of a Netring member, whose report has groups of label sets and numbers. It knows of no inconclusive ones. What does not look like it
 * is left out.
 *
 * @param at when it was reported: it does not tell when it checked.
 */
export function foreignChecks(metrics: ReportedMetrics, at: number): readonly MatrixCheck[] {
  const durations = new Map(
    entriesOf(metrics['check_durations']).map(([key, value]) => [key, numberIn(value, 'avg_latency_ms')]),
  );
  const checksIn = (group: string, of: (value: unknown, target: string) => MatrixCheck | undefined) =>
    entriesOf(metrics[group]).flatMap(([, value]) => of(value, targetIn(value)) ?? []);
  const reached = (type: CheckType) => (value: unknown, target: string) => {
    const [number, location] = [numberIn(value, 'value'), textIn(fieldOf(value, 'labels'), 'target_location')];
    if (number === undefined) return undefined;
    const verdict: Verdict = number > 0 ? 'ok' : 'failed';
    const latency = durations.get(`${type}:${location}:${target}`);
    return { type, target, verdict, at, ...(latency !== undefined && { latency_ms: latency }) };
  };
  const all = [
    ...checksIn('connectivity_tcp', reached('tcp')),
    ...checksIn('connectivity_http', reached('http')),
    ...checksIn('bandwidth_tests', (value, target) => {
      const mbps = numberIn(value, 'bandwidth_mbps');
      return mbps === undefined ? undefined : { type: 'bandwidth', target, verdict: 'ok', at, bandwidth_mbps: mbps };
    }),
    ...checksIn('traceroute_tests', (value, target) => {
      const [hops, slowest] = [numberIn(value, 'total_hops'), numberIn(value, 'max_hop_latency_ms')];
      if (hops === undefined) return undefined;
      const measured = { hop_count: hops, ...(slowest !== undefined && { max_hop_ms: slowest }) };
      return { type: 'traceroute', target, verdict: 'ok', at, ...measured };
    }),
  ];
  return all.filter(({ target }) => target !== '');
}

function targetIn(value: unknown): string {
  return textIn(fieldOf(value, 'labels'), 'target_instance');
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value).slice(0, MOST_RESULTS) : [];
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function numberIn(value: unknown, name: string): number | undefined {
  const number = fieldOf(value, name);
  return typeof number === 'number' && number >= 0 ? number : undefined;
}

function textIn(value: unknown, name: string): string {
  const text = fieldOf(value, name);
  return typeof text === 'string' ? text : '';
}
