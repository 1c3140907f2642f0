import type { TraceLoop } from './trace-result.js';

type Path = readonly (string | null)[];

/**
 * Looks for routers that send a packet round and round: from some hop to the end, the same addresses in the same order, twice at least; one
 * address alone three times. Silent hops fit anything.
 *
 * @param path who answered at each hop; it ends without having reached its target.
 */
export function findLoop(path: Path): TraceLoop | undefined {
  const answered = path.slice(0, path.findLastIndex((address) => address !== null) + 1);
  let longest: TraceLoop | undefined;
  for (let period = 1; period <= answered.length / 2; period += 1) {
    const loop = loopOf(answered, period);
    if (loop !== undefined && (longest === undefined || loop.ttl < longest.ttl)) longest = loop;
  }
  return longest;
}

/** The longest end of the path that goes round in so many hops. From the last hop back, since somebody may answer whatever makes this long. */
function loopOf(path: Path, period: number): TraceLoop | undefined {
  const cycle = new Map<number, string>();
  let repeated = 0;
  let start = path.length;
  for (let at = path.length - 1; at >= 0; at -= 1) {
    const address = path[at] ?? null;
    if (address === null) continue;
    const known = cycle.get(at % period);
    if (known === undefined) cycle.set(at % period, address);
    else if (known === address) repeated += 1;
    else break;
    start = at;
  }
  const addresses = Array.from({ length: period }, (_, index) => cycle.get((start + index) % period) ?? '');
  // The parts of a cycle are different, and all of them are known.
  if (cycle.size < period || new Set(addresses).size < period) return undefined;
  const isRound = path.length - start >= 2 * period && repeated >= Math.max(2, period);
  return isRound ? { ttl: start + 1, addresses } : undefined;
}
