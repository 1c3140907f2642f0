/** A duration in milliseconds as people say it: `340 ms`, `12.3 s`, `2 min 13 s`, `3 h 5 min`, `2 d 4 h`. */
export function formatDuration(duration: number): string {
  if (duration === 0) return '0 s';
  if (duration < 9.95) return `${oneDecimal(duration)} ms`;
  if (duration < 999.5) return `${Math.round(duration)} ms`;
  // Rounded first, so that there is no "1 min 60 s".
  if (duration < 59_950) return `${oneDecimal(duration / SECOND)} s`;
  const seconds = Math.round(duration / SECOND);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(duration / MINUTE);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(duration / HOUR);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function oneDecimal(value: number): string {
  return value.toFixed(1).replace('.0', '');
}

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
