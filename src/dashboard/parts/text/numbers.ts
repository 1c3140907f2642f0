/** Members and pairs: `39,800`. */
export function formatCount(count: number): string {
  return COUNTS.format(count);
}

const COUNTS = new Intl.NumberFormat('en-GB');

/** `'1 hop'`, `'2 hops'`; where the plural is another, it is given. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(number)} ${number === 1 ? noun : plural}`;
}

/** What is measured in milliseconds: `0.23 ms`, `12 ms`, `1.2 s`. */
export function formatMilliseconds(value: number): string {
  return value >= 1_000 ? `${digits(value / 1_000)} s` : `${digits(value)} ms`;
}

/** How long something lasts or lies back, given in milliseconds: the two largest units, or one where that says enough. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return join(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return join(hours, 'h', minutes % 60, 'min');
  return join(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function join(first: number, firstUnit: string, second: number, secondUnit: string): string {
  return second === 0 || first >= 10 ? `${first} ${firstUnit}` : `${first} ${firstUnit} ${second} ${secondUnit}`;
}

/** All digits before the point, and of small numbers two that count. */
export function digits(value: number): string {
  if (value >= 100) return Math.round(value).toString();
  return Number(value.toPrecision(2)) >= 10 ? value.toFixed(0) : Number(value.toPrecision(2)).toString();
}
