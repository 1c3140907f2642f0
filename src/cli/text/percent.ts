/** A fraction in per cent, rounded away from nothing and from all: a loss of one in a thousand is no 0 %. */
export function formatPercent(fraction: number): string {
  const rounded = Math.round(fraction * 100);
  if (fraction > 0 && rounded === 0) return '<1%';
  return fraction < 1 && rounded === 100 ? '>99%' : `${rounded}%`;
}
