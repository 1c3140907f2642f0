/** Of a path that is chosen: nothing, where it begins, or both ends. */
export type Ends = readonly [] | readonly [source: string] | readonly [source: string, target: string];

/** What is chosen after a site was pointed at: the first one is where the path begins, the second where it ends, and then anew. */
export function picked(ends: Ends, site: string): Ends {
  if (ends.length !== 1) return [site];
  return ends[0] === site ? [] : [ends[0], site];
}

/** What is chosen after one of the two lists was set; an empty one is no choice. */
export function chosen(source: string, target: string): Ends {
  if (source === '') return [];
  return target === '' || target === source ? [source] : [source, target];
}
