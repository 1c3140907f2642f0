/**
 * Whether two values that the same code has made are alike all the way down. `isDeepStrictEqual` also compares prototypes and the names of
 * the fields, and takes ten times as long.
 */
export function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  const ofA: readonly unknown[] = Object.values(a);
  const ofB: readonly unknown[] = Object.values(b);
  return ofA.length === ofB.length && ofA.every((part, at) => isSame(part, ofB[at]));
}
