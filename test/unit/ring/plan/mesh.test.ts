import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { mesh } from '../../../../src/ring/plan/index.js';
import { anyId, anyMembers, disordered, named } from './fixtures.js';

describe('a mesh', () => {
  it('is everyone else, once, for one that is in the list or not', () => {
    fc.assert(
      fc.property(
        anyMembers(0, 30).chain((members) => fc.tuple(fc.constant(members), disordered(members), anyId)),
        ([members, given, self]) => {
          const targets = mesh(given, self);
          expect(new Set(targets)).toEqual(new Set(members.filter((id) => id !== self)));
          expect(targets.length).toBe(new Set(targets).size);
        },
      ),
    );
  });

  it('keeps the order of the list', () => {
    expect(mesh(['c', 'a', 'c', 'b'], 'a')).toEqual(['c', 'b']);
    expect(mesh([], 'a')).toEqual([]);
    expect(mesh(['a'], 'a')).toEqual([]);
    expect(mesh(named(1_000), 'site-7')).toHaveLength(999);
  });

  it('refuses what are no members', () => {
    expect(() => mesh(JSON.parse('["a", 1]'), 'a')).toThrow(InvalidOptionError);
    expect(() => mesh(JSON.parse('"a"'), 'a')).toThrow('mesh: members must be an array of strings');
    expect(() => mesh(['a'], JSON.parse('null'))).toThrow('mesh: self must be a string');
  });
});
