import { describe, expect, it } from 'vitest';
import { countMarks, isFaint, isOld, levelIn, MARK, markIn } from '../../../src/dashboard/parts/matrix/index.js';
import { headersOf, MatrixMaker } from '../../../src/dashboard/ring/matrix-data.js';
import { changed, loaded } from '../../../src/dashboard/ring/model.js';
import { medianLatency, memberStats, statsOf } from '../../../src/dashboard/ring/stats.js';
import { DEFAULT_VIEW, type RingView } from '../../../src/dashboard/ring/view.js';
import { column, member, NOW, snapshot } from './ring-snapshot.js';

const { self, ok, failed, inconclusive, none } = MARK;
const STATE = loaded(snapshot());

function made(view: Partial<RingView> = {}, state = STATE, now = NOW) {
  return new MatrixMaker().make(state, { ...DEFAULT_VIEW, ...view }, now);
}

function marksIn(view: Partial<RingView> = {}): readonly (readonly number[])[] {
  return made(view).rows.map(({ cells }) => [...cells].map((cell) => (isFaint(cell) ? -markIn(cell) : markIn(cell))));
}

describe('the matrix', () => {
  it('shows of all checks whether one reaches the other: what cannot be told is never failed', () => {
    expect(marksIn()).toEqual([
      // That the bandwidth could not be measured is no reason to say that nothing gets through.
      [self, ok, ok],
      [inconclusive, self, failed],
      [none, ok, self],
    ]);
  });

  it('shows one kind of check, and how slow it is', () => {
    expect(marksIn({ shown: 'ping' })).toEqual([
      [self, none, none],
      [inconclusive, self, ok],
      [none, inconclusive, self],
    ]);
    expect(made({ shown: 'tcp' }).rows.map(({ cells }) => [...cells].map(levelIn))).toEqual([
      [0, 1, 2],
      [0, 0, 0],
      [0, 3, 0],
    ]);
  });

  it('is filtered by source and target: by location, id or address', () => {
    const data = made({ source: 'A', target: 'b' });
    expect(data.rows.map(({ header }) => header.id)).toEqual(['a']);
    expect(data.columns.map(({ id }) => id)).toEqual(['b']);
    expect(made({ source: '192.0.2' }).rows).toHaveLength(3);
    expect(made({ source: 'nowhere' }).rows).toHaveLength(0);
  });

  it('is filtered by latency', () => {
    expect(marksIn({ shown: 'tcp', slowerThan: 20, fasterThan: 50 })[0]).toEqual([self, -ok, ok]);
    expect(marksIn({ shown: 'tcp', slowerThan: 50 })[2]).toEqual([none === 0 ? -0 : 0, ok, self]);
  });

  it('is filtered by failures: only rows and columns that have one', () => {
    const data = made({ failuresOnly: true });
    expect(data.rows.map(({ header }) => header.id)).toEqual(['b']);
    expect(data.columns.map(({ id }) => id)).toEqual(['c']);
  });

  it('shows who has left only where that is asked for', () => {
    const left = loaded(snapshot({ members: [...snapshot().members, member('d', { status: 'deregistered' })] }));
    expect(made({}, left).rows).toHaveLength(3);
    expect(made({ offline: true }, left).rows).toHaveLength(4);
  });

  it('says of what was reported long ago that it is old', () => {
    const cellAfter = (time: number, state = STATE) => made({}, state, NOW + time).rows[0]?.cells[1] ?? 0;
    expect([markIn(cellAfter(180_001)), isOld(cellAfter(180_001))]).toEqual([ok, true]);
    expect(isOld(cellAfter(180_000))).toBe(false);
    const slow = loaded(snapshot({ registry: { ...STATE.registry, old_after: 600_000 } }));
    expect([180_001, 600_001].map((time) => isOld(cellAfter(time, slow)))).toEqual([false, true]);
  });

  it('makes anew only the rows that look otherwise', () => {
    const maker = new MatrixMaker();
    const before = maker.make(STATE, DEFAULT_VIEW, NOW);
    const row = (source: number, verdicts: string, values: readonly number[]) => ({
      ids: ['a', 'b', 'c'],
      rows: [
        {
          source,
          at: NOW + 1,
          targets: [0, 1, 2].filter((each) => each !== source),
          checks: { tcp: column(verdicts, values) },
        },
      ],
    });
    const state = changed(STATE, [
      { now: NOW, members: [member('a', { last_seen: NOW })] },
      { now: NOW, matrix: row(0, '++', [11, 31]) },
      { now: NOW, matrix: row(1, '+-', [5]) },
    ]);
    const after = maker.make(state, DEFAULT_VIEW, NOW);
    expect(after.columns).toBe(before.columns);
    expect(after.rows.map((each, index) => each === before.rows[index])).toEqual([true, false, true]);
  });

  it('tells members of one location apart, and sorts by numbers as people do', () => {
    const members = ['s10-x', 's9-b', 's9-a'].map((id) => member(id, { location: id.split('-')[0] ?? '' }));
    expect(headersOf(members)).toEqual([
      { id: 's9-a', label: 's9', detail: 's9-a' },
      { id: 's9-b', label: 's9', detail: 's9-b' },
      { id: 's10-x', label: 's10', detail: '' },
    ]);
  });

  it('is counted', () => {
    const all = made();
    expect(countMarks(all.rows)).toEqual({ none: 1, self: 3, ok: 3, failed: 1, inconclusive: 1 });
    expect(statsOf(STATE, all, NOW)).toMatchObject({
      members: 3,
      pairs: { ok: 3, failed: 1, inconclusive: 1, all: 6 },
    });
    expect(medianLatency(STATE)).toBe(30);
    expect(memberStats(STATE, all).get('c')).toMatchObject({
      out: { ok: 1, failed: 0, inconclusive: 0 },
      in: { ok: 1, failed: 1, inconclusive: 0 },
    });
  });
});
