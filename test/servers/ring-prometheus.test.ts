import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { until } from '../lab/bounded.js';
import { CommandError, runCommand } from '../lab/command.js';
import { PrometheusServer } from './prometheus-server.js';
import { isInstalled, requireProgram } from './require-program.js';
import { RingSite } from './ring-site.js';
import { REGISTRY, type RuleCase, ruleTests, type Scrapes, type SeriesCase, withValue } from './rule-cases.js';

const EXAMPLES = fileURLToPath(new URL('../../examples/ring/', import.meta.url));
const RULES = ['netring', 'ring'].map((name) => `${EXAMPLES}prometheus/${name}.rules.yml`);
const HAS_PROMETHEUS = isInstalled('prometheus');

/** Those of Netring that promtool does not like: they stay as they are, so that its users' rules go on working. */
const OF_NETRING = ['netring_members_total', 'netring_traceroute_hops_total', 'netring_traceroute_max_hop_latency_ms'];

/** What members and registry print while this and that happens to them, and what a Prometheus makes of it. */
interface Story {
  readonly healthy: Scrapes;
  /** `a` has lost its network. */
  readonly offline: string;
  /** And has it again. */
  readonly back: string;
  /** `c` does not answer. */
  readonly failed: Scrapes;
}

describe('what there is for Prometheus', () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  let site: RingSite;
  let prometheus: PrometheusServer | undefined;
  let folder: string;
  let story: Story;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netpause-rules-'));
    cleanUps.push(() => rm(folder, { recursive: true, force: true }));
    site = await RingSite.start();
    cleanUps.push(() => site[Symbol.asyncDispose]());
    const jobs = { netring: [hostOf(site.a.url), hostOf(site.b.url)], 'netring-registry': [hostOf(site.registry.url)] };
    const [started] = await Promise.all([
      HAS_PROMETHEUS ? PrometheusServer.start({ jobs, rules: RULES, interval: 500 }) : undefined,
      site.grow(),
    ]);
    prometheus = started;
    cleanUps.push(async () => started?.stop());
    const seen = [
      /^netring_traceroute_hops\{.*target_instance="c"/m,
      /^netring_ping_loss_ratio\{.*target_instance="c"/m,
    ];
    const [a, b] = await Promise.all([site.pageWith('a', ...seen), site.pageWith('b', ...seen)]);
    const healthy = { a, b, [REGISTRY]: await site.registryPage() };
    site.network.down();
    const unsaid = /^netring_check_inconclusive\{.*target_instance="c".*check_type="tcp".*\} 1$/m;
    const offline = await site.pageWith('a', /^netring_member_offline 1$/m, unsaid);
    await prometheus?.queryUntil('netring_check_inconclusive{source_instance="a",target_instance="c"}', isThere);
    await prometheus?.queryUntil('netring_check_success{source_instance="a",check_type="tcp"}', isEmpty);
    site.network.up();
    const back = await site.pageWith('a', /^netring_member_offline 0$/m, NOTHING_INCONCLUSIVE);
    await site.switchOff();
    const broken = [/^netring_connectivity_tcp\{.*="c".*\} 0$/m, /^netring_connectivity_http\{.*="c".*\} 0$/m];
    const failed = { ...healthy, a: await site.pageWith('a', ...broken), b: await site.pageWith('b', ...broken) };
    story = { healthy, offline, back, failed };
  });

  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  });

  it('is as promtool wants it: the configuration and the rules', async (context) => {
    requireProgram(context, 'promtool', 'prometheus');
    const checked = await runCommand(['promtool', 'check', 'config', `${EXAMPLES}prometheus/prometheus.yml`]);
    expect(checked.stdout).toContain('2 rule files found');
    await runCommand(['promtool', 'check', 'rules', ...RULES]);
  });

  it('is as promtool wants it: what members and registry print, but for names of Netring', async (context) => {
    requireProgram(context, 'promtool', 'prometheus');
    const complaints = await Promise.all(
      [story.healthy['a'], story.offline, story.healthy[REGISTRY]].map(complaintsOf),
    );
    expect(new Set(complaints.flat().map((line) => line.split(' ')[0]))).toEqual(new Set(OF_NETRING));
    expect(complaints[2]).toHaveLength(1);
  });

  it('has rules that do what they say, with what a member prints', { timeout: 150_000 }, async (context) => {
    requireProgram(context, 'promtool', 'prometheus');
    const [short, long] = [casesOf(story), [longCase(story)]];
    const files = [join(folder, 'short.test.json'), join(folder, 'long.test.json')] as const;
    await writeFile(files[0], ruleTests(RULES, 1, short));
    await writeFile(files[1], ruleTests(RULES, 5, long));
    const outcome = await runCommand(['promtool', 'test', 'rules', ...files], { timeout: 120_000 }).then(
      () => '',
      (error: unknown) => (error instanceof CommandError ? error.stdout + error.stderr : String(error)),
    );
    expect(outcome).toBe('');
    const fired = new Set(
      [...short, ...long].flatMap(({ fires }) => Object.values(fires).flat()).map(([alert]) => alert),
    );
    expect([...fired].sort()).toEqual([...new Set((await rules()).flatMap(({ alert }) => alert ?? []))].sort());
  });

  it('has rules and queries of what is there, which a real Prometheus understands', async (context) => {
    requireProgram(context, 'prometheus', 'prometheus');
    const server = given(prometheus);
    await server.queryUntil('pair:netring_round_trip_seconds:mean10m', isThere);
    const { data: names }: { data: readonly string[] } = JSON.parse(await server.get('/api/v1/label/__name__/values'));
    const queries = [...(await dashboardQueries()), ...(await rules()).map(({ expr }) => expr)];
    const used = new Set(queries.flatMap((query) => query.match(/\b(\w+:)?netring_[\w:]+/g) ?? []));
    expect(used.size).toBeGreaterThan(30);
    expect([...used].filter((name) => !names.includes(name))).toEqual([]);
    for (const query of queries) await expect(server.query(query), query).resolves.toBeInstanceOf(Array);
    const empty = [];
    for (const query of await dashboardQueries()) if ((await server.query(query)).length === 0) empty.push(query);
    // Nothing had to be started again, and no outage has begun within the last minute but one.
    expect(empty.filter((query) => !/ > 0$/.test(query))).toEqual([]);
  });

  it('blames nobody but the member that fails, in a real Prometheus, and forgets one that goes', async (context) => {
    requireProgram(context, 'prometheus', 'prometheus');
    const server = given(prometheus);
    const pending =
      'count by (alertname) (ALERTS{alertstate="pending", alertname=~"NetringC.*|RingMemberU.*|RingP.*"})';
    const alerts = await server.queryUntil(pending, (series) => series.length === 2);
    expect(Object.fromEntries(alerts.map(({ metric, value }) => [metric['alertname'], value]))).toEqual({
      NetringConnectivityDown: 2,
      RingMemberUnreachable: 1,
    });
    const texts = await annotationsWith(server, 'nobody reaches c in at-c');
    expect(texts.filter((text) => /error|no value/i.test(text))).toEqual([]);
    await site.leave();
    await server.queryUntil('{target_instance="c", __name__!~"ALERTS.*|target:.*|pair:.*"}', isEmpty);
    await server.queryUntil('ALERTS{target_instance="c"}', isEmpty);
  });
});

const NOTHING_INCONCLUSIVE = /^(?![\s\S]*\nnetring_check_inconclusive\{)/;

/** Minutes for which each phase of most cases lasts: longer than any rule of them waits. */
const LONG = 12;

function casesOf({ healthy, offline, back, failed }: Story): readonly RuleCase[] {
  const calm = calmed(healthy);
  const { a, b } = calm;
  const other = (name: string, line: RegExp, value: number): Scrapes => ({
    ...calm,
    [name]: withValue(calm[name] ?? '', line, value),
  });
  /** In the middle of a calm time. */
  const during = (name: string, scrapes: Scrapes, fires: RuleCase['fires'][number], minutes = LONG): RuleCase => ({
    name,
    phases: [
      [5, calm],
      [minutes, scrapes],
      [5, calm],
    ],
    fires: { 4: [], [4 + minutes]: fires, [5 + minutes + 2]: [] },
  });
  const scraped = (name: string): Scrapes => Object.fromEntries(Object.entries(calm).filter(([each]) => each !== name));
  return [
    during('a member that nobody reaches', calmed(failed), [
      ['NetringConnectivityDown', 'a', 'c'],
      ['NetringConnectivityDown', 'b', 'c'],
      ['RingMemberUnreachable', undefined, 'c'],
    ]),
    during('a path that is broken', { ...calmed(failed), b: b ?? '' }, [
      ['NetringConnectivityDown', 'a', 'c'],
      ['RingPathBroken', 'a', 'c'],
    ]),
    during('a member that is offline itself', { ...calm, a: calmedMember(offline) }, [['RingMemberOffline']]),
    during(
      'checks of which nothing can be said, though the member is online',
      { ...calm, a: withValue(calmedMember(offline), /^netring_member_offline /, 0) },
      [['RingMemberBlind']],
    ),
    {
      name: 'an outage that nobody could scrape',
      phases: [
        [5, calm],
        [10, scraped('a')],
        [80, { ...calm, a: withValue(calmedMember(back), /^netring_member_outage_seconds_total /, 600) }],
      ],
      fires: { 4: [], 14: [['NetringMemberDown'], ['RingMemberNotScraped']], 20: [['RingMemberWasOffline']], 90: [] },
    },
    during('a path that fails by HTTP alone', other('a', /^netring_(check_success|connectivity_http).*"\/health"/, 0), [
      ['RingHttpFailing', 'a', 'b'],
      ['RingHttpFailing', 'a', 'c'],
    ]),
    during('pings that are lost', other('a', /^netring_ping_loss_ratio/, 0.2), [
      ['RingPacketLoss', 'a', 'b'],
      ['RingPacketLoss', 'a', 'c'],
    ]),
    during('little bandwidth', other('a', /^netring_bandwidth_mbps/, 99), [['NetringLowBandwidth', 'a', 'b']]),
    during('a slow hop', other('b', /^netring_traceroute_max_hop_latency_ms.*"c"/, 101), [
      ['NetringHighLatencyHop', 'b', 'c'],
    ]),
    during('a member that no registry knows', other('a', /^netring_registered /, 0), [['RingMemberNotRegistered']]),
    {
      name: 'what is counted',
      phases: [
        [5, calm],
        [80, { ...calm, a: withValue(withValue(a ?? '', /^netring_reports_dropped/, 2), /^netring_task_restarts/, 1) }],
      ],
      fires: { 4: [], 10: [['RingReportsDropped'], ['RingTaskRestarted']], 80: [] },
    },
    during('an expected member that is missing', other(REGISTRY, /^netring_overdue_members/, 1), [
      ['RingMembersMissing'],
    ]),
    during('a member that does not report', other(REGISTRY, /^netring_reporting_members/, 2), [['RingMembersSilent']]),
    during('a registry without its store', other(REGISTRY, /^netring_store_reachable/, 0), [['RingStoreAway']]),
    during('a registry that is down', scraped(REGISTRY), [['RingRegistryDown']]),
    during('fewer members than before', other(REGISTRY, /^netring_members /, 2), [['RingFewerMembers']]),
  ];
}

/** A day as it should be, and two hours of a longer way and half the bandwidth. Labels are those of the real pages. */
function longCase({ healthy: { a = '' } }: Story): SeriesCase {
  const seriesOf = (line: RegExp): string => {
    const found = line.exec(a)?.[0] ?? '';
    return found.replace('{', '{job="netring",instance="a",');
  };
  const pings = (what: string) => seriesOf(new RegExp(`^netring_round_trip_seconds_${what}\\{.*"ping".*"c".*\\}`, 'm'));
  return {
    name: 'what is worse than the day before',
    interval: 5,
    series: {
      [pings('count')]: '0+5x324',
      [pings('sum')]: '0+0.05x300 15.15+0.15x23',
      [seriesOf(/^netring_bandwidth_bytes_per_second\{.*"b".*\}/m)]: '6e7x300 2.9e7x23',
    },
    fires: {
      1500: [],
      1540: [
        ['RingBandwidthLower', 'a', 'b'],
        ['RingRoundTripHigher', undefined, 'c'],
      ],
    },
  };
}

/** As it is where the machine has time, and everybody is there and reports. */
function calmed({ a = '', b = '', [REGISTRY]: registry = '' }: Scrapes): Scrapes {
  const expected = withValue(registry, /^netring_overdue_members/, 0);
  return {
    a: calmedMember(a),
    b: calmedMember(b),
    [REGISTRY]: withValue(expected, /^netring_reporting_members/, 3),
  };
}

function calmedMember(page: string): string {
  const values = { netring_ping_loss_ratio: 0, netring_traceroute_max_hop_latency_ms: 1, netring_bandwidth_mbps: 500 };
  return Object.entries(values).reduce(
    (text, [name, value]) => (text.includes(`\n${name}{`) ? withValue(text, new RegExp(`^${name}`), value) : text),
    page,
  );
}

/** The texts of all alerts, as soon as this is one of them; every rule could be evaluated. */
async function annotationsWith(server: PrometheusServer, wanted: string): Promise<readonly string[]> {
  let texts: readonly string[] = [];
  await until(
    async () => {
      const { data }: RulesAnswer = JSON.parse(await server.get('/api/v1/rules'));
      const evaluated = data.groups.flatMap((group) => group.rules);
      texts = evaluated.flatMap(({ alerts = [] }) => alerts.flatMap((alert) => Object.values(alert.annotations)));
      return texts.includes(wanted) && evaluated.every(({ health }) => health === 'ok');
    },
    () => `to read ${wanted} among ${JSON.stringify(texts)}`,
  );
  return texts;
}

interface Rule {
  readonly alert?: string;
  readonly expr: string;
}

interface RulesAnswer {
  readonly data: {
    readonly groups: readonly {
      readonly rules: readonly {
        readonly name: string;
        readonly health: string;
        readonly alerts?: readonly { readonly annotations: Readonly<Record<string, string>> }[];
      }[];
    }[];
  };
}

async function rules(): Promise<readonly Rule[]> {
  const files = await Promise.all(RULES.map((file) => readFile(file, 'utf8')));
  return files.flatMap((text) => {
    const { groups }: { groups: readonly { rules: readonly Rule[] }[] } = parse(text);
    return groups.flatMap((group) => group.rules);
  });
}

/** The queries as Grafana would send them: of panels, annotations and variables. */
async function dashboardQueries(): Promise<readonly string[]> {
  const text = await readFile(`${EXAMPLES}grafana/dashboards/ring.json`, 'utf8');
  const expressions = [...text.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(([, json = '']) =>
    String(JSON.parse(json)),
  );
  const variables = [...text.matchAll(/"definition": "label_values\((\w+), /g)].map(([, name = '']) => name);
  expect(expressions.length).toBeGreaterThan(25);
  return [...expressions, ...variables].map((query) =>
    query
      .replaceAll('$__rate_interval', '1m')
      .replaceAll('$check', 'tcp')
      .replaceAll(/\$(registry|source|target)\b/g, '.*'),
  );
}

async function complaintsOf(page = ''): Promise<readonly string[]> {
  const failure: unknown = await runCommand(['promtool', 'check', 'metrics'], { input: page }).catch(
    (error: unknown) => error,
  );
  return failure instanceof CommandError ? failure.stderr.trim().split('\n') : [];
}

function hostOf(url: string): string {
  return new URL(url).host;
}

function isThere(series: readonly unknown[]): boolean {
  return series.length > 0;
}

function isEmpty(series: readonly unknown[]): boolean {
  return series.length === 0;
}

function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('it was not started');
  return value;
}
