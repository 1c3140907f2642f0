import { describe, expect, it } from 'vitest';
import { BandwidthTurns } from '../../../../src/ring/member/bandwidth-turns.js';

const TIMETABLE = { slot: 1_000, clockTolerance: 100 };

describe('the turns for bandwidth tests', () => {
  it('are granted by the other side exactly when they are taken, and never twice in a slot', () => {
    const ids = ['a', 'b', 'c', 'd'];
    const turns = new Map(
      ids.map((id) => [id, new BandwidthTurns(id, () => ids.filter((each) => each !== id), TIMETABLE)]),
    );
    const tested = new Set<string>();
    for (let slot = 0; slot < 12; slot += 1) {
      const now = 1_700_000_000_000 + slot * 1_000 + 500;
      const busy: string[] = [];
      for (const id of ids) {
        const turn = turns.get(id)?.turnAt(now);
        if (turn === undefined) continue;
        turns.get(id)?.use(turn);
        expect(turns.get(id)?.turnAt(now)).toBeUndefined();
        const claim = { source: id, version: turn.version, at: now };
        expect(turns.get(turn.partner)?.judge(claim, now)).toMatchObject({ isAllowed: true });
        for (const other of ids.filter((each) => each !== turn.partner && each !== id)) {
          expect(turns.get(other)?.judge(claim, now)).toMatchObject({ isAllowed: false, reason: 'pair' });
        }
        busy.push(id, turn.partner);
        tested.add(`${id} ${turn.partner}`);
      }
      expect(new Set(busy).size).toBe(busy.length);
    }
    expect(tested.size).toBe(12);
  });

  it('keep to one list through a slot', () => {
    let others = ['b'];
    const turns = new BandwidthTurns('a', () => others, TIMETABLE);
    const first = turns.untilNext(1_000_000);
    others = [];
    expect(turns.untilNext(1_000_400)).toBe(first > 400 ? first - 400 : turns.untilNext(1_000_400));
    expect(turns.untilNext(1_001_000)).toBe(Number.POSITIVE_INFINITY);
  });
});
