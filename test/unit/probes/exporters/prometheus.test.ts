import { Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { createProbeMetrics, type ProbeMetrics, probeLabelNames } from '../../../../src/probes/exporters/index.js';
import {
  ANNOTATED,
  BANDWIDTH,
  DNS,
  FAILURE,
  HOST,
  HTTP,
  INCONCLUSIVE,
  makeResult,
  makeTrace,
  PING,
  TRACE,
} from './results.js';

let register: Registry;
let metrics: ProbeMetrics;

beforeEach(async () => {
  register = new Registry();
  metrics = await createProbeMetrics({ register, labels: ['site'] });
});

/** The series as Prometheus reads them, by name and labels. */
async function read(): Promise<ReadonlyMap<string, number>> {
  const lines = (await register.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

/** The names of metrics that have a series. */
async function readNames(): Promise<readonly string[]> {
  return [...new Set([...(await read()).keys()].map((key) => key.split('{')[0] ?? ''))].sort();
}

/** The series of a metric by the labels that it has of its own. */
async function readOwn(name: string): Promise<Readonly<Record<string, number>>> {
  const found = [...(await read())].filter(([key]) => key.startsWith(`netpause_${name}{`));
  return Object.fromEntries(found.map(([key, value]) => [key.replace(/^.*site="[^"]*",?|}$/g, ''), value]));
}

const TCP = 'probe="tcp",target="192.0.2.1:443",site=""';

describe('createProbeMetrics', () => {
  it('shows the last result of each target', async () => {
    metrics.observe(makeResult({ duration: 900 }));
    metrics.observe(makeResult());
    const series = await read();
    expect(series.get(`netpause_probe_success{${TCP}}`)).toBe(1);
    expect(series.get(`netpause_probe_duration_seconds{${TCP}}`)).toBe(0.0125);
    expect(series.get(`netpause_probe_phase_duration_seconds{${TCP},phase="connect"}`)).toBe(0.012);
    expect(series.get(`netpause_probe_last_result_timestamp_seconds{${TCP}}`)).toBe(1_700_000_000.123);
    expect(series.get(`netpause_probe_results_total{${TCP},status="ok",failure_source=""}`)).toBe(2);
    expect(series.get(`netpause_probe_results_total{${TCP},status="failed",failure_source="path"}`)).toBe(0);
  });

  it('counts round-trip times in the buckets of smokeping_prober', async () => {
    metrics.observe(PING);
    metrics.observe({ ...PING, samples: [0.04] });
    const series = await read();
    const bucket = (le: string) =>
      series.get(`netpause_probe_rtt_seconds_bucket{le="${le}",probe="ping",target="192.0.2.9",site=""}`);
    expect([bucket('0.00005'), bucket('0.0008'), bucket('0.0016'), bucket('0.0032'), bucket('0.0064')]).toEqual([
      1, 1, 2, 3, 4,
    ]);
    expect([bucket('26.2144'), bucket('+Inf')]).toEqual([4, 4]);
    expect([...series.keys()].filter((key) => key.includes('_bucket{')).length).toBe(21);
  });

  it.each([
    [PING, 'netpause_probe_packet_loss_ratio{probe="ping",target="192.0.2.9",site=""}', 0.25],
    [PING, 'netpause_probe_jitter_seconds{probe="ping",target="192.0.2.9",site=""}', 0.0005],
    [PING, 'netpause_probe_path_mtu_bytes{probe="ping",target="192.0.2.9",site=""}', 1_500],
    [PING, 'netpause_probe_phase_duration_seconds{probe="ping",target="192.0.2.9",site="",phase="path_mtu"}', 0.005],
    [HTTP, 'netpause_probe_http_status_code{probe="http",target="https://www.example.com:8443/a?b",site=""}', 200],
    [HTTP, 'netpause_probe_http_body_size_bytes{probe="http",target="https://www.example.com:8443/a?b",site=""}', 512],
    [
      HTTP,
      'netpause_probe_tls_certificate_expiry_timestamp_seconds{probe="http",target="https://www.example.com:8443/a?b",site=""}',
      1_800_000_000,
    ],
    [DNS, 'netpause_probe_dns_rcode{probe="dns",target="example.com",site=""}', 3],
    [DNS, 'netpause_probe_dns_answers{probe="dns",target="example.com",site=""}', 0],
    [DNS, 'netpause_probe_dns_ttl_seconds{probe="dns",target="example.com",site=""}', 60],
    [DNS, 'netpause_probe_success{probe="dns",target="example.com",site=""}', 0],
  ])('shows what each engine learnt: %#', async (result, name, value) => {
    metrics.observe(result);
    expect((await read()).get(name)).toBe(value);
  });

  it.each([
    [TRACE, 'probe_hops', { '': 4 }],
    [
      TRACE,
      'probe_hop_rtt_seconds',
      {
        'hop="1",address="198.51.100.1"': 0.001,
        'hop="3",address="203.0.113.3"': 0.003,
        'hop="4",address="192.0.2.9"': 0.004,
      },
    ],
    [
      TRACE,
      'probe_hop_loss_ratio',
      { 'hop="1",address="198.51.100.1"': 0, 'hop="3",address="203.0.113.3"': 0, 'hop="4",address="192.0.2.9"': 0 },
    ],
    [TRACE, 'probe_path_changes_total', { '': 0 }],
    [BANDWIDTH, 'probe_throughput_bytes_per_second', { 'direction="download"': 10_000_000 }],
    [BANDWIDTH, 'probe_tcp_retransmits', { 'direction="download"': 7 }],
    [ANNOTATED, 'probe_voice_r_factor', { 'codec="g711-plc"': expect.closeTo(93.2, 1) }],
    [ANNOTATED, 'probe_voice_mos', { 'codec="g711-plc"': expect.closeTo(4.4, 1) }],
    [
      ANNOTATED,
      'probe_score',
      {
        'score="voice"': 95,
        'score="video"': 100,
        'score="data"': 100,
        'score="congestion"': 0,
        'score="service_quality"': 94,
      },
    ],
    [ANNOTATED, 'probe_availability_ratio', { '': 0.99 }],
    [ANNOTATED, 'probe_mtbf_seconds', { '': 990 }],
    [ANNOTATED, 'probe_mttr_seconds', { '': 10 }],
    [ANNOTATED, 'probe_distance_meters', { '': 343_500 }],
    [ANNOTATED, 'probe_target_info', { 'country="DE",city="Berlin",asn="64496",organisation="Example Networks"': 1 }],
    [HOST, 'host_uptime_seconds', { '': 86_400 }],
    [HOST, 'host_load1', { '': 0.5 }],
    [HOST, 'host_load5', { '': 0.25 }],
    [HOST, 'host_load15', { '': 0.125 }],
    [HOST, 'host_cpus', { '': 4 }],
    [HOST, 'host_cpu_utilisation_ratio', { '': 0.375 }],
    [HOST, 'host_memory_size_bytes', { '': 8_000 }],
    [HOST, 'host_memory_free_bytes', { '': 1_000 }],
    [HOST, 'host_memory_available_bytes', { '': 4_000 }],
    [HOST, 'host_memory_buffers_bytes', {}],
    [HOST, 'host_memory_swap_free_bytes', { '': 0 }],
    [HOST, 'host_cgroup_memory_limit_bytes', { '': 6_000 }],
    [HOST, 'host_cgroup_memory_used_bytes', { '': 500 }],
    [HOST, 'host_cgroup_cpu_limit', { '': 1.5 }],
    [HOST, 'host_filesystem_size_bytes', { 'path="/"': 100 }],
    [HOST, 'host_filesystem_free_bytes', { 'path="/"': 50 }],
    [HOST, 'host_filesystem_available_bytes', { 'path="/"': 40 }],
    [HOST, 'host_filesystem_files', { 'path="/"': 10 }],
    [HOST, 'host_filesystem_files_free', { 'path="/"': 9 }],
    [HOST, 'host_interface_traffic_bytes_total', byInterface(1_000, 2_000)],
    [HOST, 'host_interface_packets_total', byInterface(10, 20)],
    [HOST, 'host_interface_errors_total', byInterface(1, 2)],
    [HOST, 'host_interface_dropped_total', byInterface(3, 4)],
    [
      HOST,
      'host_interface_utilisation_ratio',
      { 'interface="eth0",direction="receive"': 0.25, 'interface="eth0",direction="transmit"': 0.5 },
    ],
    [HOST, 'host_interface_speed_bytes_per_second', { 'interface="eth0"': 125_000_000 }],
  ])('shows what each engine and each annotation learnt: %#', async (result, name, series) => {
    metrics.observe(result);
    expect(await readOwn(name)).toEqual(series);
  });

  it('costs a target nothing that its results do not have', async () => {
    metrics.observe(makeResult());
    expect(await readNames()).toEqual([
      'netpause_probe_duration_seconds',
      'netpause_probe_last_result_timestamp_seconds',
      'netpause_probe_phase_duration_seconds',
      'netpause_probe_results_total',
      'netpause_probe_rtt_seconds_bucket',
      'netpause_probe_rtt_seconds_count',
      'netpause_probe_rtt_seconds_sum',
      'netpause_probe_success',
    ]);
  });

  it('shows the hops of the last path alone, and counts that it is another', async () => {
    metrics.observe(makeTrace(['198.51.100.1', '203.0.113.2', '192.0.2.9']));
    metrics.observe(makeTrace(['198.51.100.1', '203.0.113.7', '192.0.2.9']));
    expect(Object.keys(await readOwn('probe_hop_rtt_seconds'))).toEqual([
      'hop="1",address="198.51.100.1"',
      'hop="2",address="203.0.113.7"',
      'hop="3",address="192.0.2.9"',
    ]);
    expect(await readOwn('probe_path_changes_total')).toEqual({ '': 1 });
    metrics.observe({ ...makeTrace(['198.51.100.1'], { reached: false }), ...FAILURE });
    expect(Object.keys(await readOwn('probe_hop_rtt_seconds'))).toEqual(['hop="1",address="198.51.100.1"']);
    metrics.observe({ ...TRACE, ...FAILURE, facts: makeTrace([]).facts });
    expect(await readOwn('probe_hop_rtt_seconds')).toEqual({});
    expect(metrics.remove({ probe: 'trace' })).toBe(1);
    expect(await readNames()).toEqual([]);
  });

  it('says nothing of the loss of a hop that limits its answers', async () => {
    const { facts } = makeTrace(['198.51.100.1', '192.0.2.9']);
    const hops = [{ ...Reflect.get(facts, 'hops')[0], loss: 0.5, rateLimited: true }, Reflect.get(facts, 'hops')[1]];
    metrics.observe(makeTrace([], { hops }));
    expect(await readOwn('probe_hop_loss_ratio')).toEqual({ 'hop="2",address="192.0.2.9"': 0 });
    expect(Object.keys(await readOwn('probe_hop_rtt_seconds'))).toHaveLength(2);
  });

  it('shows 128 series of one result in each metric, of the nearest hops those who answered most', async () => {
    const path = Array.from({ length: 255 }, (_, hop) =>
      Array.from({ length: 16 }, (__, rank) => `198.18.${hop}.${rank}`),
    );
    metrics.observe(makeTrace(path));
    const shown = Object.keys(await readOwn('probe_hop_rtt_seconds'));
    expect(shown).toHaveLength(128);
    expect(shown.every((key) => key.endsWith('.0"'))).toBe(true);
    expect(Object.keys(await readOwn('probe_hop_loss_ratio'))).toHaveLength(128);
    const interfaces = Array.from({ length: 1_000 }, (_, index) => ({
      name: `veth${index}`,
      counters: { rxBytes: 1 },
    }));
    metrics.observe({ ...HOST, facts: { ...HOST.facts, interfaces } });
    expect(Object.keys(await readOwn('host_interface_traffic_bytes_total'))).toHaveLength(128);
  });

  it('prefers one address of each hop to all of the first', async () => {
    const path = Array.from({ length: 30 }, (_, hop) => Array.from({ length: 16 }, (__, rank) => `${hop}-${rank}`));
    metrics.observe(makeTrace(path));
    const shown = Object.keys(await readOwn('probe_hop_rtt_seconds'));
    expect(shown).toHaveLength(128);
    expect(new Set(shown.map((key) => key.split(',')[0])).size).toBe(30);
  });

  it('shows names of any kind, except those that are too long', async () => {
    const path = '/a "b"\\c\n{}';
    const disks = [path, '/'.repeat(257)].map((each) => ({ path: each, total: 1 }));
    const geo = { city: 'a'.repeat(257), country: { name: 'Nowhere' }, isp: 'x"y' };
    metrics.observe({ ...HOST, facts: { ...HOST.facts, disks, geo } });
    expect(await readOwn('host_filesystem_size_bytes')).toEqual({ 'path="/a \\"b\\"\\\\c\\n{}"': 1 });
    expect(await readOwn('probe_target_info')).toEqual({ 'country="Nowhere",city="",asn="",organisation="x\\"y"': 1 });
  });

  it('passes over facts of another kind, and numbers that no counter can have', async () => {
    const counters = { rxBytes: -1, txBytes: Number.POSITIVE_INFINITY, rxPackets: '1', txPackets: 5 };
    metrics.observe({ ...HOST, facts: { hostname: 'x', disks: 'a', interfaces: [null, { name: 'eth0', counters }] } });
    metrics.observe({ ...PING, facts: { voice: 'x', scores: [], availability: 1, geo: null, hops: {}, download: 1 } });
    expect(await readOwn('host_interface_traffic_bytes_total')).toEqual({});
    expect(await readOwn('host_interface_packets_total')).toEqual({ 'interface="eth0",direction="transmit"': 5 });
    expect((await readNames()).filter((name) => /voice|score|avail|target_info|hop|through/.test(name))).toEqual([]);
  });

  it('goes on with what holds while a target is inconclusive: this host, its place, its past', async () => {
    metrics.observe(makeTrace(['198.51.100.1', '192.0.2.9']));
    metrics.observe(makeTrace(['198.51.100.2', '192.0.2.9']));
    for (const result of [TRACE, ANNOTATED, HOST, BANDWIDTH]) metrics.observe({ ...result, ...INCONCLUSIVE });
    const names = (await readNames()).filter((name) => !/_host_|_rtt_seconds_(bucket|sum|count)$/.test(name));
    expect(names).toEqual([
      'netpause_probe_availability_ratio',
      'netpause_probe_distance_meters',
      'netpause_probe_last_result_timestamp_seconds',
      'netpause_probe_mtbf_seconds',
      'netpause_probe_mttr_seconds',
      'netpause_probe_path_changes_total',
      'netpause_probe_results_total',
      'netpause_probe_target_info',
    ]);
    expect(await readOwn('probe_path_changes_total')).toEqual({ '': 1 });
    expect(await readOwn('host_load1')).toEqual({ '': 0.5 });
  });

  it('says nothing of a target while it is inconclusive, but counts it', async () => {
    metrics.observe(PING);
    metrics.observe({ ...PING, ...INCONCLUSIVE, samples: [], startedAt: 1_700_000_060_000 });
    const series = await read();
    const names = new Set([...series.keys()].map((key) => key.split('{')[0]).filter((name) => !name?.includes('rtt')));
    expect([...names].sort()).toEqual(['netpause_probe_last_result_timestamp_seconds', 'netpause_probe_results_total']);
    expect(
      series.get(
        'netpause_probe_results_total{probe="ping",target="192.0.2.9",site="",status="inconclusive",failure_source="local"}',
      ),
    ).toBe(1);
    metrics.observe({ ...PING, ...FAILURE });
    expect((await read()).get('netpause_probe_success{probe="ping",target="192.0.2.9",site=""}')).toBe(0);
  });

  it('shows no phase that the last result does not have', async () => {
    metrics.observe(HTTP);
    metrics.observe({ ...HTTP, ...FAILURE, timings: { resolve: 1 }, facts: {} });
    const series = [...(await read()).keys()];
    expect(series.filter((key) => key.includes('phase='))).toEqual([expect.stringContaining('phase="resolve"')]);
    expect(series.filter((key) => key.includes('http_status') || key.includes('tls_'))).toEqual([]);
  });

  it('keeps targets with different labels apart', async () => {
    metrics.observe(makeResult(), { site: 'north' });
    metrics.observe(makeResult(FAILURE), { site: 'south' });
    const series = await read();
    expect(series.get('netpause_probe_success{probe="tcp",target="192.0.2.1:443",site="north"}')).toBe(1);
    expect(series.get('netpause_probe_success{probe="tcp",target="192.0.2.1:443",site="south"}')).toBe(0);
  });

  it('removes every series of a target, and none of another', async () => {
    for (const result of [PING, HTTP, DNS, makeResult()]) metrics.observe(result, { site: 'north' });
    const others = [...(await read())].filter(([key]) => !key.includes('192.0.2.9'));
    metrics.observe(PING, { site: 'south' });
    expect(metrics.remove({ target: PING.target, probe: 'dns' })).toBe(0);
    expect(metrics.remove({ target: PING.target, labels: { site: 'south' } })).toBe(1);
    expect(metrics.remove({ target: PING.target })).toBe(1);
    expect([...(await read())]).toEqual(others);
    expect(metrics.remove({ target: HTTP.target })).toBe(1);
    expect(metrics.remove({ labels: { site: 'north' } })).toBe(2);
    expect([...(await read())]).toEqual([]);
  });

  it.each([{ targets: 'a' }, { target: 1 }, { labels: { site: 1 } }, 'a'])('refuses to remove %j', (selector) => {
    expect(() => metrics.remove(Object(selector))).toThrow(InvalidOptionError);
  });

  it('begins anew with a target that comes back', async () => {
    metrics.observe(makeResult());
    metrics.remove({ target: '192.0.2.1:443' });
    metrics.observe(makeResult());
    const series = await read();
    expect(series.get(`netpause_probe_results_total{${TCP},status="ok",failure_source=""}`)).toBe(1);
    expect(series.get(`netpause_probe_rtt_seconds_count{${TCP}}`)).toBe(1);
  });

  it('leaves no password of a URL, and no label that breaks a line', async () => {
    metrics.observe(HTTP);
    metrics.observe(makeResult({ target: 'a"b\\c\nd' }));
    const text = await register.metrics();
    expect(text).not.toContain('secret');
    expect(text).toContain('target="a\\"b\\\\c\\nd"');
  });

  it('has labels of any name, empty where there is none', async () => {
    const other = new Registry();
    const named = await createProbeMetrics({ register: other, labels: ['constructor'] });
    named.observe(makeResult());
    expect(await other.metrics()).toContain(
      'netpause_probe_success{probe="tcp",target="192.0.2.1:443",constructor=""} 1',
    );
  });

  it('passes over what is no time', async () => {
    metrics.observe(makeResult({ samples: [Number.NaN, 1, Number.POSITIVE_INFINITY] }));
    expect((await read()).get(`netpause_probe_rtt_seconds_count{${TCP}}`)).toBe(1);
  });

  it('lets others work while it is read', async () => {
    metrics.observe(makeResult());
    let turns = 0;
    let isRead = false;
    const count = () => {
      turns += 1;
      if (!isRead) setImmediate(count);
    };
    setImmediate(count);
    const [series, again] = await Promise.all([read(), read()]);
    isRead = true;
    expect(turns).toBeGreaterThan(10);
    expect(series.get(`netpause_probe_success{${TCP}}`)).toBe(1);
    expect(again).toEqual(series);
  });

  it('takes its metrics out again', async () => {
    metrics.detach();
    expect(await register.metrics()).toBe('\n');
  });

  it('refuses a register that has its names already', async () => {
    await expect(createProbeMetrics({ register })).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(createProbeMetrics({ register, prefix: 'other_' })).resolves.toBeDefined();
  });

  it.each([
    { labels: ['probe'] },
    { labels: ['le'] },
    { labels: ['hop'] },
    { labels: ['city'] },
    { labels: ['__name'] },
    { labels: ['a-b'] },
    { labels: ['a', 'a'] },
    { labels: Array.from({ length: 17 }, (_, index) => `l${index}`) },
    { prefix: '1' },
    { register: {} },
    { client: {} },
    { nothing: 1 },
  ])('refuses %j', async (options) => {
    await expect(createProbeMetrics(Object(options))).rejects.toBeInstanceOf(InvalidOptionError);
  });

  it('refuses labels that were not announced', () => {
    expect(() => metrics.observe(makeResult(), { place: 'north' })).toThrow(InvalidOptionError);
    expect(() => metrics.observe(makeResult(), Object({ site: 1 }))).toThrow(InvalidOptionError);
  });
});

describe('probeLabelNames', () => {
  it('tells which names can be labels, the first sixteen', async () => {
    const names = ['site', 'target', 'a-b', '__x', 'site', 'direction', 'rack'];
    expect(probeLabelNames(names)).toEqual(['site', 'rack']);
    const many = probeLabelNames([...names, ...Array.from({ length: 20 }, (_, index) => `l${index}`)]);
    expect(many).toHaveLength(16);
    await expect(createProbeMetrics({ register: new Registry(), labels: many })).resolves.toBeDefined();
  });
});

/** What each of the two interfaces received and transmitted. */
function byInterface(receive: number, transmit: number): Readonly<Record<string, number>> {
  return Object.fromEntries(
    ['lo', 'eth0'].flatMap((name) => [
      [`interface="${name}",direction="receive"`, receive],
      [`interface="${name}",direction="transmit"`, transmit],
    ]),
  );
}
