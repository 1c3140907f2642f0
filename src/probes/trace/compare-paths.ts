import type { TraceFacts } from './trace-result.js';

/** A hop at which others answered than before. */
export interface HopChange {
  /** How far away the hop is. */
  readonly ttl: number;
  /** Who answered there before. */
  readonly before: readonly string[];
  /** Who answers there now. */
  readonly after: readonly string[];
}

/** What is different between two traces to the same target. */
export interface PathComparison {
  /** Whether another answers at a hop, or the target is not as far away as it was. */
  readonly changed: boolean;
  /** Hops at which none of those who answered before answered again. */
  readonly hops: readonly HopChange[];
  /** Where the target is not as far away as it was. */
  readonly distance?: {
    /** In hops, in the first trace. */
    readonly before: number;
    /** In the second. */
    readonly after: number;
  };
  /** Where the target was reached in one of the two only: `'lost'` or `'found'`. That alone is no change of the path. */
  readonly target?: 'lost' | 'found';
  /**
   * Whether the flows were the same: by method, port and identifiers. Where they were not, and routers balance load, another path need not mean that
   * anything has changed.
   */
  readonly sameFlows: boolean;
}

/**
 * Compares the paths of two traces, hop by hop and flow by flow. A hop that was silent in one of them, or that only one of them has, says
 * nothing. Where the flows are not the same, the hops of all flows together are compared.
 */
export function comparePaths(before: TraceFacts, after: TraceFacts): PathComparison {
  const sameFlows = isSameWay(before, after) && isSame(idsOf(before), idsOf(after));
  const hops = sameFlows ? changesByFlow(before, after) : changesOf(allAt(before), allAt(after));
  const distance = distanceChange(before, after);
  return {
    changed: hops.length > 0 || distance !== undefined,
    hops,
    ...(distance !== undefined && { distance }),
    ...(before.reached !== after.reached && { target: after.reached ? ('found' as const) : ('lost' as const) }),
    sameFlows,
  };
}

type AddressesAt = (ttl: number) => ReadonlySet<string>;

function changesByFlow(before: TraceFacts, after: TraceFacts): readonly HopChange[] {
  const changes = before.flows.flatMap((_, flow) => changesOf(flowAt(before, flow), flowAt(after, flow)));
  const ttls = [...new Set(changes.map(({ ttl }) => ttl))].sort((a, b) => a - b);
  return ttls.map((ttl) => ({
    ttl,
    before: union(changes.filter((change) => change.ttl === ttl).map((change) => change.before)),
    after: union(changes.filter((change) => change.ttl === ttl).map((change) => change.after)),
  }));
}

function changesOf(before: AddressesAt, after: AddressesAt): readonly HopChange[] {
  const changes: HopChange[] = [];
  for (let ttl = 1; ttl <= MOST_HOPS; ttl += 1) {
    const [then, now] = [[...before(ttl)], [...after(ttl)]];
    const isKnown = then.length > 0 && now.length > 0;
    if (isKnown && !then.some((address) => now.includes(address))) changes.push({ ttl, before: then, after: now });
  }
  return changes;
}

function flowAt({ hops }: TraceFacts, flow: number): AddressesAt {
  return (ttl) =>
    new Set(addressesAt(hops, ttl).flatMap(({ address, flows }) => (flows.includes(flow) ? [address] : [])));
}

function allAt({ hops }: TraceFacts): AddressesAt {
  return (ttl) => new Set(addressesAt(hops, ttl).map(({ address }) => address));
}

function addressesAt(hops: TraceFacts['hops'], ttl: number): TraceFacts['hops'][number]['addresses'] {
  return hops.find((hop) => hop.ttl === ttl)?.addresses ?? [];
}

/** Where only silence lies between the two, it may be the target that was silent there: it limits its answers as routers do. */
function distanceChange(before: TraceFacts, after: TraceFacts): PathComparison['distance'] {
  if (before.distance === undefined || after.distance === undefined || before.distance === after.distance) {
    return undefined;
  }
  const [nearer, farther] = before.distance < after.distance ? [before, after] : [after, before];
  const isKnown = farther.hops.some(
    ({ ttl, addresses }) => ttl >= (nearer.distance ?? 0) && ttl < (farther.distance ?? 0) && addresses.length > 0,
  );
  return isKnown ? { before: before.distance, after: after.distance } : undefined;
}

/** To another port, or from a port for each probe, packets may take another path at any router. */
function isSameWay(before: TraceFacts, after: TraceFacts): boolean {
  const isKept = before.flows.every(({ id }) => id !== 0);
  return isKept && before.method === after.method && before.port === after.port;
}

function idsOf({ flows }: TraceFacts): readonly number[] {
  return flows.map(({ id }) => id);
}

function isSame(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((id, index) => id === others[index]);
}

function union(lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())];
}

/** The time to live has eight bits. */
const MOST_HOPS = 255;
