import { type Meter, metrics } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionError } from '../../../src/errors/index.js';
import { collectOpenTelemetry } from '../../../src/observe/index.js';
import { prometheusName } from '../../../src/observe/metric.js';
import { NETWORK_METRICS, RETRY_METRICS } from '../../../src/observe/metrics.js';
import { createRetryer, retry } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { holdTime, pass, watch } from '../retry/support.js';
import { makeMonitor } from './support.js';

const ALL = [...Object.values(NETWORK_METRICS), ...Object.values(RETRY_METRICS)];

/** Reads when it is asked. */
class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

let reader: Reader;
let provider: MeterProvider;
let meter: Meter;
let detach: (() => void) | undefined;

beforeEach(() => {
  holdTime();
  reader = new Reader();
  provider = new MeterProvider({ readers: [reader] });
  meter = provider.getMeter('test');
});

afterEach(async () => {
  detach?.();
  metrics.disable();
  vi.useRealTimers();
  await provider.shutdown();
});

/** What a reader finds now, by name: the values by their labels. */
async function read(): Promise<Record<string, Record<string, unknown>>> {
  const { resourceMetrics } = await reader.collect();
  const found = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  return Object.fromEntries(
    found
      .filter(({ dataPoints }) => dataPoints.length > 0)
      .map(({ descriptor, dataPoints }) => [
        descriptor.name,
        Object.fromEntries(dataPoints.map(({ attributes, value }) => [Object.values(attributes).join(), value])),
      ]),
  );
}

describe('collectOpenTelemetry', () => {
  it('reports what collectPrometheus does, in the spelling of OpenTelemetry', async () => {
    const { monitor, host } = makeMonitor();
    await monitor.start();
    await pass(1_000);
    detach = await collectOpenTelemetry({ monitor, meter });
    host.pullCable();
    const call = watch(retry(() => 'done', { network: monitor }));
    await pass(2_000);
    expect(await read()).toMatchObject({
      'netpause.network.state': { unknown: 0, up: 0, degraded: 0, down: 1 },
      'netpause.network.state.time': { up: 0, down: 2 },
      'netpause.outages': { 'no-carrier': 1, unreachable: 0 },
      'netpause.operations.paused': { '': 1 },
      'netpause.pauses': { 'no-carrier': 1 },
      'netpause.monitor.info': { netlink: 1 },
    });
    host.plugIn();
    await pass(20);
    await call.promise;
    expect(await read()).toMatchObject({
      'netpause.network.state': { up: 1, down: 0 },
      'netpause.operations.paused': { '': 0 },
      'netpause.operations': { success: 1, failure: 0 },
      'netpause.outage.duration': { 'no-carrier': { count: 1, sum: 2.001 } },
      'netpause.outage.recovery': { '': { count: 1, sum: 0.001 } },
    });
    await monitor.stop();
  });

  it('uses the buckets and units of the metrics', async () => {
    const createHistogram = vi.spyOn(meter, 'createHistogram');
    detach = await collectOpenTelemetry({ meter });
    expect(createHistogram.mock.calls.find(([name]) => name === 'netpause.pause.duration')?.[1]).toEqual({
      description: RETRY_METRICS.pauseDuration.help,
      unit: 's',
      advice: { explicitBucketBoundaries: RETRY_METRICS.pauseDuration.buckets },
    });
  });

  it('reports nothing any more when it is detached, but for what histograms have recorded', async () => {
    const { monitor } = makeMonitor();
    const network = new SimulatedNetwork();
    detach = await collectOpenTelemetry({ monitor, meter });
    await retry(() => 'done', { network });
    detach();
    await retry(() => 'done', { network });
    expect(await read()).toEqual({
      'netpause.operation.duration': { success: expect.objectContaining({ count: 1 }) },
    });
  });

  it('finds the registered meter provider where it is given no meter', async () => {
    metrics.setGlobalMeterProvider(provider);
    detach = await collectOpenTelemetry({ retryers: [createRetryer()] });
    expect(Object.keys(await read())).toContain('netpause.operations');
  });

  it.each([
    ['meter', {}],
    ['monitor', {}],
    ['register', {}],
  ])('refuses %s: %s', async (name, value) => {
    await expect(collectOpenTelemetry({ [name]: value })).rejects.toBeInstanceOf(InvalidOptionError);
  });
});

describe('the metrics', () => {
  it('have a name in Prometheus that is made of the name in OpenTelemetry', () => {
    for (const metric of ALL) {
      const words = metric.name.split('.').join('_');
      expect(prometheusName('netpause_', metric)).toMatch(new RegExp(`^netpause_${words}(_seconds)?(_total)?$`));
    }
  });
});
