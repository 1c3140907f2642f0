import { describe, expect, it } from 'vitest';
import { describeResult } from '../../../../src/cli/probe/describe-result.js';
import type { PathResult } from '../../../../src/cli/probe/result-kinds.js';
import { describeChange } from '../../../../src/cli/probe/trace/describe-change.js';
import { addTrace, emptyPath, type PathModel } from '../../../../src/cli/probe/trace/path-model.js';
import {
  type PathsFrame,
  type PathsView,
  renderPaths,
  renderReport,
} from '../../../../src/cli/probe/trace/render-paths.js';
import { renderTrace } from '../../../../src/cli/probe/trace/render-trace.js';
import { appearanceFor } from '../../../../src/cli/text/appearance.js';
import { columnsOf } from '../../../../src/cli/text/fit.js';
import { factsOf, hopOf, lost, offline, resultOf, traced } from './trace-fixtures.js';

const PLAIN = appearanceFor({ isTerminal: false, env: { LANG: 'C.UTF-8' } });
const COLOURED = appearanceFor({ isTerminal: true, env: { LANG: 'C.UTF-8' } });
const T = '198.51.100.9';

const tableOf = (result: PathResult) => renderTrace(result.facts, PLAIN).map((line) => line.trimEnd());
const hasControls = (lines: readonly string[]) =>
  lines.some((line) => /\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u.test(line));

describe('a trace as a table', () => {
  it('has the hops under each other, and a silent one as such', () => {
    const facts = factsOf([
      hopOf(1, [{ address: '192.0.2.1', rtts: [0.5, 0.25, 0.75] }], 3),
      hopOf(2, [], 3),
      hopOf(3, [{ address: T, name: 'www.example.com', rtts: [12, 13] }], 3),
    ]);
    expect(tableOf(resultOf(facts))).toEqual([
      '  HOP  LOSS  MIN ms  AVG ms  MAX ms  HOST',
      '    1  0%    0.250   0.500   0.750   192.0.2.1',
      '    2  100%  -       -       -       no answer',
      '    3  33%   12.0    12.5    13.0    www.example.com (198.51.100.9)',
    ]);
  });

  it('has several addresses of a hop on lines of their own, with their flows', () => {
    const balanced = hopOf(
      1,
      [
        { address: '192.0.2.1', flows: [0, 2] },
        { address: '192.0.2.2', flows: [1] },
      ],
      3,
    );
    const facts = factsOf([balanced, hopOf(2, [T])]);
    const several = { ...facts, flows: [...facts.flows, ...facts.flows] };
    expect(tableOf(resultOf(several)).slice(1, 3)).toEqual([
      '    1  33%   1.00    1.00    1.00    192.0.2.1 flow 0, 2',
      '             1.00    1.00    1.00    192.0.2.2 flow 1',
    ]);
  });

  it('tells MPLS labels, and who does not forward', () => {
    const mpls = [
      { label: 16_001, trafficClass: 0, bottom: false, ttl: 1 },
      { label: 24, trafficClass: 5, bottom: true, ttl: 3 },
    ];
    const unreachable = { type: 3, code: 1, meaning: 'host-unreachable', notation: '!H' };
    const result = lost({ address: '192.0.2.1', mpls }, { address: '192.0.2.2', unreachable });
    expect(tableOf(result)[1]).toMatch(/192\.0\.2\.1 MPLS 16001 tc 0 ttl 1 \/ 24 tc 5 ttl 3$/);
    expect(tableOf(result)[2]).toMatch(/192\.0\.2\.2 !H$/);
  });

  it('marks the routers of a loop', () => {
    const path = lost('192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.2', '192.0.2.3');
    const loop = { ttl: 2, addresses: ['192.0.2.2', '192.0.2.3'] };
    const lines = tableOf({ ...path, facts: { ...path.facts, loop } });
    expect(lines.slice(1).map((line) => line.endsWith(' loop'))).toEqual([false, true, true, true, true]);
  });

  it('explains a hop that limits its errors, and paints only a loss that goes on to the target', () => {
    const limiting = { ...hopOf(1, [{ address: '192.0.2.1', rtts: [1] }], 2), rateLimited: true as const };
    const result = resultOf(factsOf([limiting, hopOf(2, [{ address: T, rtts: [1, 2] }], 2)]));
    expect(tableOf(result)[1]).toMatch(/^ +1 +50% \* /);
    expect(tableOf(result).at(-1)).toBe('  * limits how many errors it sends: what it lost says nothing of the path');
    expect(renderTrace(result.facts, COLOURED).join('')).not.toContain(COLOURED.colours.bad('50% *'));
    const lossy = factsOf([hopOf(1, [{ address: '192.0.2.1' }], 2), hopOf(2, [{ address: T }], 2)]);
    expect(renderTrace(lossy, COLOURED)[1]).toContain(COLOURED.colours.bad('50%'));
  });

  it('lets neither names nor places nor notations move the cursor', () => {
    const geo = { city: 'V\u001b[2J', asn: 1, asOrganisation: '\u202eteN' };
    const unreachable = { type: 3, code: 1, meaning: 'x', notation: '!\u001b]0;' };
    const result = traced({ address: T, name: 'r\u001b[2J\u0007\u009b1m\u202e', geo, unreachable });
    expect(tableOf(result)[1]).toContain('r?[2J??1m? (198.51.100.9)');
    expect(hasControls(tableOf(result))).toBe(false);
  });

  it('is empty where nobody was asked', () => {
    expect(tableOf(resultOf(factsOf([], { reached: false })))).toEqual([]);
  });
});

describe('a trace in a line', () => {
  it('tells distance, loss and path', () => {
    expect(describeResult(traced('192.0.2.1', T), PLAIN)).toBe(
      '✓ www.example.com (198.51.100.9) ok in 2.00 ms, 2 hops away, loss 0%, path 0123456789abcdef',
    );
    expect(describeResult(lost('192.0.2.1'), PLAIN)).toBe(
      '✗ www.example.com (198.51.100.9) failed (timeout, path): it did not answer, loss 100%, path 0123456789abcdef',
    );
  });

  it('tells what has changed, and of much only a part', () => {
    const hop = (ttl: number) => ({ ttl, before: ['192.0.2.1'], after: ['192.0.2.2', '192.0.2.3'] });
    const comparison = { changed: true, sameFlows: true } as const;
    expect(describeChange({ ...comparison, hops: [hop(2)] }, PLAIN)).toBe(
      'path changed (hop 2: 192.0.2.1 → 192.0.2.2 192.0.2.3)',
    );
    const much = { ...comparison, hops: [2, 3, 4, 5, 6].map(hop), distance: { before: 7, after: 9 } };
    expect(describeChange(much, PLAIN)).toMatch(/hop 4: .*; 2 hops more; distance 7 → 9\)$/);
  });
});

describe('the screen of paths', () => {
  const pathOf = (...results: readonly PathResult[]): PathModel =>
    results.reduce(addTrace, emptyPath('www.example.com'));
  const viewOf = (...paths: readonly PathModel[]): PathsView => ({
    network: { state: 'up', reason: 'reachable' },
    paths,
    display: 'times',
    isPaused: false,
    nameOf: () => undefined,
  });
  const frame: PathsFrame = { columns: 80, rows: 24, appearance: PLAIN };
  const render = (view: PathsView, size: Partial<PathsFrame> = {}) =>
    renderPaths(view, { ...frame, ...size }).map((line) => line.trimEnd());
  const long = (length: number) =>
    traced(...Array.from({ length }, (_, index) => `192.0.2.${index + 1}`), { address: T, name: 'x'.repeat(60) });

  it('has a table of hops with what mtr has, and the past behind it', () => {
    const lines = render(viewOf(pathOf(traced('192.0.2.1', T), traced('192.0.2.1', null), traced('192.0.2.1', T))));
    expect(lines.slice(0, 6)).toEqual([
      'probe trace  network up (reachable)',
      '',
      'www.example.com (198.51.100.9)  3 rounds',
      'HOP  LOSS  HOST          SENT  LAST  AVG   BEST  WORST  STDEV',
      '  1  0%    192.0.2.1     3     1.00  1.00  1.00  1.00   0.000  ▁▁▁',
      '  2  33%   198.51.100.9  3     2.00  2.00  2.00  2.00   0.000  ▁✗▁',
    ]);
    expect(lines.at(-1)).toBe('q quit  r reset  p pause  n names  d display');
    expect(lines).toHaveLength(24);
  });

  it('marks a change with its time, and says who was there before', () => {
    const after = { ...traced('192.0.2.2', T), startedAt: 61_000 };
    const time = new Date(61_005).toTimeString().slice(0, 8);
    const before = new Date(5).toTimeString().slice(0, 8);
    const lines = render(viewOf(pathOf(traced('192.0.2.1', T), after)));
    expect(lines[2]).toBe(`www.example.com (198.51.100.9)  2 rounds, path changed once, last ${time}`);
    expect(lines[4]).toMatch(/^ {2}1 {2}0% {4}192\.0\.2\.2 /);
    expect(lines[5]).toBe(`           until ${before} 192.0.2.1`);
  });

  it('says that this host is offline, and what that does not count', () => {
    const view = { ...viewOf(pathOf(traced(T), offline())), network: { state: 'down', reason: 'no-carrier' } } as const;
    const lines = render(view);
    expect(lines[0]).toBe('probe trace  network down (no-carrier)');
    expect(lines[1]).toBe('this host is offline: what is lost now counts for nothing');
    expect(lines[3]).toBe('www.example.com (198.51.100.9)  1 round, 1 more not judged');
    expect(lines[6]).toMatch(/^ {2}1 {2}0% .* ▁!$/);
  });

  it('says why the target is not reached', () => {
    const lines = render(viewOf(pathOf(traced('192.0.2.1', T), lost('192.0.2.1'))));
    expect(lines[2]).toContain('2 rounds, 1 did not reach it');
    expect(lines[3]).toBe('failed (timeout, path): it did not answer');
  });

  it('shows names in the place of addresses, and places where they are wanted', () => {
    const geo = {
      asn: 64_500,
      asOrganisation: 'Example Net',
      country: { code: 'AT' },
      city: 'Vienna',
      distance: 523.4,
    };
    const view = viewOf(pathOf(traced({ address: T, geo })));
    expect(render(view)[4]).toContain('198.51.100.9 AS64500 AT');
    expect(render({ ...view, nameOf: () => 'r\u001b[2J.example' }, { columns: 100 })[4]).toContain(
      'r?[2J.example AS64500 AT',
    );
    expect(render({ ...view, display: 'places' }).slice(3, 5)).toEqual([
      'HOP  LOSS  HOST          NETWORK              COUNTRY  CITY    DISTANCE',
      '  1  0%    198.51.100.9  AS64500 Example Net  AT       Vienna  523 km',
    ]);
    expect(renderReport({ ...view, nameOf: () => 'r.example' }, PLAIN)[2]).toContain(
      'r.example (198.51.100.9) AS64500 AT',
    );
  });

  it('leaves half of the columns to the past in its history', () => {
    const name = 'a.very.long.name.of.a.router.somewhere.in.a.far.country.example';
    const path = pathOf(...new Array<PathResult>(100).fill(traced(T)));
    const [, , , head, line = ''] = render({ ...viewOf(path), display: 'history', nameOf: () => name });
    expect(head).toMatch(/^HOP +LOSS +HOST +AVG +JITTER$/);
    expect(line.match(/▁+$/)?.[0].length).toBeGreaterThanOrEqual(38);
    expect(columnsOf(line)).toBeLessThanOrEqual(80);
  });

  it.each([
    [80, 24],
    [40, 10],
    [20, 5],
    [10, 3],
    [3, 2],
    [1, 1],
  ])('never has more than %d columns or %d rows', (columns, rows) => {
    for (const display of ['times', 'history', 'places'] as const) {
      const paths = [pathOf(long(20)), pathOf(lost(), offline()), emptyPath('b.example')];
      const lines = render({ ...viewOf(...paths), display, isPaused: true }, { columns, rows });
      expect(lines).toHaveLength(rows);
      expect(Math.max(...lines.map((line) => columnsOf(line)))).toBeLessThanOrEqual(columns);
    }
  });

  it('keeps the target in sight where there are more hops than rows', () => {
    const lines = render(viewOf(pathOf(long(29))));
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}… and 12 more$/));
    expect(lines).toContainEqual(expect.stringMatching(/^ 30 +0% +198\.51\.100\.9/));
  });

  it('lets no target, message or name move the cursor', () => {
    const evil = { ...lost({ address: T, name: '\u001b[2J' }), message: '\u001b]0;title\u0007' };
    const path = addTrace(emptyPath('a\u001b[2J'), evil);
    expect(hasControls(render({ ...viewOf(path), nameOf: () => '\u009b2J' }))).toBe(false);
    expect(hasControls(renderReport(viewOf(path), PLAIN))).toBe(false);
  });
});
