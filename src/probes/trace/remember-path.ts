import { comparePaths } from './compare-paths.js';
import type { TraceFacts } from './trace-result.js';

/**
 * The path to a target as it was last known, to hold the next trace against by `comparePaths`: the later of two traces, with what was silent in it
 * as it was in the former; where the path is another one, the later trace alone. Without round trips.
 *
 * @param before what this function returned for the trace before; undefined for the first one.
 *
 * @example
 * const { changed } = comparePaths(known, trace.facts);
 * known = rememberPath(known, trace.facts);
 */
export function rememberPath(before: TraceFacts | undefined, after: TraceFacts): TraceFacts {
  const isFirst = before === undefined || comparePaths(before, after).changed;
  return withoutTimes(isFirst ? after : fillSilence(before, after));
}

/** The later of two traces that found the same path, with what was silent in it as it was in the former. */
function fillSilence(before: TraceFacts, after: TraceFacts): TraceFacts {
  const former = new Map(before.hops.map((hop) => [hop.ttl, hop]));
  const hops = after.hops.map((hop) => {
    const heard = new Set(hop.addresses.flatMap(({ flows }) => flows));
    const silent = (former.get(hop.ttl)?.addresses ?? [])
      .map((each) => ({ ...each, flows: each.flows.filter((flow) => !heard.has(flow)) }))
      .filter(({ flows }) => flows.length > 0);
    return { ...hop, addresses: [...hop.addresses, ...silent] };
  });
  const asked = new Set(hops.map(({ ttl }) => ttl));
  // Where they differ and nothing has changed, only silence lies between.
  const distance = least(before.distance, after.distance);
  return {
    ...after,
    hops: [...hops, ...before.hops.filter(({ ttl }) => !asked.has(ttl))],
    ...(distance !== undefined && { distance }),
  };
}

/** What is kept of a trace is kept for as long as its target. */
function withoutTimes({ hops, ...rest }: TraceFacts): TraceFacts {
  return {
    ...rest,
    flows: rest.flows.map((flow) => ({ ...flow, path: [] })),
    hops: hops.map((hop) => ({
      ...hop,
      addresses: hop.addresses.map(({ address, flows }) => ({ address, flows, rtts: [] })),
    })),
  };
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
