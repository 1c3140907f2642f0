/** A time in milliseconds that is measured finely, with three digits: `0.042 ms`, `12.3 ms`, `1.23 s`. */
export function formatRtt(time: number): string {
  return time >= 999.5 ? `${(time / 1_000).toPrecision(3)} s` : `${formatMilliseconds(time)} ms`;
}

/** The same without its unit, for a column whose head has that: `0.042`, `12.3`, `1230`. */
export function formatMilliseconds(time: number): string {
  if (time < 9.995) return time.toFixed(time < 0.9995 ? 3 : 2);
  return time < 99.95 ? time.toFixed(1) : time.toFixed(0);
}
