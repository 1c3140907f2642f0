/** Milliseconds of a round trip, as precise as they matter. */
export function durationText(milliseconds: number): string {
  if (milliseconds >= 100) return `${Math.round(milliseconds)} ms`;
  return `${milliseconds.toFixed(milliseconds >= 10 ? 1 : 2)} ms`;
}

/** `'1 hop'`, `'2 hops'`; where the plural is another, it is given. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? noun : plural}`;
}
