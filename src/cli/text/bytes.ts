/** A number of bytes with a decimal prefix and at most three digits: `340 B`, `1.2 kB`, `54 MB`. */
export function formatBytes(bytes: number): string {
  let value = Math.round(bytes);
  let prefix = '';
  for (const next of PREFIXES) {
    // From 999.5 on it would be rounded to four digits.
    if (value < 999.5) break;
    value /= 1_000;
    prefix = next;
  }
  const digits = prefix !== '' && value < 9.95 ? value.toFixed(1) : String(Math.round(value));
  return `${digits} ${prefix}B`;
}

const PREFIXES = ['k', 'M', 'G', 'T', 'P'] as const;
