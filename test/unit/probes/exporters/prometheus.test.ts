import { Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { createProbeMetrics, type ProbeMetrics } from '../../../../src/probes/exporters/index.js';
import { DNS, FAILURE, HTTP, INCONCLUSIVE, makeResult, PING } from './results.js';

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
