import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PathMtuSearch } from '../../../../src/probes/ping/path-mtu-search.js';

/** A path, and what it says to whom sends too much. */
function search(pathMtu: number, most: number, hint: (size: number) => number | undefined = () => undefined) {
  const state = new PathMtuSearch(84, most);
  const tried: number[] = [];
  for (let size = state.next; size !== undefined; size = state.next) {
    tried.push(size);
    if (tried.length > 100) throw new Error(`no end: ${tried}`);
    if (size <= pathMtu) state.passed(size);
    else state.refused(size, hint(size));
  }
  return { found: state.pathMtu, tried };
}

describe('the search for the path MTU', () => {
  it('tries the largest size first, and is done when that passes', () => {
    expect(search(1_500, 1_500)).toEqual({ found: 1_500, tried: [1_500] });
  });

  it('tries what ICMP names, and that one byte more is too much', () => {
    expect(search(1_400, 1_500, () => 1_400)).toEqual({ found: 1_400, tried: [1_500, 1_400, 1_401] });
  });

  it('follows the MTUs of several routers', () => {
    const hint = (size: number) => (size > 9_000 ? 9_000 : size > 1_500 ? 1_500 : 1_280);
    expect(search(1_280, 65_535, hint)).toEqual({ found: 1_280, tried: [65_535, 9_000, 1_500, 1_280, 1_281] });
  });

  it('halves the range where nobody says anything', () => {
    const { found, tried } = search(1_412, 1_500);
    expect(found).toBe(1_412);
    expect(tried.length).toBeLessThanOrEqual(13);
  });

  it('is not misled by an MTU that is too small, too large, or makes no sense', () => {
    for (const lie of [68, 0, 1_399, 1_450, 1_500, 9_000, -5])
      expect(search(1_400, 1_500, () => lie).found).toBe(1_400);
  });

  it('finds any path MTU in few steps, whatever it is told', () => {
    const size = fc.integer({ min: 84, max: 65_535 });
    fc.assert(
      fc.property(
        size,
        size,
        fc.array(fc.option(fc.integer({ min: -1, max: 70_000 }), { nil: undefined })),
        (a, b, lies) => {
          const pathMtu = Math.min(a, b);
          let told = 0;
          const { found, tried } = search(pathMtu, Math.max(a, b), () => lies[told++]);
          expect(found).toBe(pathMtu);
          // Each lie costs two steps at most; without, it is a search by halves.
          expect(tried.length).toBeLessThanOrEqual(20 + 2 * lies.length);
        },
      ),
    );
  });
});
