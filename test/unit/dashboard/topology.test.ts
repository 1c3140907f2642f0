import { describe, expect, it } from 'vitest';
import { linkId } from '../../../src/dashboard/parts/graph/graph-model.js';
import { siteAddresses } from '../../../src/dashboard/ring/lazy/site-addresses.js';
import { graphOf } from '../../../src/dashboard/ring/lazy/topology-graph.js';
import { marksOf, shownPath } from '../../../src/dashboard/ring/lazy/topology-path.js';
import type { PathAnswer, TopologyAnswer } from '../../../src/ring/registry/index.js';
import { pathAnalysis, type Route, topologyOf } from '../../../src/ring/topology/index.js';

const R1 = 'router_198.51.100.1';
const R2 = 'router_198.51.100.2';

describe('the graph of a topology', () => {
  const answer = topologyAnswer([
    route('dc1', 'dc2', [
      ['198.51.100.1', 5],
      ['198.51.100.2', 30],
      ['192.0.2.2', 400],
    ]),
    route('dc2', 'dc1', [
      ['198.51.100.2', 60],
      ['192.0.2.1', 61],
    ]),
  ]);
  const nodeOf = siteAddresses([member('dc1', '192.0.2.1'), member('dc2', '192.0.2.2')]);

  it('has sites before routers, and no site twice', () => {
    const { nodes, drawn, routes } = graphOf(answer, nodeOf);
    expect(nodes.map(({ id, kind }) => [id, kind])).toEqual([
      ['dc1', 'site'],
      ['dc2', 'site'],
      [R1, 'router'],
      [R2, 'router'],
    ]);
    expect([drawn, routes]).toEqual([2, 2]);
    expect(graphOf(answer).nodes.map(({ id }) => id)).toContain('router_192.0.2.2');
  });

  it('has one line for each stretch, with the shortest of its times, and names the bottlenecks', () => {
    const lines = new Map(graphOf(answer, nodeOf).links.map((link) => [link.id, link]));
    expect([...lines.keys()].sort()).toEqual(
      [linkId('dc1', R1), linkId(R1, R2), linkId(R2, 'dc2'), linkId('dc1', R2)].sort(),
    );
    expect(lines.get(linkId('dc1', R1))).toMatchObject({ level: 1, label: '5 ms', isNotable: false });
    expect(lines.get(linkId(R1, R2))).toMatchObject({ level: 2, label: '30 ms' });
    expect(lines.get(linkId(R2, 'dc2'))).toMatchObject({ level: 3, label: '400 ms', isNotable: true });
    expect(lines.get(linkId('dc1', R2))).toMatchObject({ level: 3, label: '61 ms' });
  });

  it('draws whole routes, of each site in turn, as many as there is room for; the one that is asked for first', () => {
    const sites = ['a', 'b', 'c', 'd'];
    const all = sites.flatMap((from) =>
      sites.filter((to) => to !== from).map((to) => route(from, to, [[`${from}${to}`, 1]])),
    );
    const mesh = topologyAnswer(all);
    const few = graphOf(mesh, undefined, undefined, { nodes: 8, links: 100 });
    expect([few.drawn, few.routes]).toEqual([4, 12]);
    expect(new Set(few.nodes.filter(({ kind }) => kind === 'router').map(({ label }) => label[0]))).toEqual(
      new Set(sites),
    );
    const asked = graphOf(mesh, undefined, 'd->c', { nodes: 100, links: 2 });
    expect(asked.nodes.map(({ id }) => id)).toEqual(['c', 'd', 'router_dc']);
  });

  it('takes 20,000 stretches, in less than it shows', () => {
    const hops = Array.from({ length: 9 }, (_, hop) => hop);
    const many = Array.from({ length: 2_000 }, (_, index) =>
      route(
        `dc${index % 200}`,
        `dc${(index + 1 + Math.floor(index / 200)) % 200}`,
        hops.map((hop) => [`198.51.${index % 200}.${hop}`, hop]),
      ),
    );
    const { nodes, links, drawn, routes } = graphOf(topologyAnswer(many));
    expect(nodes.length).toBeLessThanOrEqual(800);
    expect(links.length).toBeLessThanOrEqual(1_500);
    expect(drawn).toBeLessThan(routes);
    expect(drawn).toBeGreaterThan(50);
  });
});

describe('an address of a site', () => {
  it('is a router where two sites have it, and what it is where nobody has it', () => {
    const nodeOf = siteAddresses([
      member('dc1', '192.0.2.1'),
      member('dc1', '192.0.2.1'),
      member('dc2', '192.0.2.9'),
      member('dc3', '192.0.2.9'),
      member('dc2', '192.0.2.9'),
    ]);
    expect(['router_192.0.2.1', 'router_192.0.2.9', R1, 'dc1'].map(nodeOf)).toEqual([
      'dc1',
      'router_192.0.2.9',
      R1,
      'dc1',
    ]);
  });
});

describe('a path', () => {
  const hops: Hops = [
    ['198.51.100.1', 2],
    ['*', null],
    ['*', null],
    ['198.51.100.2', 1],
    ['192.0.2.2', 320],
  ];
  const answer = pathAnswer([route('dc1', 'dc2', hops)], 'dc1', 'dc2');
  const nodeOf = siteAddresses([member('dc2', '192.0.2.2')]);

  it('is told stop by stop, with what was silent and where the time is spent', () => {
    expect(shownPath(answer, nodeOf)).toEqual({
      kind: 'found',
      totalHops: 5,
      mbps: null,
      stops: [
        {
          id: 'dc1',
          label: 'dc1',
          hop: undefined,
          latency: undefined,
          added: undefined,
          silent: 0,
          severity: undefined,
        },
        { id: R1, label: '198.51.100.1', hop: 1, latency: 2, added: 2, silent: 0, severity: undefined },
        { id: R2, label: '198.51.100.2', hop: 4, latency: 1, added: 0, silent: 2, severity: undefined },
        { id: 'dc2', label: 'dc2', hop: 5, latency: 320, added: 318, silent: 0, severity: 'high' },
      ],
    });
  });

  it('tells hops that were silent before a target that was silent too', () => {
    const silent = pathAnswer(
      [
        route('dc1', 'dc2', [
          ['198.51.100.1', 2],
          ['*', null],
          ['*', null],
        ]),
      ],
      'dc1',
      'dc2',
    );
    const shown = shownPath(silent);
    expect(shown.kind === 'found' && shown.stops.map(({ label, hop, silent: before }) => [label, hop, before])).toEqual(
      [
        ['dc1', undefined, 0],
        ['198.51.100.1', 1, 0],
        ['dc2', undefined, 2],
      ],
    );
  });

  it('is marked in the graph, from end to end', () => {
    const graph = graphOf(topologyAnswer([route('dc1', 'dc2', hops)]), nodeOf);
    const marks = marksOf(['dc1', 'dc2'], answer, nodeOf);
    expect(marks.nodes).toEqual(['dc1', R1, R2, 'dc2']);
    expect(graph.links.filter(({ id }) => marks.links.has(id)).map(({ id }) => id)).toEqual(
      graph.links.map(({ id }) => id),
    );
  });

  it('that nobody has traced is unknown, and its ends are marked all the same', () => {
    const nothing = pathAnswer([], 'dc1', 'dc2');
    expect(shownPath(nothing)).toEqual({ kind: 'unknown' });
    expect(marksOf(['dc1', 'dc2'], nothing)).toEqual({ ends: ['dc1', 'dc2'], nodes: [], links: new Set() });
    expect(marksOf(['dc1'], undefined)).toMatchObject({ ends: ['dc1'] });
  });
});

type Hops = readonly (readonly [string, number | null])[];

function route(source: string, target: string, hops: Hops): Route {
  return {
    source,
    target,
    at: 1,
    hops: hops.map(([ip, latency], index) => ({ hop: index + 1, ip, latency_ms: latency })),
  };
}

function topologyAnswer(routes: readonly Route[]): TopologyAnswer {
  const topology = topologyOf(routes);
  return { topology, summary: topology.summary, bottlenecks: topology.bottlenecks, timestamp: 1 };
}

function pathAnswer(routes: readonly Route[], source: string, target: string): PathAnswer {
  return { path_analysis: pathAnalysis(routes, source, target) ?? { error: 'none' }, timestamp: 1 };
}

function member(location: string, ip: string): { location: string; ip: string } {
  return { location, ip };
}
