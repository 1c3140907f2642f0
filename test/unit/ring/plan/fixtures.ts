import fc from 'fast-check';

/** Ids that have done harm elsewhere. */
export const HOSTILE = [
  '__proto__',
  'constructor',
  'toString',
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\udfff',
  'é',
  'e\u0301',
  'x'.repeat(10_000),
];

export const anyId: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.string({ unit: 'binary', maxLength: 12 }), weight: 5 },
  { arbitrary: fc.constantFrom(...HOSTILE), weight: 1 },
);

/** Lists of members without duplicates. */
export const anyMembers = (minLength: number, maxLength: number): fc.Arbitrary<string[]> =>
  fc.uniqueArray(anyId, { minLength, maxLength, size: 'max' });

/** The same list in another order, with some members twice. */
export const disordered = (members: readonly string[]): fc.Arbitrary<string[]> =>
  members.length === 0
    ? fc.constant([])
    : fc
        .tuple(
          fc.shuffledSubarray([...members], { minLength: members.length }),
          fc.array(fc.constantFrom(...members), { maxLength: 5 }),
        )
        .map(([all, again]) => [...again, ...all]);

export const named = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `site-${index}`);

/** Random numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
