import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Metric, prometheusName } from '../../../src/observe/metric.js';
import { NETWORK_METRICS, RETRY_METRICS } from '../../../src/observe/metrics.js';

const FOLDER = new URL('../../../examples/observability/', import.meta.url);
const METRICS: readonly Metric[] = [...Object.values(NETWORK_METRICS), ...Object.values(RETRY_METRICS)];

/** The names that queries may ask for, with the labels that the series have. */
const SERIES = new Map(
  METRICS.flatMap((metric) => {
    const name = prometheusName('netpause_', metric);
    const suffixes = metric.kind === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    return suffixes.map((suffix) => [`${name}${suffix}`, metric.labels] as const);
  }),
);

/** What Prometheus adds by itself, and what is there only when asked for. */
const COMMON_LABELS = ['job', 'instance', 'le', 'operation'];

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const dashboard: { readonly panels: readonly Panel[] } = JSON.parse(
  readFileSync(new URL('grafana-dashboard.json', FOLDER), 'utf8'),
);
const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
const rules = readFileSync(new URL('alerts.yml', FOLDER), 'utf8');

describe.each([
  ['the dashboard', queries.join('\n')],
  ['the alert rules', rules],
])('%s', (_what, text) => {
  it('asks only for metrics that exist', () => {
    const names = [...text.matchAll(/\bnetpause_\w+/g)].map(([name]) => name);
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !SERIES.has(name))).toEqual([]);
  });

  it('selects only by labels and values of labels that these metrics have', () => {
    const selections = [...text.matchAll(/\b(netpause_\w+)\{([^}]*)\}/g)];
    expect(selections.length).toBeGreaterThan(2);
    for (const [, name = '', selection = ''] of selections) {
      const labels = [...selection.matchAll(/(\w+)\s*[=!]/g)].map(([, label]) => label ?? '');
      const known = [...COMMON_LABELS, ...(SERIES.get(name) ?? [])];
      expect(labels.filter((label) => !known.includes(label))).toEqual([]);
    }
  });
});

describe('the dashboard', () => {
  it('shows every metric', () => {
    const text = queries.join('\n');
    const unseen = METRICS.map((metric) => prometheusName('netpause_', metric)).filter((name) => !text.includes(name));
    expect(unseen).toEqual([]);
  });

  it('has a query in every panel but the headings', () => {
    const empty = dashboard.panels.filter(({ type, targets = [] }) => type !== 'row' && targets.length === 0);
    expect(empty.map(({ title }) => title)).toEqual([]);
  });
});
