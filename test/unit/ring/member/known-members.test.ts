import { describe, expect, it } from 'vitest';
import { KnownMembers } from '../../../../src/ring/member/known-members.js';
import { WIRE_LIMITS } from '../../../../src/ring/wire/index.js';
import { member } from './fixtures.js';

const SELF = { id: 'self', ip: '192.0.2.250', port: 8_757 };

function at(id: string, port: number) {
  return member(id, { port });
}

describe('the members that are known', () => {
  it('are those of the registry, without this one and what it was called before', () => {
    const known = new KnownMembers(100);
    const before = member('earlier-life', { ip: SELF.ip, port: SELF.port });
    const change = known.update([at('b', 1), { ...before, instance_id: 'self' }, before, at('a', 2)], SELF, 0);
    expect(change).toEqual({ left: [], isChanged: true });
    expect(known.list.map(({ instance_id }) => instance_id)).toEqual(['a', 'b']);
    expect(known.update([at('b', 1), at('a', 2)], SELF, 1)).toEqual({ left: [], isChanged: false });
  });

  it('have among them none that has the id of this one, which is told of', () => {
    const known = new KnownMembers(100);
    const before = member('earlier-life', { ip: SELF.ip, port: SELF.port });
    const namesake = at('self', 9);
    expect(known.update([namesake, before], SELF, 0)).toEqual({ left: [], isChanged: false, namesake });
    expect(known.size).toBe(0);
  });

  it('are kept for a while when the registry tells of them no more', () => {
    const known = new KnownMembers(100);
    known.update([at('a', 1)], SELF, 0);
    expect(known.update([], SELF, 10)).toEqual({ left: [], isChanged: false });
    expect(known.update([], SELF, 109).left).toEqual([]);
    expect(known.update([], SELF, 110).left.map(({ instance_id }) => instance_id)).toEqual(['a']);
    expect(known.size).toBe(0);
  });

  it('are missed from anew after they were told of again', () => {
    const known = new KnownMembers(100);
    known.update([at('a', 1)], SELF, 0);
    known.update([], SELF, 10);
    known.update([at('a', 1)], SELF, 100);
    expect(known.update([], SELF, 120).left).toEqual([]);
  });

  it('go at once when they said so, or another one has their place', () => {
    const known = new KnownMembers(100);
    known.update([at('a', 1), at('b', 2)], SELF, 0);
    const gone = { ...at('a', 1), status: 'deregistered', deregistered_at: 5 };
    expect(known.update([gone, at('b-again', 2)], SELF, 1).left.map(({ instance_id }) => instance_id)).toEqual([
      'a',
      'b',
    ]);
    expect(known.list.map(({ instance_id }) => instance_id)).toEqual(['b-again']);
  });

  it('count as gone and come where they have moved', () => {
    const known = new KnownMembers(100);
    known.update([at('a', 1)], SELF, 0);
    const change = known.update([at('a', 2)], SELF, 1);
    expect(change).toEqual({ left: [at('a', 1)], isChanged: true });
    expect(known.get('a')?.port).toBe(2);
    expect(known.update([{ ...at('a', 2), last_seen: 2_000 }], SELF, 2).isChanged).toBe(false);
    expect(known.get('a')?.last_seen).toBe(2_000);
  });

  it('are no others than what the wire allows', () => {
    const known = new KnownMembers(100);
    const strange = [
      null,
      5,
      'a',
      [],
      {},
      { ...at('a', 1), port: 0 },
      { ...at('a', 1), instance_id: 'a\nb' },
      { ...at('a', 1), ip: 'a b' },
      { ...at('a', 1), status: 'unheard of' },
      { ...at('a', 1), location: 'x'.repeat(1_000) },
      at('good', 7),
    ];
    known.update(strange, SELF, 0);
    expect(known.list.map(({ instance_id }) => instance_id)).toEqual(['good']);
  });

  it('are bounded, also where a registry tells of others each time', () => {
    const known = new KnownMembers(1e9);
    const crowd = (name: string) =>
      Array.from({ length: WIRE_LIMITS.members + 500 }, (_, index) =>
        member(`${name}${index}`, { ip: `h${name}${index}` }),
      );
    known.update(crowd('a'), SELF, 0);
    expect(known.size).toBe(WIRE_LIMITS.members);
    known.update(crowd('b'), SELF, 1);
    expect(known.size).toBe(WIRE_LIMITS.members);
  });
});
