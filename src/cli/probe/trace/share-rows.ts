/** How many rows each gets of so many: what it needs, or where that is too much, as many as everybody else. */
export function shareRows(needs: readonly number[], rows: number): readonly number[] {
  const heights = needs.map(() => 0);
  for (let left = rows; left > 0; ) {
    const wanting = needs.flatMap((need, index) => ((heights[index] ?? 0) < need ? [index] : []));
    if (wanting.length === 0) break;
    const share = Math.max(1, Math.floor(left / wanting.length));
    for (const index of wanting.slice(0, left)) {
      const height = heights[index] ?? 0;
      const more = Math.min(share, (needs[index] ?? 0) - height);
      heights[index] = height + more;
      left -= more;
    }
  }
  return heights;
}
