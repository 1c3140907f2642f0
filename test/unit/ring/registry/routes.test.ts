import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readExpectedMembers } from '../../../../src/ring/expected/index.js';
import { netringGroups, reportedMetricsSchema } from '../../../../src/ring/wire/index.js';
import { type Answer, AskedRegistry, check } from './asking.js';

const A_TIME = expect.any(Number);

describe('a registry', () => {
  let registry: AskedRegistry;

  beforeEach(async () => {
    registry = await AskedRegistry.start();
  });

  afterEach(() => registry[Symbol.asyncDispose]());

  it('lets members in, under their own ids or under ones that it makes', async () => {
    expect(await registry.register('a')).toMatchObject({
      status: 200,
      json: { instance_id: 'a', status: 'registered', reads_checks: true },
    });
    const made = await registry.post('/register', { location: 'dc2', ip: '2001:db8::1', port: 1, version: '1.2' });
    expect(made.json).toMatchObject({ instance_id: expect.stringMatching(/^[\da-f-]{36}$/), status: 'registered' });
    // In the order in which they came, to a second, and by their ids.
    const members = Object(Reflect.get(Object((await registry.get('/members')).json), 'members'));
    expect([...members].find(({ location }) => location === 'dc2')).toMatchObject({ port: 1, version: '1.2' });
    await registry.post('/deregister', { instance_id: Reflect.get(Object(made.json), 'instance_id') });
    expect((await registry.get('/members')).json).toEqual({
      members: [
        {
          instance_id: 'a',
          location: 'dc1',
          ip: '192.0.2.1',
          port: 8757,
          last_seen: A_TIME,
          registered_at: A_TIME,
          status: 'active',
        },
        expect.objectContaining({ location: 'dc2', ip: '2001:db8::1', status: 'deregistered' }),
      ],
    });
  });

  it('hears heartbeats of those it knows, and tells the others that it does not', async () => {
    await registry.register('a');
    expect(await registry.post('/heartbeat', { instance_id: 'a' })).toMatchObject({
      status: 200,
      json: { status: 'ok' },
    });
    const unknown = { status: 404, json: { error: 'member not found' } };
    expect(await registry.post('/heartbeat', { instance_id: 'b' })).toMatchObject(unknown);
    expect(await registry.report('b', {})).toMatchObject(unknown);
  });

  it('shows who has left, and lets them come back', async () => {
    await registry.register('a');
    await registry.report('a', { general: { members_total: 1 } });
    for (const id of ['a', 'nobody']) {
      const left = await registry.post('/deregister', { instance_id: id });
      expect(left).toMatchObject({ status: 200, json: { status: 'deregistered' } });
    }
    const shown = { instance_id: 'a', status: 'deregistered', deregistered_at: A_TIME, last_seen: A_TIME };
    expect((await registry.get('/members')).json).toMatchObject({ members: [shown] });
    expect((await registry.get('/metrics')).json).toEqual({ metrics: {} });
    expect((await registry.post('/heartbeat', { instance_id: 'a' })).status).toBe(404);
    await registry.register('a');
    expect((await registry.get('/members')).json).toMatchObject({ members: [{ instance_id: 'a', status: 'active' }] });
  });

  it('passes on what members report, of its own kind and as Netring has it', async () => {
    await registry.register('a');
    await registry.register('n');
    const own = { checks: [check(), check({ verdict: 'inconclusive', failure_source: 'local' })] };
    const foreign = {
      connectivity_tcp: { 'dc1:b': { labels: { source_location: 'dc1' }, value: 1 } },
      general: { members_total: 2 },
    };
    expect(await registry.report('a', own)).toMatchObject({ status: 200, json: { status: 'ok' } });
    expect((await registry.report('n', foreign)).status).toBe(200);
    const { checks = [] } = reportedMetricsSchema.parse(own);
    const groups = netringGroups(checks, { id: 'a', location: 'dc1', members: 1 });
    expect((await registry.get('/metrics')).json).toEqual({ metrics: { a: { ...groups, ...own }, n: foreign } });
  });

  it('says that it looks for nobody in particular', async () => {
    expect((await registry.get('/members_with_analysis')).json).toEqual({
      members: [],
      missing_analysis: { enabled: false, locations: {}, alerts: [] },
      timestamp: A_TIME,
    });
  });

  it('says how it is', async () => {
    await registry.register('a');
    expect(await registry.get('/health')).toMatchObject({
      status: 200,
      json: {
        status: 'healthy',
        version: expect.any(String),
        component: 'registry',
        timestamp: A_TIME,
        members: 1,
        store: { kind: 'memory', reachable: true, unsynced: 0 },
      },
    });
  });

  it('makes a graph of traces, a picture, and the way between two sites', async () => {
    await registry.register('a');
    await registry.register('n', { location: 'dc3' });
    const hops = [
      { hop: 1, ip: '198.51.100.1', latency_ms: 2 },
      { hop: 2, ip: '*', latency_ms: null },
      { hop: 3, ip: '198.51.100.3', latency_ms: 400 },
    ];
    await registry.report('a', { checks: [check({ type: 'traceroute', hops })] });
    await registry.report('n', {
      detailed_traceroute_data: { k: { target_location: 'dc2', hops, timestamp: 1_700_000_000 } },
      bandwidth_tests: { k: { bandwidth_mbps: 50 } },
    });
    const edge = {
      source: 'dc1',
      target: 'router_198.51.100.1',
      latency: 2,
      route: 'dc1->dc2',
      hop_number: 1,
      color: 'green',
    };
    const { json } = await registry.get('/topology');
    expect(json).toMatchObject({
      summary: {
        total_locations: 3,
        total_routers: 2,
        total_edges: 4,
        routes_analyzed: 2,
        bottlenecks_found: 2,
        locations: ['dc1', 'dc2', 'dc3'],
        graph_density: 0.2,
        strongly_connected: false,
      },
      topology: { nodes: expect.any(Array), edges: expect.arrayContaining([edge]) },
      bottlenecks: expect.any(Array),
      timestamp: A_TIME,
    });
    expect((await registry.get('/topology/path?source=dc3&target=dc2')).json).toEqual({
      path_analysis: {
        source: 'dc3',
        target: 'dc2',
        total_hops: 3,
        max_hop_latency: 400,
        bandwidth_mbps: 50,
        path_nodes: ['dc3', 'router_198.51.100.1', 'router_198.51.100.3', 'dc2'],
        path_edges: [
          { from: 'dc3', to: 'router_198.51.100.1', latency_ms: 2, hop_number: 1 },
          { from: 'router_198.51.100.1', to: 'router_198.51.100.3', latency_ms: 400, hop_number: 3 },
          { from: 'router_198.51.100.3', to: 'dc2', latency_ms: 400, hop_number: null },
        ],
        bottlenecks: [
          {
            from_node: 'router_198.51.100.1',
            to_node: 'router_198.51.100.3',
            latency_ms: 400,
            route: 'dc3->dc2',
            hop_number: 3,
            severity: 'high',
          },
        ],
      },
      timestamp: A_TIME,
    });
    const nowhere = await registry.get('/topology/path?source=dc2&target=dc3');
    expect(nowhere.json).toEqual({ path_analysis: { error: 'No data for route dc2->dc3' }, timestamp: A_TIME });
    expect((await registry.get('/topology/path?source=dc2')).status).toBe(400);
    const picture = await registry.get('/topology/svg?width=20&height=10');
    expect(picture.headers).toMatchObject({ 'content-type': 'image/svg+xml', 'cache-control': 'no-cache' });
    expect(picture.text).toMatch(/<svg[^>]* width="1600" height="800"/);
    expect((await registry.get('/topology/svg?width=1000')).status).toBe(400);
  });

  it('has a page for people, and one about its API, with every path that it serves', async () => {
    await registry.register('a', { location: '<b>"&' });
    const page = await registry.get('/plain');
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.text).toContain('<td>&#60;b&#62;&#34;&#38;</td><td>a</td><td>192.0.2.1:8757</td><td>active</td>');
    expect(page.text).not.toMatch(/<script|src=|https?:/);
    const { json } = await registry.get('/docs/openapi.json');
    const paths = Object.keys(Object(Reflect.get(Object(json), 'paths')));
    for (const [, path] of page.text.matchAll(/href="([^"]+)"/g)) {
      if (path !== '/docs') expect(paths).toContain(path);
      expect((await registry.get(path ?? '')).status).toBe(200);
    }
    expect(paths).toEqual(
      expect.arrayContaining(['/register', '/heartbeat', '/deregister', '/report_metrics', '/events']),
    );
  });

  it.each([
    ['curl', '*/*', 'json'],
    ['no header', undefined, 'json'],
    ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'json'],
    ['a library that takes both', 'application/json, text/plain, */*', 'json'],
    ['text and nothing else', 'text/plain', 'text'],
    [
      'Prometheus 2',
      'application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      'text',
    ],
    [
      'Prometheus 3',
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      'text',
    ],
    ['nonsense', ';;,q=,"', 'json'],
  ])('shows of its metrics to %s what it asks for', async (_who, accept, expected) => {
    const headers = accept === undefined ? {} : { accept };
    expect(formatOf(await registry.get('/metrics', headers))).toBe(expected);
    expect(formatOf(await registry.get('/metrics?format=json', headers))).toBe('json');
    expect(formatOf(await registry.get('/metrics?format=prometheus', headers))).toBe('text');
  });

  it('tells who is missing', async () => {
    const expected = readExpectedMembers({
      expected_members: {
        locations: { dc1: { expected_count: 2, criticality: 'high', description: 'Frankfurt' } },
      },
    });
    await using other = await AskedRegistry.start({ expected });
    await other.register('a');
    await other.register('x', { location: '__proto__' });
    const { json } = await other.get('/members_with_analysis');
    const nobody = { expected_count: 0, missing_count: 0, grace_period: 0, criticality: 'unknown' };
    expect(json).toMatchObject({
      missing_analysis: {
        enabled: true,
        timestamp: A_TIME,
        alerts: [],
        summary: {
          total_expected_locations: 1,
          total_missing_members: 1,
          critical_locations_missing: 1,
          unexpected_locations: 1,
        },
      },
    });
    const analysis: unknown = Reflect.get(Object(json), 'missing_analysis');
    expect(Object.entries(Object(Reflect.get(Object(analysis), 'locations')))).toEqual([
      [
        'dc1',
        {
          expected_count: 2,
          actual_count: 1,
          missing_count: 1,
          status: 'missing_members',
          criticality: 'high',
          grace_period: 300,
          description: 'Frankfurt',
          current_members: [{ instance_id: 'a', last_seen: A_TIME, ip: '192.0.2.1' }],
        },
      ],
      ['__proto__', expect.objectContaining({ ...nobody, status: 'unexpected_location', actual_count: 1 })],
    ]);
  });
});

function formatOf({ status, headers }: Answer): string {
  expect(status).toBe(200);
  return headers['content-type']?.startsWith('application/json') ? 'json' : 'text';
}
