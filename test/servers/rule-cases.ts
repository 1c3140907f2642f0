/** What is scraped of each instance, by its name; one that is missing cannot be scraped. */
export type Scrapes = Readonly<Record<string, string>>;

/** An alert that fires, as far as it is told apart: its name, and of which pair it is. */
export type Firing = readonly [alert: string, source?: string | undefined, target?: string];

/** What Prometheus is to make of pages that come one after the other, each for some minutes. */
export interface RuleCase {
  readonly name: string;
  readonly phases: readonly (readonly [minutes: number, scrapes: Scrapes])[];
  /** Which alerts fire in which minute: all of them. */
  readonly fires: Readonly<Record<number, readonly Firing[]>>;
}

/** The same with samples of which `promtool test rules` makes the values itself. */
export interface SeriesCase {
  readonly name: string;
  /** Minutes from one sample to the next. */
  readonly interval: number;
  /** By series, as promtool has them: `'0+1x10'`. */
  readonly series: Readonly<Record<string, string>>;
  readonly fires: RuleCase['fires'];
}

/**
 * Cases as a file for `promtool test rules`. JSON is YAML.
 *
 * @param interval minutes from one evaluation of the rules to the next.
 */
export function ruleTests(
  ruleFiles: readonly string[],
  interval: number,
  cases: readonly (RuleCase | SeriesCase)[],
): string {
  return JSON.stringify({ rule_files: ruleFiles, evaluation_interval: `${interval}m`, tests: cases.map(testOf) });
}

function testOf(given: RuleCase | SeriesCase): object {
  const { name, interval, series, fires } =
    'series' in given ? given : { ...given, interval: 1, series: seriesOf(given) };
  return {
    name,
    interval: `${interval}m`,
    input_series: Object.entries(series).map(([each, values]) => ({ series: each, values })),
    promql_expr_test: Object.entries(fires).map(([minute, firing]) => ({
      expr: 'max by (alertname, source_instance, target_instance) (ALERTS{alertstate="firing"})',
      eval_time: `${minute}m`,
      exp_samples: firing.map((each) => ({ labels: labelsOf(each), value: 1 })),
    })),
  };
}

function labelsOf([alert, source, target]: Firing): string {
  const labels = { alertname: alert, source_instance: source, target_instance: target };
  const given = Object.entries(labels).filter(([, value]) => value !== undefined);
  return `{${given.map(([name, value]) => `${name}="${value}"`).join(', ')}}`;
}

/** The samples of all pages, one a minute, with what Prometheus adds. Buckets are left out: no rule looks at them. */
function seriesOf({ phases }: RuleCase): Readonly<Record<string, string>> {
  const instances = [...new Set(phases.flatMap(([, scrapes]) => Object.keys(scrapes)))];
  const parts = phases.map(([minutes, scrapes]) => ({ minutes, samples: samplesOf(instances, scrapes) }));
  const all = [...new Set(parts.flatMap(({ samples }) => [...samples.keys()]))];
  const valuesOf = (series: string): string =>
    parts.map(({ minutes, samples }) => repeated(samples.get(series), minutes)).join(' ');
  return Object.fromEntries(all.map((series) => [series, valuesOf(series)]));
}

function samplesOf(instances: readonly string[], scrapes: Scrapes): ReadonlyMap<string, string> {
  const samples = instances.flatMap((instance) => {
    const own = `job="${instance === REGISTRY ? 'netring-registry' : 'netring'}",instance="${instance}"`;
    const page = scrapes[instance];
    return [[`up{${own}}`, page === undefined ? '0' : '1'] as const, ...samplesIn(page ?? '', own)];
  });
  return new Map(samples);
}

/** The instance that is none of a member. */
export const REGISTRY = 'registry';

function samplesIn(page: string, own: string): readonly (readonly [series: string, value: string])[] {
  return page.split('\n').flatMap((line) => {
    const [, name = '', labels, value = ''] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === '' || name.endsWith('_bucket')) return [];
    return [[`${name}{${[own, labels].filter(Boolean).join(',')}}`, value] as const];
  });
}

/** What is not there any more is marked as such, as Prometheus does. */
function repeated(value: string | undefined, minutes: number): string {
  return value === undefined ? `stale _x${minutes - 1}` : `${value}x${minutes - 1}`;
}

/**
 * The page with other values in all lines that begin like this.
 *
 * @throws where there is none.
 */
export function withValue(page: string, line: RegExp, value: number): string {
  let count = 0;
  const lines = page.split('\n').map((each) => {
    if (each.startsWith('#') || !line.test(each)) return each;
    count += 1;
    return each.replace(/ \S+$/, ` ${value}`);
  });
  if (count === 0) throw new Error(`no line of the page is like ${line}`);
  return lines.join('\n');
}
