import { describe, expect, it } from 'vitest';
import { changed, checkIn, checksOf, loaded, NOTHING_KNOWN, verdictOf } from '../../../src/dashboard/ring/model.js';
import { column, member, NOW, snapshot } from './ring-snapshot.js';

describe('what is known of the ring', () => {
  it('is what a snapshot tells', () => {
    const state = loaded(snapshot());
    expect([...state.members.keys()]).toEqual(['a', 'b', 'c']);
    expect(checkIn(state.rows.get('a'), 'c', 'tcp')).toEqual({
      type: 'tcp',
      verdict: 'ok',
      value: 30,
      extra: undefined,
      why: undefined,
      at: NOW - 2_000,
    });
    expect(checksOf(state, 'b', 'c').map(({ type, verdict, why }) => [type, verdict, why])).toEqual([
      ['tcp', 'failed', 'path: timeout'],
      ['ping', 'ok', undefined],
    ]);
    expect(checksOf(state, 'c', 'a')).toEqual([]);
    expect(checksOf(state, 'a', 'nobody')).toEqual([]);
    expect(checkIn(state.rows.get('a'), 'c', 'bandwidth')).toBeUndefined();
  });

  it('follows changes, and stays the same object where nothing changed', () => {
    const before = loaded(snapshot());
    const state = changed(before, [
      { now: NOW, members: [member('d')], gone: ['a'] },
      {
        now: NOW,
        matrix: { ids: ['c', 'd'], rows: [{ source: 1, at: NOW + 1, targets: [0], checks: { tcp: column('-') } }] },
      },
      { now: NOW, silent: ['b'] },
    ]);
    expect([...state.members.keys()]).toEqual(['b', 'c', 'd']);
    expect([...state.rows.keys()]).toEqual(['a', 'c', 'd']);
    expect(checkIn(state.rows.get('d'), 'c', 'tcp')?.verdict).toBe('failed');
    expect(state.outages).toBe(before.outages);
    expect(state.rows.get('c')).toBe(before.rows.get('c'));
    expect(before.rows.size).toBe(3);
  });

  it('is not set back by a change that a snapshot has overtaken', () => {
    const old = { ids: ['a', 'b'], rows: [{ source: 0, at: NOW - 1, targets: [1], checks: { tcp: column('-') } }] };
    const state = changed(loaded(snapshot()), [{ now: NOW, matrix: old }]);
    expect(checkIn(state.rows.get('a'), 'b', 'tcp')?.verdict).toBe('ok');
  });

  it('knows an outage that has ended for the one that had begun', () => {
    const outage = { id: 'a', location: 'a', from: NOW - 100.4, reason: 'no-carrier' };
    const begun = changed(NOTHING_KNOWN, [{ now: NOW, outages: [outage] }]);
    const ended = changed(begun, [{ now: NOW, outages: [{ ...outage, from: NOW - 100, until: NOW }] }]);
    expect(begun.outages).toHaveLength(1);
    expect(ended.outages).toEqual([{ ...outage, from: NOW - 100, until: NOW }]);
  });

  it.each([
    [['ok', 'failed'], 'failed'],
    [['inconclusive', 'ok'], 'ok'],
    [['inconclusive'], 'inconclusive'],
    [['inconclusive', 'failed'], 'failed'],
    [[], undefined],
  ] as const)('judges %j as %s', (verdicts, verdict) => {
    expect(verdictOf(verdicts.map((each) => ({ verdict: each })))).toBe(verdict);
  });
});
