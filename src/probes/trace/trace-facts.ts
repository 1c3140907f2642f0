import type { CourseOutcome, TraceAnswer, TracedProbe } from './course-plan.js';
import { findLoop } from './find-loop.js';
import { pathIdOf } from './path-identity.js';
import { isRateLimited } from './rate-limit.js';
import type { TraceMethod } from './trace-options.js';
import type { TraceAddress, TraceFacts, TraceFlow, TraceHop } from './trace-result.js';

/** What was asked. */
export interface Asked {
  readonly method: TraceMethod;
  /** 0 for ICMP. */
  readonly port: number;
  readonly flowIds: readonly number[];
}

type Answered = TracedProbe & { readonly answer: TraceAnswer };

/** Puts together, hop by hop and flow by flow, what came of a trace. */
export function factsOf(outcome: CourseOutcome, { method, port, flowIds }: Asked): TraceFacts {
  const { probes, asked } = outcome;
  const answered = probes.filter(isAnswered);
  const last = lastHop(outcome, answered);
  const hops = hopsOf(last, probes);
  const byFlow = groupBy(answered, ({ flow }) => flow);
  const flows = flowIds.map((id, flow) => flowOf(id, byFlow.get(flow) ?? []));
  const reached = flows.some((flow) => flow.reached);
  const loop = reached ? undefined : flows.map(({ path }) => findLoop(path)).find((found) => found !== undefined);
  const distances = answered.filter(({ answer }) => answer.kind === 'target').map(({ ttl }) => ttl);
  return {
    method,
    ...(port > 0 && { port }),
    hops,
    reached,
    ...(reached && { distance: distances.reduce((least, ttl) => Math.min(least, ttl)) }),
    asked,
    flows,
    pathId: pathIdOf(flows.map(({ path }) => path)),
    ...(loop !== undefined && { loop }),
    sent: hops.reduce((sum, { sent }) => sum + sent, 0),
    received: hops.reduce((sum, { received }) => sum + received, 0),
  };
}

/** Round-trip times to the target, in the order of the rounds. */
export function samplesOf({ probes }: CourseOutcome): readonly number[] {
  return probes.flatMap(({ answer }) => (answer?.kind === 'target' ? [answer.rtt] : []));
}

function isAnswered(probe: TracedProbe): probe is Answered {
  return probe.answer !== undefined;
}

/** The farthest end of all flows; where one has none, the last who answered. */
function lastHop({ ends }: CourseOutcome, answered: readonly Answered[]): number {
  const farthest = answered.reduce((most, { ttl }) => Math.max(most, ttl), 0);
  return ends.reduce<number>((most, end) => Math.max(most, end ?? 0), farthest);
}

function hopsOf(last: number, probes: readonly TracedProbe[]): readonly TraceHop[] {
  const byHop = groupBy(probes, ({ ttl }) => ttl);
  const hops = Array.from({ length: last }, (_, at) => hopOf(at + 1, byHop.get(at + 1) ?? []));
  return hops.map((hop, at) => ({ ...hop, ...(isRateLimited(hop, hops.slice(at + 1)) && { rateLimited: true }) }));
}

function hopOf(ttl: number, probes: readonly TracedProbe[]): TraceHop {
  const answered = probes.filter(isAnswered);
  const [sent, received] = [probes.length, answered.length];
  const rtts = answered.map(({ answer }) => answer.rtt);
  return {
    ttl,
    addresses: addressesOf(answered),
    sent,
    received,
    loss: sent === 0 ? 1 : (sent - received) / sent,
    ...(received > 0 && { rtt: { min: Math.min(...rtts), avg: average(rtts), max: Math.max(...rtts) } }),
  };
}

function addressesOf(answered: readonly Answered[]): readonly TraceAddress[] {
  const addresses = [...groupBy(answered, ({ answer }) => answer.from)].map(([address, theirs]) => {
    const unreachable = theirs.find(({ answer }) => answer.unreachable !== undefined)?.answer.unreachable;
    const mpls = theirs.find(({ answer }) => answer.mpls !== undefined)?.answer.mpls;
    return {
      address,
      rtts: theirs.map(({ answer }) => answer.rtt),
      flows: [...new Set(theirs.map(({ flow }) => flow))],
      ...(unreachable !== undefined && { unreachable }),
      ...(mpls !== undefined && { mpls }),
    };
  });
  return addresses.sort((a, b) => b.rtts.length - a.rtts.length);
}

function flowOf(id: number, answered: readonly Answered[]): TraceFlow {
  const length = answered.reduce((most, { ttl }) => Math.max(most, ttl), 0);
  const byHop = groupBy(answered, ({ ttl }) => ttl);
  const path = Array.from({ length }, (_, at) => mostFrequentOf(byHop.get(at + 1) ?? []));
  return { id, path, pathId: pathIdOf([path]), reached: answered.some(({ answer }) => answer.kind === 'target') };
}

/** Of several that answered equally often, the first. */
function mostFrequentOf(answered: readonly Answered[]): string | null {
  const groups = [...groupBy(answered, ({ answer }) => answer.from)];
  return groups.sort(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? null;
}

/** A trace may have hundreds of thousands of probes: so each is looked at once, and not once for each hop. */
function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
