import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_VIEW, hashOf, type RingView, SHOWN, viewOf } from '../../../src/dashboard/ring/view.js';

const text = fc.string({ maxLength: 128, unit: 'grapheme' }).filter((each) => each.length <= 128);
const bound = fc.option(fc.nat(100_000), { nil: undefined });
const two = fc.option(fc.tuple(text, text), { nil: undefined });
const view: fc.Arbitrary<RingView> = fc.record({
  shown: fc.constantFrom(...SHOWN),
  source: text,
  target: text,
  slowerThan: bound,
  fasterThan: bound,
  failuresOnly: fc.boolean(),
  offline: fc.boolean(),
  table: fc.boolean(),
  pair: two,
  path: two,
});

describe('a view', () => {
  it('stands in the address, whatever is in it', () => {
    fc.assert(
      fc.property(view, (each) => {
        expect(viewOf(hashOf(each))).toEqual(each);
      }),
    );
  });

  it('needs no address where everything is as by default', () => {
    expect(hashOf(DEFAULT_VIEW)).toBe('');
    expect(hashOf({ ...DEFAULT_VIEW, shown: 'tcp', failuresOnly: true })).toBe('#show=tcp&failures');
  });

  it('is made of whatever somebody wrote there', () => {
    expect(viewOf('#show=nonsense&min=-1&max=x&pair=a&__proto__=1')).toEqual(DEFAULT_VIEW);
    expect(viewOf(`#from=${'x'.repeat(1_000)}`).source).toHaveLength(128);
    fc.assert(
      fc.property(fc.string(), (hash) => {
        expect(SHOWN).toContain(viewOf(hash).shown);
      }),
    );
  });
});
