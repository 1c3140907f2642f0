import { metrics as api } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { createProbeRecorder, type ProbeRecorder } from '../../../../src/probes/exporters/index.js';
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
} from './results.js';

/** Reads when it is asked. */
class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

let reader: Reader;
let provider: MeterProvider;
let recorder: ProbeRecorder;

beforeEach(async () => {
  await useReader(new Reader());
});

async function useReader(chosen: Reader): Promise<void> {
  reader = chosen;
  provider = new MeterProvider({ readers: [reader] });
  recorder = await createProbeRecorder({ meter: provider.getMeter('test'), labels: ['site'] });
}

afterEach(async () => {
  recorder.detach();
  api.disable();
  await provider.shutdown();
});

/** What there is of a metric: the value of each series, and its attributes. */
async function read(name: string) {
  const { resourceMetrics } = await reader.collect();
  const found = resourceMetrics.scopeMetrics
    .flatMap((scope) => scope.metrics)
    .find(({ descriptor }) => descriptor.name === name);
  return (found?.dataPoints ?? []).map(({ attributes, value }) => ({ attributes, value }));
}

const SERIES = { probe: 'ping', target: '192.0.2.9', site: '' };

describe('createProbeRecorder', () => {
  it('reports what createProbeMetrics does, in the spelling of OpenTelemetry', async () => {
    recorder.record(PING);
    expect(await read('netpause.probe.success')).toEqual([{ attributes: SERIES, value: 1 }]);
    expect(await read('netpause.probe.packet_loss')).toEqual([{ attributes: SERIES, value: 0.25 }]);
    expect(await read('netpause.probe.phase.duration')).toContainEqual({
      attributes: { ...SERIES, phase: 'ping' },
      value: 3,
    });
    expect(await read('netpause.probe.results')).toContainEqual({
      attributes: { ...SERIES, status: 'ok', failure_source: '' },
      value: 1,
    });
    expect(await read('netpause.probe.rtt')).toMatchObject([
      { attributes: SERIES, value: { count: 3, min: 0.001, max: 0.004 } },
    ]);
  });

  it('reports paths, throughput, quality, places and this host by their own attributes', async () => {
    recorder.record(makeTrace(['198.51.100.1', '192.0.2.9']));
    recorder.record(makeTrace(['198.51.100.2', '192.0.2.9']));
    for (const result of [BANDWIDTH, ANNOTATED, HOST]) recorder.record(result);
    const trace = { probe: 'trace', target: '192.0.2.9', site: '' };
    expect(await read('netpause.probe.path_changes')).toEqual([{ attributes: trace, value: 1 }]);
    expect(await read('netpause.probe.hop.rtt')).toContainEqual({
      attributes: { ...trace, hop: '2', address: '192.0.2.9' },
      value: 0.002,
    });
    expect(await read('netpause.probe.throughput')).toMatchObject([
      { attributes: { direction: 'download' }, value: 10_000_000 },
    ]);
    expect(await read('netpause.probe.voice.mos')).toMatchObject([{ attributes: { codec: 'g711-plc' } }]);
    expect(await read('netpause.probe.target_info')).toMatchObject([{ attributes: { asn: '64496' }, value: 1 }]);
    expect(await read('netpause.host.interface.traffic')).toContainEqual({
      attributes: { probe: 'host', target: 'localhost', site: '', interface: 'eth0', direction: 'transmit' },
      value: 2_000,
    });
  });

  it('makes counters of what counts, and gives units as UCUM writes them', async () => {
    for (const result of [makeTrace(['192.0.2.9']), BANDWIDTH, ANNOTATED, HOST]) recorder.record(result);
    const { resourceMetrics } = await reader.collect();
    const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    const described = new Map(
      all.map(({ descriptor: { name, unit }, dataPointType }) => [name, `${DataPointType[dataPointType]} ${unit}`]),
    );
    expect(described.get('netpause.probe.path_changes')).toBe('SUM ');
    expect(described.get('netpause.host.interface.traffic')).toBe('SUM By');
    expect(described.get('netpause.probe.throughput')).toBe('GAUGE By/s');
    expect(described.get('netpause.probe.distance')).toBe('GAUGE m');
    expect(described.get('netpause.probe.availability')).toBe('GAUGE 1');
    expect(described.get('netpause.host.uptime')).toBe('GAUGE s');
  });

  it('records a look-up by DNS as the conventions have it', async () => {
    recorder.record(DNS, { site: 'north' });
    recorder.record({ ...DNS, timings: {}, duration: 5_000, reason: 'timeout' }, { site: 'north' });
    expect(await read('dns.lookup.duration')).toMatchObject([
      {
        attributes: {
          'dns.question.name': 'example.com',
          'server.address': '2001:db8::53',
          'error.type': 'nxdomain',
          site: 'north',
        },
        value: { count: 1, sum: 0.004 },
      },
      { attributes: { 'error.type': 'timeout' }, value: { count: 1, sum: 5 } },
    ]);
    const { reason: _reason, message: _message, failureSource: _source, ...ok } = DNS;
    recorder.record({ ...ok, status: 'ok' }, { site: 'north' });
    expect((await read('dns.lookup.duration'))[2]?.attributes).not.toHaveProperty('error.type');
  });

  it('records a request by HTTP as the conventions have it', async () => {
    recorder.record({ ...HTTP, facts: { ...HTTP.facts, method: 'HEAD' } });
    expect(await read('http.client.request.duration')).toEqual([
      {
        attributes: {
          'http.request.method': 'HEAD',
          'server.address': 'www.example.com',
          'server.port': 8_443,
          'url.scheme': 'https',
          'http.response.status_code': 200,
          'network.protocol.version': '2',
          site: '',
        },
        value: expect.objectContaining({ count: 1, sum: 0.067 }),
      },
    ]);
    expect(await read('dns.lookup.duration')).toEqual([]);
  });

  it.each([
    [
      { ...HTTP, ...FAILURE, facts: { url: 'http://[2001:db8::1]/' } },
      { 'server.address': '2001:db8::1', 'server.port': 80, 'error.type': 'refused' },
    ],
    [
      { ...HTTP, ...FAILURE, facts: { url: 'https://a.example/', status: 503 } },
      { 'server.port': 443, 'error.type': '503' },
    ],
  ])('tells what went wrong with a request: %#', async (result, attributes) => {
    recorder.record(result);
    const [found] = await read('http.client.request.duration');
    expect(found?.attributes).toMatchObject({ 'http.request.method': '_OTHER', ...attributes });
  });

  it('says nothing of a target while it is inconclusive, but counts it', async () => {
    recorder.record({ ...DNS, ...INCONCLUSIVE, samples: [] });
    recorder.record({ ...HTTP, ...INCONCLUSIVE, samples: [] });
    for (const name of [
      'dns.lookup.duration',
      'http.client.request.duration',
      'netpause.probe.success',
      'netpause.probe.rtt',
    ]) {
      expect(await read(name)).toEqual([]);
    }
    expect((await read('netpause.probe.results')).filter(({ value }) => value === 1)).toHaveLength(2);
  });

  it('forgets a target, and ends', async () => {
    // With cumulative temporality the SDK goes on with the last value of a series that is no longer there.
    await useReader(new Reader({ aggregationTemporalitySelector: () => AggregationTemporality.DELTA }));
    recorder.record(PING);
    recorder.record(makeResult());
    expect(await read('netpause.probe.success')).toHaveLength(2);
    expect(recorder.remove({ target: PING.target })).toBe(1);
    expect((await read('netpause.probe.success')).map(({ attributes }) => attributes['probe'])).toEqual(['tcp']);
    recorder.record({ ...makeResult(), ...INCONCLUSIVE });
    expect(await read('netpause.probe.success')).toEqual([]);
    recorder.record(makeResult());
    expect(await read('netpause.probe.success')).toHaveLength(1);
    recorder.detach();
    expect(await read('netpause.probe.success')).toEqual([]);
  });

  it('finds the registered meter provider where it is given no meter', async () => {
    api.setGlobalMeterProvider(provider);
    const other = await createProbeRecorder();
    other.record(PING);
    expect(await read('netpause.probe.jitter')).toHaveLength(1);
    other.detach();
  });

  it.each([{ meter: {} }, { labels: ['status'] }, { nothing: 1 }])('refuses %j', async (options) => {
    await expect(createProbeRecorder(Object(options))).rejects.toBeInstanceOf(InvalidOptionError);
  });

  it('passes over what is no time', async () => {
    recorder.record({ ...PING, samples: [Number.NaN, 1, Number.POSITIVE_INFINITY] });
    expect(await read('netpause.probe.rtt')).toMatchObject([{ value: { count: 1, sum: 0.001 } }]);
  });

  it('refuses labels that were not announced', () => {
    expect(() => recorder.record(PING, { place: 'x' })).toThrow(InvalidOptionError);
  });
});
