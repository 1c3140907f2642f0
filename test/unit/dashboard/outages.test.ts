import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CausedPart, causedParts, SLACK } from '../../../src/dashboard/ring/lazy/outage-causes.js';
import { type OutageFacts, outageLanes } from '../../../src/dashboard/ring/lazy/outage-lanes.js';
import type { BrokenPath } from '../../../src/ring/registry/index.js';
import type { MemberOutage } from '../../../src/ring/wire/index.js';

const MINUTE = 60_000;
const NOW = 1_000 * MINUTE;
const SILENT_AFTER = 100_000;

describe('the cause of a broken path', () => {
  it('is the outage of the target, where that told afterwards that it was offline', () => {
    const broken = path({ from: 100, until: 110 });
    expect(causes(broken, [outage('b', 99.5, 109)])).toEqual([['target-offline', 100, 110]]);
  });

  it('is the outage of the one that checked, where that was offline', () => {
    const broken = path({ from: 100, until: 110 });
    expect(causes(broken, [outage('a', 99.5, 109)])).toEqual([['source-offline', 100, 110]]);
  });

  it('is the path, where both ends were there', () => {
    const broken = path({ from: 100, until: 110, heard: 109 });
    expect(causes(broken, [outage('c', 90, 120), outage('b', 10, 20)])).toEqual([['path', 100, 110]]);
  });

  it('is the path for the time that an outage does not explain', () => {
    const broken = path({ from: 100, until: 200, heard: 199 });
    expect(causes(broken, [outage('b', 120, 130)])).toEqual([
      ['path', 100, 118.5],
      ['target-offline', 118.5, 131.5],
      ['path', 131.5, 200],
    ]);
  });

  it('goes on with the outage that goes on, and with the path after an outage that is over', () => {
    const broken = path({ from: 990, heard: 999 });
    expect(causes(broken, [outage('b', 990)])).toEqual([['target-offline', 990, undefined]]);
    expect(causes(broken, [outage('b', 990, 995)])).toEqual([
      ['target-offline', 990, 996.5],
      ['path', 996.5, undefined],
    ]);
  });

  it('is unknown where the registry did not hear of the target either, for longer than those who are there are silent', () => {
    expect(causes(path({ from: 100, until: 110, heard: 99 }), [])).toEqual([['silent', 100, 110]]);
    expect(causes(path({ from: 100, until: 110 }), [])).toEqual([['silent', 100, 110]]);
    expect(causes(path({ from: 100, until: 110 }), [], 10 * MINUTE)).toEqual([['path', 100, 110]]);
    expect(causes(path({ from: 999.5, heard: 999 }), [])).toEqual([['path', 999.5, undefined]]);
  });

  it('covers the whole time and nothing twice, whatever outages there are', () => {
    const minutes = fc.integer({ min: 0, max: 1_000 });
    const outages = fc.array(fc.record({ id: fc.constantFrom('a', 'b'), from: minutes, length: minutes }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(minutes, fc.integer({ min: 1, max: 300 }), outages, (from, length, all) => {
        const broken = path({ from, until: from + length });
        const parts = causedParts(
          [broken],
          all.map((each) => outage(each.id, each.from, each.from + each.length)),
          SILENT_AFTER,
          NOW + 1e9,
        );
        const sorted = [...parts].sort((a, b) => a.from - b.from);
        expect(sorted[0]?.from).toBe(broken.from);
        expect(sorted.at(-1)?.until).toBe(broken.until);
        for (const [index, part] of sorted.slice(1).entries()) expect(part.from).toBe(sorted[index]?.until);
      }),
    );
  });

  function causes(
    broken: BrokenPath,
    outages: readonly MemberOutage[],
    silentAfter = SILENT_AFTER,
  ): readonly (readonly [string, number, number | undefined])[] {
    return causedParts([broken], outages, silentAfter, NOW)
      .map(
        ({ cause, from, until }: CausedPart) =>
          [cause, from / MINUTE, until === undefined ? undefined : until / MINUTE] as const,
      )
      .sort((a, b) => a[1] - b[1]);
  }
});

describe('the lanes of outages', () => {
  it("tell a member's own outage from a broken path", () => {
    const { lanes, now } = facts({
      outages: [outage('b', 900, 910)],
      broken: [path({ from: 901, until: 910 }), path({ from: 950, until: 960, heard: 955 })],
    });
    expect(lanes.map(({ label, spans }) => [label, spans.map(({ look, from }) => [look, from / MINUTE])])).toEqual([
      [
        'dc-b',
        [
          ['solid', 900],
          ['hatched', 950],
        ],
      ],
    ]);
    const [own, broken] = lanes[0]?.spans ?? [];
    expect(own?.title).toBe('dc-b was offline itself');
    expect(own?.details.join(' ')).toContain('1 member found it unreachable meanwhile: no path is blamed for that.');
    expect(broken?.title).toBe('Path broken from dc-a to dc-b, while both ends were there');
    expect(now).toEqual({ own: 0, path: 0, silent: 0 });
  });

  it('put together what is broken at the same time, by site, and name each pair', () => {
    const broken = ['a', 'c', 'd'].flatMap((source, index) =>
      (['tcp', 'ping'] as const).map((type) =>
        path({ source, type, from: 950 + index, heard: 999.9, reason: 'timeout' }),
      ),
    );
    const { lanes, now } = facts({ broken });
    expect(lanes[0]?.spans).toHaveLength(1);
    expect(lanes[0]?.spans[0]).toMatchObject({
      from: 950 * MINUTE,
      until: undefined,
      title: 'Path broken from 3 sites to dc-b, while both ends were there',
    });
    expect(lanes[0]?.spans[0]?.details[0]).toBe('dc-a → dc-b: ping, tcp (timeout), 50 min.');
    expect(now).toEqual({ own: 0, path: 3, silent: 0 });
  });

  it('have one lane for each path where somebody wants to see them', () => {
    const broken = [path({ source: 'c', from: 950, until: 960, heard: 955 }), path({ from: 990, heard: 999 })];
    expect(facts({ broken }).lanes).toMatchObject([{ label: 'dc-b', isOpen: false, isPart: false }]);
    expect(facts({ broken, open: new Set(['dc-b']) }).lanes).toMatchObject([
      { label: 'dc-b', isOpen: true },
      { label: 'from dc-a', isPart: true, spans: [{ until: undefined }] },
      { label: 'from dc-c', isPart: true, spans: [{ until: 960 * MINUTE }] },
    ]);
  });

  it('show what goes on first, then what is latest; and nothing of before the range', () => {
    const outages = [outage('old', 10, 20), outage('early', 800, 810), outage('late', 900, 910), outage('now', 700)];
    expect(facts({ outages }).lanes.map(({ label }) => label)).toEqual(['dc-now', 'dc-late', 'dc-early']);
  });

  it('are bounded, and say how many sites are left out', () => {
    const outages = Array.from({ length: 200 }, (_, index) => outage(`${index}`, 700 + index, 701 + index));
    const { lanes, left } = facts({ outages });
    expect([lanes.length, left]).toEqual([60, 140]);
  });

  it('bound what is said of one that nobody reaches', () => {
    const broken = Array.from({ length: 500 }, (_, index) => path({ source: `${index}`, from: 990, heard: 1 }));
    const [span] = facts({ broken }).lanes[0]?.spans ?? [];
    expect(span?.look).toBe('dotted');
    expect(span?.title).toBe('dc-b was silent: neither 500 sites nor the registry heard of it');
    expect(span?.details).toHaveLength(13);
    expect(span?.details.at(-1)).toBe('And 488 more paths.');
  });

  it('give each span an id of its own', () => {
    const sources = ['a', 'c', 'd'];
    const broken = sources.flatMap((source) => [path({ source, from: 950, until: 960 }), path({ source, from: 970 })]);
    const { lanes } = facts({ broken, outages: [outage('b', 940, 941)], open: new Set(['dc-b']) });
    const ids = lanes.flatMap(({ spans }) => spans.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  function facts(more: Partial<OutageFacts>) {
    const range = { from: NOW - 360 * MINUTE, until: NOW };
    return outageLanes({ outages: [], broken: [], silentAfter: SILENT_AFTER, range, open: new Set(), ...more });
  }
});

it('lays to an outage what others see within a minute and a half of it', () => {
  expect(SLACK).toBe(90_000);
});

interface PathFacts {
  readonly source?: string;
  readonly type?: BrokenPath['type'];
  /** Minutes. */
  readonly from: number;
  readonly until?: number;
  readonly heard?: number;
  readonly reason?: string;
}

function path({ source = 'a', type = 'tcp', from, until, heard, reason }: PathFacts): BrokenPath {
  return {
    source,
    source_location: `dc-${source}`,
    target: 'b',
    target_location: 'dc-b',
    type,
    from: from * MINUTE,
    ...(until !== undefined && { until: until * MINUTE, end: 'healed' as const }),
    ...(heard !== undefined && { target_heard_at: heard * MINUTE }),
    ...(reason !== undefined && { reason }),
  };
}

/** Minutes. */
function outage(id: string, from: number, until?: number): MemberOutage {
  return {
    id,
    location: `dc-${id}`,
    from: from * MINUTE,
    reason: 'no-carrier',
    ...(until !== undefined && { until: until * MINUTE }),
  };
}
