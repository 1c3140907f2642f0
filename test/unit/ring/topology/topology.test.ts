import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type LocatedReport,
  pathAnalysis,
  renderTopologySvg,
  routeBetween,
  routesOf,
  topologyOf,
} from '../../../../src/ring/topology/index.js';
import type { CheckRecord } from '../../../../src/ring/wire/index.js';

const SIZE = { width: 12, height: 8 };

describe('the topology of a ring', () => {
  it('is put together from the traces of members', () => {
    const routes = routesOf([
      report('A', [trace('b1', 'B', [hop(1, '192.0.2.1', 1), hop(2, '*', null), hop(3, '192.0.2.3', 30)])]),
      report('B', [trace('a1', 'A', [hop(1, '192.0.2.3', 200), hop(2, '192.0.2.1', 210)])]),
    ]);
    const { nodes, edges, summary, bottlenecks } = topologyOf(routes);
    expect(nodes.map(({ id, type }) => [id, type])).toEqual([
      ['A', 'location'],
      ['B', 'location'],
      ['router_192.0.2.1', 'router'],
      ['router_192.0.2.3', 'router'],
    ]);
    expect(edges.filter(({ route }) => route === 'A->B')).toEqual([
      { source: 'A', target: 'router_192.0.2.1', latency: 1, route: 'A->B', hop_number: 1, color: 'green' },
      {
        source: 'router_192.0.2.1',
        target: 'router_192.0.2.3',
        latency: 30,
        route: 'A->B',
        hop_number: 3,
        color: 'orange',
      },
      { source: 'router_192.0.2.3', target: 'B', latency: 30, route: 'A->B', hop_number: null, color: 'orange' },
    ]);
    // Only where the time is spent, and not everything behind it.
    expect(bottlenecks).toEqual([
      {
        from_node: 'B',
        to_node: 'router_192.0.2.3',
        latency_ms: 200,
        route: 'B->A',
        hop_number: 1,
        severity: 'medium',
      },
    ]);
    expect(summary).toMatchObject({
      total_locations: 2,
      total_routers: 2,
      total_edges: 6,
      routes_analyzed: 2,
      bottlenecks_found: 1,
      locations: ['A', 'B'],
      strongly_connected: true,
    });
    expect(summary.graph_density).toBe(6 / 12);
  });

  it('has the newest trace of each route, and none within a location', () => {
    const old = { ...trace('b1', 'B', [hop(1, '192.0.2.1', 1)]), at: 1 };
    const young = { ...trace('b2', 'B', [hop(1, '192.0.2.2', 1)]), at: 2 };
    const routes = routesOf([report('A', [young, old, trace('a2', 'A', [hop(1, '192.0.2.9', 1)])])]);
    expect(routes.map(({ hops }) => hops[0]?.ip)).toEqual(['192.0.2.2']);
  });

  it('tells what was measured beside: bandwidth, and whether the target was found', () => {
    const base = { target: 'b1', target_location: 'B', target_ip: '192.0.2.2', at: 1 } as const;
    const [route] = routesOf([
      report('A', [
        trace('b1', 'B', []),
        { ...base, type: 'bandwidth', verdict: 'ok', bandwidth_mbps: 95 },
        { ...base, type: 'tcp', verdict: 'failed' },
      ]),
    ]);
    expect(route).toMatchObject({ bandwidthMbps: 95, isReachable: false });
    const unknown = routesOf([report('A', [trace('b1', 'B', []), { ...base, type: 'tcp', verdict: 'inconclusive' }])]);
    expect(unknown[0]).not.toHaveProperty('isReachable');
  });

  it('understands a Netring member, and leaves out what is none of it', () => {
    const routes = routesOf([
      {
        location: 'A',
        at: 5,
        metrics: {
          detailed_traceroute_data: {
            'B:b1': {
              target_location: 'B',
              timestamp: 2,
              hops: [{ hop: 1, ip: '192.0.2.1', latency_ms: 3 }, { hop: 2, ip: '*', latency_ms: null }, 7],
            },
            bad: null,
            worse: { target_location: 3, hops: [] },
          },
          bandwidth_tests: { 'B:b1': { bandwidth_mbps: 10 } },
        },
      },
    ]);
    expect(routes).toEqual([
      { source: 'A', target: 'B', at: 2_000, bandwidthMbps: 10, hops: [hop(1, '192.0.2.1', 3), hop(2, '*', null)] },
    ]);
  });

  it('follows the path between two sites', () => {
    const routes = routesOf([report('A', [trace('b1', 'B', [hop(1, '192.0.2.1', 4), hop(2, '192.0.2.2', 400)])])]);
    expect(pathAnalysis(routes, 'A', 'B')).toEqual({
      source: 'A',
      target: 'B',
      total_hops: 2,
      max_hop_latency: 400,
      bandwidth_mbps: null,
      path_nodes: ['A', 'router_192.0.2.1', 'router_192.0.2.2', 'B'],
      path_edges: [
        { from: 'A', to: 'router_192.0.2.1', latency_ms: 4, hop_number: 1 },
        { from: 'router_192.0.2.1', to: 'router_192.0.2.2', latency_ms: 400, hop_number: 2 },
        { from: 'router_192.0.2.2', to: 'B', latency_ms: 400, hop_number: null },
      ],
      bottlenecks: [
        {
          from_node: 'router_192.0.2.1',
          to_node: 'router_192.0.2.2',
          latency_ms: 400,
          route: 'A->B',
          hop_number: 2,
          severity: 'high',
        },
      ],
    });
    expect(pathAnalysis(routes, 'B', 'A')).toBeUndefined();
  });

  it('knows the path between two sites of a ring that has more of them than can be drawn', () => {
    const sites = Array.from({ length: 60 }, (_, index) => `s${index}`);
    const hops = Array.from({ length: 10 }, (_, index) => hop(index + 1, `192.0.2.${index}`, 1));
    const reports = sites.map((site) =>
      report(
        site,
        sites.map((other) => trace(other, other, hops)),
      ),
    );
    const drawn = routesOf(reports);
    expect(pathAnalysis(drawn, 's59', 's1')).toBeUndefined();
    expect(routeBetween(reports, 's59', 's1')).toMatchObject({ source: 's59', target: 's1', hops });
    expect(routeBetween(reports, 's59', 'nowhere')).toBeUndefined();
  });

  it('is the same in whatever order the reports come', () => {
    const reports = ['A', 'B', 'C'].map((location) =>
      report(
        location,
        ['A', 'B', 'C'].map((to) => trace(to, to, [hop(1, `192.0.2.${to.charCodeAt(0)}`, 1)])),
      ),
    );
    const topology = topologyOf(routesOf(reports));
    expect(topologyOf(routesOf([...reports].reverse()))).toEqual(topology);
    const places = topology.nodes.map(({ x, y }) => `${x.toFixed(3)} ${y.toFixed(3)}`);
    expect(new Set(places).size).toBe(places.length);
  });

  it('is nothing where nothing was reported', () => {
    expect(topologyOf([])).toMatchObject({
      nodes: [],
      edges: [],
      summary: { graph_density: 0, strongly_connected: false },
    });
    expect(renderTopologySvg(topologyOf([]), SIZE)).toContain('no routes have been reported');
  });

  it('draws hostile names as text', () => {
    const name = `</text><script>alert(1)</script>"'&\u0000\u001b[31m\ud800`;
    const svg = renderTopologySvg(
      topologyOf(routesOf([report(name, [trace('b', 'B', [hop(1, '"><script>', 1)])])])),
      SIZE,
    );
    expect(svg).not.toMatch(/<script|["']alert|[^\P{Cc}\n]|\p{Cs}/u);
    expect(svg).toContain('&#60;script&#62;alert(1)');
  });

  it('draws whatever there is as XML of text and numbers', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string(),
        fc.double({ min: 0, noNaN: true }),
        (from, ip, latency) => {
          const svg = renderTopologySvg(
            topologyOf(routesOf([report(from, [trace('b', 'B', [hop(1, ip, latency)])])])),
            SIZE,
          );
          expect(svg.match(/<(?!\/?(svg|style|text|line|circle|title)\b|\?xml )/g)).toBeNull();
          expect(svg).not.toMatch(/NaN|undefined/);
        },
      ),
    );
  });
});

function report(location: string, checks: readonly CheckRecord[]): LocatedReport {
  return { location, at: 1, metrics: { checks } };
}

function trace(target: string, location: string, hops: CheckRecord['hops']): CheckRecord {
  return { type: 'traceroute', target, target_location: location, target_ip: '192.0.2.2', verdict: 'ok', at: 1, hops };
}

function hop(number: number, ip: string, latency: number | null) {
  return { hop: number, ip, latency_ms: latency };
}
