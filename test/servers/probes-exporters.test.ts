import { once } from 'node:events';
import { createServer } from 'node:http';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createProbeMetrics, toLineProtocol } from '../../src/probes/exporters/index.js';
import { probeHost } from '../../src/probes/host/index.js';
import type { ProbeResult } from '../../src/probes/result.js';
import { runCommand } from '../lab/command.js';
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
} from '../unit/probes/exporters/results.js';
import { InfluxServer } from './influx-server.js';
import { PrometheusServer, portOf } from './prometheus-server.js';
import { isInstalled, requireProgram } from './require-program.js';

let cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
  cleanUps = [];
});

describe('the metrics of probes', () => {
  it('are as promtool wants them', async (context) => {
    requireProgram(context, 'promtool', 'prometheus');
    const register = new Registry();
    const metrics = await createProbeMetrics({ register, labels: ['site'] });
    const hostile = makeResult({
      target: 'a"b\\c\nd',
      facts: { geo: { city: 'a"b\\c\nd{}' }, hostname: 'x', disks: [{ path: '\n"\\', total: 1 }] },
    });
    const engines = [PING, HTTP, DNS, TRACE, BANDWIDTH, HOST, await probeHost({ interval: 10 })];
    for (const result of [...engines, ANNOTATED, hostile]) metrics.observe(result, { site: 'ü' });
    const input = await register.metrics();
    // None is without a series here: of those promtool could not complain.
    const named = [...input.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((name) => !new RegExp(`^${name}(_bucket)?{`, 'm').test(input))).toEqual([]);
    // It exits with another code than 0 where it finds anything to complain of.
    await expect(runCommand(['promtool', 'check', 'metrics'], { input })).resolves.toMatchObject({ stdout: '' });
  });

  it('tell a Prometheus that scrapes them of each target, until it is removed', async (context) => {
    requireProgram(context, 'prometheus', 'prometheus');
    const register = new Registry();
    const metrics = await createProbeMetrics({ register, labels: ['site'] });
    const page = createServer(async (_request, response) => {
      response.setHeader('content-type', register.contentType).end(await register.metrics());
    });
    page.listen(0, '127.0.0.1');
    await once(page, 'listening');
    cleanUps.push(() => page.close());
    const prometheus = await PrometheusServer.start(`127.0.0.1:${portOf(page.address())}`);
    cleanUps.push(() => prometheus.stop());
    const isValue = (expected: number) => (series: readonly { readonly value: number }[]) =>
      series.length === 1 && series[0]?.value === expected;

    metrics.observe(PING, { site: 'north' });
    metrics.observe(HTTP, { site: 'north' });
    await prometheus.queryUntil('netpause_probe_success{probe="ping",site="north"}', isValue(1));
    await prometheus.queryUntil('netpause_probe_packet_loss_ratio', isValue(0.25));
    await prometheus.queryUntil(
      'histogram_quantile(1, netpause_probe_rtt_seconds_bucket{probe="ping"})',
      ([found]) => (found?.value ?? 0) > 0.003,
    );
    await prometheus.queryUntil('netpause_probe_http_status_code', isValue(200));

    metrics.observe({ ...PING, ...FAILURE }, { site: 'north' });
    await prometheus.queryUntil('netpause_probe_success{probe="ping"}', isValue(0));
    metrics.observe({ ...PING, ...INCONCLUSIVE }, { site: 'north' });
    await prometheus.queryUntil('netpause_probe_success{probe="ping"}', (series) => series.length === 0);
    await prometheus.queryUntil('netpause_probe_results_total{probe="ping",status="inconclusive"}', isValue(1));

    metrics.observe(makeTrace(['198.51.100.1', '203.0.113.2', '192.0.2.9']), { site: 'north' });
    await prometheus.queryUntil('netpause_probe_hop_rtt_seconds{address="203.0.113.2"}', isValue(0.002));
    metrics.observe(makeTrace(['198.51.100.1', '203.0.113.7', '192.0.2.9']), { site: 'north' });
    await prometheus.queryUntil('netpause_probe_hop_rtt_seconds{address="203.0.113.7"}', isValue(0.002));
    await prometheus.queryUntil('netpause_probe_hop_rtt_seconds{hop="2"}', isValue(0.002));
    await prometheus.queryUntil('increase(netpause_probe_path_changes_total[1m]) > bool 0', isValue(1));

    metrics.remove({ target: PING.target });
    await prometheus.queryUntil('{__name__=~"netpause_probe_.*",probe=~"ping|trace"}', (series) => series.length === 0);
    expect((await prometheus.query('{__name__=~"netpause_probe_.*",probe="http"}')).length).toBeGreaterThan(10);
  });
});

describe('the lines of probes', () => {
  let influx: InfluxServer | undefined;

  beforeAll(async () => {
    if (isInstalled('influxd')) influx = await InfluxServer.start();
  });
  afterAll(() => influx?.stop());
  beforeEach((context) => requireProgram(context, 'influxd', 'influxdb'));

  let texts = 0;

  /** Writes a line, and reads the only point of its measurement back. */
  async function roundTrip(result: ProbeResult, measurement: string, tags: Readonly<Record<string, string>> = {}) {
    const line = toLineProtocol(result, { measurement, tags });
    expect(await influx?.write(line), line).toEqual({ status: 204, error: '' });
    const series = (await influx?.query(`SELECT * FROM "${measurement.replace(/["\\]/g, '\\$&')}"`)) ?? [];
    expect(series).toHaveLength(1);
    const [{ columns = [], values: [row = []] = [] } = {}] = series;
    return new Map(columns.map((column, index) => [column, row[index]]));
  }

  it.each([PING, HTTP, DNS, TRACE, BANDWIDTH, HOST, { ...ANNOTATED, probe: 'annotated' }, makeResult(INCONCLUSIVE)])(
    'are taken by InfluxDB, whatever the engine: %#',
    async (result) => {
      const point = await roundTrip(result, `engine_${result.probe}`);
      expect(point.get('time')).toBe(1_700_000_000_123_000_000);
      expect(point.get('probe')).toBe(result.probe);
      expect(point.get('status')).toBe(result.status);
      expect(point.get('duration_ms')).toBe(result.duration);
      expect(point.get('success')).toBe(result.status === 'inconclusive' ? undefined : Number(result.status === 'ok'));
    },
  );

  it('may be written together, and in every precision', async () => {
    const results = [PING, HTTP, DNS, TRACE, BANDWIDTH, HOST, await probeHost({ interval: 10 }), ANNOTATED];
    const lines = results.map((result, index) =>
      toLineProtocol(result, { measurement: 'together', precision: 'ms', tags: { n: String(index) } }),
    );
    expect(await influx?.write(lines.join('\n'), 'ms')).toEqual({ status: 204, error: '' });
    const [series] = (await influx?.query('SELECT count(status) FROM together')) ?? [];
    expect(series?.values[0]?.[1]).toBe(results.length);
    for (const precision of ['ns', 'us', 'ms', 's'] as const) {
      const measurement = `precision_${precision}`;
      const written = await influx?.write(
        toLineProtocol(PING, { measurement, precision }),
        precision === 'us' ? 'u' : precision,
      );
      expect(written).toEqual({ status: 204, error: '' });
      const [found] = (await influx?.query(`SELECT status FROM ${measurement}`)) ?? [];
      expect(found?.values[0]?.[0]).toBe(precision === 's' ? 1_700_000_000e9 : 1_700_000_000_123e6);
    }
  });

  it('keep the types of what each engine measures, whole numbers or not', async () => {
    const write = async (result: ProbeResult, startedAt: number) =>
      influx?.write(toLineProtocol({ ...result, startedAt }, { measurement: 'numbers' }));
    const results = [TRACE, BANDWIDTH, HOST, ANNOTATED];
    for (const result of results) expect(await write(result, 1)).toEqual({ status: 204, error: '' });
    for (const result of results.map(withFractions)) expect(await write(result, 2)).toEqual({ status: 204, error: '' });
    for (const result of results.map(withWholes)) expect(await write(result, 3)).toEqual({ status: 204, error: '' });
  });

  it('keep their types, so that the next one is taken too', async () => {
    await roundTrip(makeResult({ duration: 1, facts: { number: 1 } }), 'types');
    const next = toLineProtocol(makeResult({ duration: 1.5, startedAt: 2, facts: { number: 1.5 } }), {
      measurement: 'types',
    });
    expect(await influx?.write(next)).toEqual({ status: 204, error: '' });
  });

  it.each([
    'a,b=c d',
    'a\\,b\\ c\\=d',
    'back\\slash \\\\two',
    '"quoted" \'twice\'',
    '"',
    '\\"',
    '# no comment',
    'ünïcödé 😀',
    '$a %s <b>',
    ' leading and trailing ',
    '=,= ,',
    'a\\n',
  ])('hold %j as it is: measurement, tag and field', async (text) => {
    // A name is the user's own, and has no backslash.
    const name = text.replaceAll('\\', '');
    const tags = { own: text, [`key ${name}`]: 'x' };
    const result = makeResult({ target: text, reason: text, facts: { x: text } });
    const point = await roundTrip(result, `m ${texts++} ${name}`, tags);
    expect(point.get('own')).toBe(text);
    expect(point.get('target')).toBe(text);
    expect(point.get(`key ${name}`)).toBe('x');
    expect(point.get('reason')).toBe(text);
    expect(point.get('fact_x')).toBe(text);
  });

  it.each([
    ['line\nbreak\r\n', 'line\\nbreak\\r\\n'],
    ['\0\x1b[31m', '\\u0000\\u001b[31m'],
    ['half \ud83d', 'half \ufffd'],
    ['\u2028', '\\u2028'],
  ])('make %j visible', async (text, visible) => {
    const point = await roundTrip(makeResult({ target: text, reason: text, facts: { x: text } }), `visible ${texts++}`);
    expect([point.get('target'), point.get('reason'), point.get('fact_x')]).toEqual([visible, visible, visible]);
  });

  it('lose a backslash at the end of a tag, which the protocol cannot say', async () => {
    const point = await roundTrip(makeResult({ target: 'a\\\\', reason: 'a\\\\' }), 'end');
    expect([point.get('target'), point.get('reason')]).toEqual(['a', 'a\\\\']);
  });

  it('are taken whatever is in them, and bring back what was said', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'\\", =\n\r\0#\u0085\u2028a') }),
    );
    const results = fc.sample(
      fc.record({ target: text, reason: text, key: text, value: fc.oneof(text, fc.double(), fc.boolean()) }),
      300,
    );
    const lines = results.map(({ target, reason, key, value }, index) =>
      toLineProtocol(makeResult({ target, reason, startedAt: index, facts: { [`${typeof value}_${key}`]: value } }), {
        measurement: 'anything',
        tags: { n: String(index) },
      }),
    );
    expect(await influx?.write(lines.join('\n'))).toEqual({ status: 204, error: '' });
    const [series] = (await influx?.query('SELECT n, reason FROM anything')) ?? [];
    const found = new Map(series?.values.map(([, n, reason]) => [String(n), reason]));
    expect(found.size).toBe(300);
    const plain = results.flatMap(({ reason }, index) =>
      /[\p{C}\u2028\u2029]/u.test(reason) ? [] : [[String(index), reason] as const],
    );
    expect(plain.length).toBeGreaterThan(20);
    for (const [n, reason] of plain) expect(found.get(n)).toBe(reason);
  });
});

/** The same with all numbers as given by a function. */
function withNumbers(value: unknown, change: (value: number) => number): unknown {
  if (typeof value === 'number') return change(value);
  if (Array.isArray(value)) return value.map((each) => withNumbers(each, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withNumbers(each, change)]));
}

function withFractions(result: ProbeResult): ProbeResult {
  return { ...result, facts: Object(withNumbers(result.facts, (value) => Math.floor(value) + 0.5)) };
}

function withWholes(result: ProbeResult): ProbeResult {
  return { ...result, facts: Object(withNumbers(result.facts, Math.floor)) };
}
