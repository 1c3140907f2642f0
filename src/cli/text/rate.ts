import { formatBytes } from './bytes.js';

/** Bytes per second, with a decimal prefix and at most three digits: `340 B/s`, `1.2 kB/s`, `54 MB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** Bits per second, always in megabits so that lines can be compared, with three digits: `0.512 Mbit/s`, `94.1 Mbit/s`, `9410 Mbit/s`. */
export function formatBitRate(bitsPerSecond: number): string {
  const megabits = bitsPerSecond / 1e6;
  return `${megabits >= 999.5 ? Math.round(megabits) : threeDigits(megabits)} Mbit/s`;
}

function threeDigits(value: number): string {
  if (value < 9.995) return value.toFixed(value < 0.9995 ? 3 : 2);
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}
