import type { TraceLoop } from './trace-result.js';

type Path = readonly (string | null)[];

/**
 * Looks for routers that send a packet round and round: from some hop to the end, the same addresses in the same order, twice at least; one
 * address alone three times. Silent hops fit anything.
 *
 * @param path who answered at each hop; it ends without having reached its target.
 */
export function findLoop(path: Path): TraceLoop | undefined {
  const end = path.findLastIndex((address) => address !== null) + 1;
  for (let start = 0; start < end; start += 1) {
    if (path[start] === null) continue;
    for (let period = 1; period <= (end - start) / 2; period += 1) {
      const addresses = cycleOf(path.slice(start, end), period);
      if (addresses !== undefined) return { ttl: start + 1, addresses };
    }
  }
  return undefined;
}

/** The cycle of that length which the whole of the path follows. */
function cycleOf(path: Path, period: number): readonly string[] | undefined {
  const cycle = new Map<number, string>();
  let repeated = 0;
  for (const [index, address] of path.entries()) {
    if (address === null) continue;
    const known = cycle.get(index % period);
    if (known === undefined) cycle.set(index % period, address);
    else if (known === address) repeated += 1;
    else return undefined;
  }
  const addresses = Array.from({ length: period }, (_, index) => cycle.get(index) ?? '');
  // The parts of a cycle are different, and all of them are known.
  if (cycle.size < period || new Set(addresses).size < period) return undefined;
  return repeated >= Math.max(2, period) ? addresses : undefined;
}
