import { describe, expect, it } from 'vitest';
import { prometheusName } from '../../../src/observe/metric.js';
import { NETWORK_METRICS, RETRY_METRICS } from '../../../src/observe/metrics.js';
import { OperationLabels } from '../../../src/observe/operation-labels.js';
import { StateClock } from '../../../src/observe/state-clock.js';
import { Tally } from '../../../src/observe/tally.js';

describe('the names of the metrics', () => {
  const metrics = [...Object.values(NETWORK_METRICS), ...Object.values(RETRY_METRICS)];

  it('are those that Prometheus wants, unit and kind at the end', () => {
    expect(prometheusName('netpause_', RETRY_METRICS.savedAttempts)).toBe('netpause_attempts_saved_total');
    expect(prometheusName('my_', NETWORK_METRICS.stateTime)).toBe('my_network_state_time_seconds_total');
    expect(prometheusName('netpause_', NETWORK_METRICS.outageDuration)).toBe('netpause_outage_duration_seconds');
  });

  it('are each used once', () => {
    const names = metrics.map((metric) => prometheusName('', metric));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the time in each state', () => {
  it('adds up, the present state until now included', () => {
    const clock = new StateClock('unknown', 1_000);
    clock.enter('up', 2_000);
    clock.enter('down', 5_000);
    clock.enter('up', 9_000);
    const times = (['unknown', 'up', 'degraded', 'down'] as const).map((state) => clock.timeIn(state, 10_000));
    expect(times).toEqual([1_000, 4_000, 0, 4_000]);
  });
});

describe('a tally', () => {
  it('counts by labels, and shows what it has not counted yet', () => {
    const tally = new Tally();
    tally.show({ reason: 'a' });
    tally.add({ reason: 'b' });
    tally.add({ reason: 'b' }, 2);
    expect([...tally.read()]).toEqual([
      { labels: { reason: 'a' }, value: 0 },
      { labels: { reason: 'b' }, value: 3 },
    ]);
  });
});

describe('the label operation', () => {
  it('is left out unless asked for', () => {
    expect(new OperationLabels(0).of('upload')).toEqual({});
  });

  it('is given to so many names, and the others share one', () => {
    const labels = new OperationLabels(2);
    const given = ['a', 'b', 'c', 'a', undefined].map((name) => labels.of(name)['operation']);
    expect(given).toEqual(['a', 'b', 'other', 'a', '']);
  });

  it('is the same object for names that are the same in it, and takes one place for them', () => {
    const labels = new OperationLabels(2);
    const first = labels.of('GET https://example.com/?token=1');
    expect(labels.of('GET https://example.com/?token=2')).toBe(first);
    expect(labels.of('upload')).toEqual({ operation: 'upload' });
  });

  it('is that of the unnamed and of the others for names that read like theirs', () => {
    const labels = new OperationLabels(1);
    expect(labels.of('')).toBe(labels.of(undefined));
    const other = labels.of('other');
    expect(labels.of('upload')).toEqual({ operation: 'upload' });
    expect(labels.of('download')).toBe(other);
  });

  it('shows no credentials', () => {
    expect(new OperationLabels(1).of('https://ada:secret@example.com/?t=1')).toEqual({
      operation: 'https://example.com/?…',
    });
  });
});
