/** Bytes per second, with a decimal prefix and at most three digits: `340 B/s`, `1.2 kB/s`, `54 MB/s`. */
export function formatRate(bytesPerSecond: number): string {
  let value = Math.round(bytesPerSecond);
  let prefix = '';
  for (const next of PREFIXES) {
    // From 999.5 on it would be rounded to four digits.
    if (value < 999.5) break;
    value /= 1_000;
    prefix = next;
  }
  const digits = prefix !== '' && value < 9.95 ? value.toFixed(1) : String(Math.round(value));
  return `${digits} ${prefix}B/s`;
}

const PREFIXES = ['k', 'M', 'G', 'T', 'P'] as const;
