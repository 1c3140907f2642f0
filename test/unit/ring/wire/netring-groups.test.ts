import { describe, expect, it } from 'vitest';
import { type CheckRecord, netringGroups, reportedMetricsSchema } from '../../../../src/ring/wire/index.js';
import { record } from '../member/fixtures.js';

const source = { id: 'a', location: 'EU1', members: 3 };
const target = { target: 'b', target_location: 'US1', target_ip: '192.0.2.9' };
const labels = {
  source_location: 'EU1',
  source_instance: 'a',
  target_location: 'US1',
  target_instance: 'b',
  target_ip: '192.0.2.9',
};

const groups = (...checks: readonly Partial<CheckRecord>[]) =>
  netringGroups(
    checks.map((each) => record({ ...target, ...each })),
    source,
  );

describe('checks in the groups of Netring', () => {
  it('have its keys, labels and values', () => {
    const told = groups(
      { type: 'tcp', verdict: 'failed', latency_ms: 20 },
      { type: 'http', endpoint: '/health', latency_ms: 10 },
      { type: 'http', endpoint: '/metrics', latency_ms: 30 },
      { type: 'bandwidth', bandwidth_mbps: 93.5 },
      { type: 'ping', latency_ms: 1 },
    );
    expect(told).toEqual({
      connectivity_tcp: { 'US1:b': { labels, value: 0 } },
      connectivity_http: {
        'US1:b:/health': { labels: { ...labels, endpoint: '/health' }, value: 1 },
        'US1:b:/metrics': { labels: { ...labels, endpoint: '/metrics' }, value: 1 },
      },
      check_durations: {
        'tcp:US1:b': { labels: durationLabels('tcp'), sum: 0.02, count: 1, avg_latency_ms: 20 },
        'http:US1:b': { labels: durationLabels('http'), sum: 0.04, count: 2, avg_latency_ms: 20 },
      },
      bandwidth_tests: { 'US1:b': { labels, bandwidth_mbps: 93.5 } },
      traceroute_tests: {},
      general: { members_total: 3 },
      detailed_traceroute_data: {},
    });
  });

  it('tell of a route, but of no latency where a hop was silent: null is more than it can compare', () => {
    const hops = [
      { hop: 1, ip: '198.51.100.1', latency_ms: 0.5 },
      { hop: 2, ip: '*', latency_ms: null },
      { hop: 3, ip: '192.0.2.9', latency_ms: 4 },
    ];
    const told = groups({ type: 'traceroute', hops, at: 5_500 });
    expect(told['traceroute_tests']).toEqual({ 'US1:b': { labels, total_hops: 3, max_hop_latency_ms: 4 } });
    expect(told['detailed_traceroute_data']).toEqual({
      'US1:b': {
        hops: [hops[0], { hop: 2, ip: '*' }, hops[2]],
        timestamp: 5.5,
        target_location: 'US1',
        target_ip: '192.0.2.9',
        labels,
      },
    });
  });

  it('say nothing of what is inconclusive or was not measured', () => {
    const told = groups(
      { type: 'tcp', verdict: 'inconclusive' },
      { type: 'http', endpoint: '/', verdict: 'inconclusive' },
      { type: 'bandwidth', verdict: 'failed' },
      { type: 'traceroute', verdict: 'failed' },
    );
    expect(Object.values(told).flatMap((group) => Object.keys(group))).toEqual(['members_total']);
  });

  it('are what a registry takes, whatever members are called', () => {
    const told = groups({ target: '__proto__', target_location: 'constructor', latency_ms: 1 });
    expect(Object.keys(told['connectivity_tcp'] ?? {})).toEqual(['constructor:__proto__']);
    expect(reportedMetricsSchema.safeParse(told).success).toBe(true);
  });
});

function durationLabels(type: string) {
  return { check_type: type, target_location: 'US1', target_instance: 'b' };
}
