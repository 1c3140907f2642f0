/** The name that somebody who wrote another one has probably meant: one that takes few changes of letters; undefined where there is none. */
export function nearest(written: string, names: readonly string[]): string | undefined {
  if (written.length > LONGEST) return undefined;
  const [best] = names
    .map((name) => ({ name, changes: changesBetween(written, name) }))
    .filter(({ name, changes }) => changes <= Math.max(written.length, name.length) / 2)
    .sort((a, b) => a.changes - b.changes);
  return best?.name;
}

/** What is longer was not meant as any name. */
const LONGEST = 64;

/** Letters that have to be put in, left out or replaced (V. I. Levenshtein, Soviet Physics Doklady 10, 1966). */
function changesBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [taken, letter] of [...from].entries()) {
    const next = [taken + 1];
    for (const [index, other] of [...to].entries()) {
      const replaced = (row[index] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
