import type { CourseOutcome, TraceAnswer, TracedProbe } from './course-plan.js';
import { findLoop } from './find-loop.js';
import { pathIdOf } from './path-identity.js';
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
  const hops = Array.from({ length: last }, (_, at) => hopOf(at + 1, probes, answered));
  const flows = flowIds.map((id, flow) =>
    flowOf(
      id,
      answered.filter((probe) => probe.flow === flow),
    ),
  );
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

function hopOf(ttl: number, probes: readonly TracedProbe[], allAnswered: readonly Answered[]): TraceHop {
  const sent = probes.filter((probe) => probe.ttl === ttl);
  const answered = allAnswered.filter((probe) => probe.ttl === ttl);
  const rtts = answered.map(({ answer }) => answer.rtt);
  return {
    ttl,
    addresses: addressesOf(answered),
    sent: sent.length,
    received: answered.length,
    loss: sent.length === 0 ? 1 : (sent.length - answered.length) / sent.length,
    ...(rtts.length > 0 && { rtt: { min: Math.min(...rtts), avg: average(rtts), max: Math.max(...rtts) } }),
    ...(isRateLimited(sent, answered, allAnswered) && { rateLimited: true as const }),
  };
}

function addressesOf(answered: readonly Answered[]): readonly TraceAddress[] {
  const addresses = [...new Set(answered.map(({ answer }) => answer.from))].map((address) => {
    const theirs = answered.filter(({ answer }) => answer.from === address);
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

/** See `TraceHop.rateLimited`. */
function isRateLimited(
  sent: readonly TracedProbe[],
  answered: readonly Answered[],
  allAnswered: readonly Answered[],
): boolean {
  if (answered.length === 0) return false;
  return sent.some(
    ({ answer, flow, round, ttl }) =>
      answer === undefined &&
      allAnswered.some((other) => !other.isStandIn && other.flow === flow && other.round === round && other.ttl > ttl),
  );
}

function flowOf(id: number, answered: readonly Answered[]): TraceFlow {
  const length = answered.reduce((most, { ttl }) => Math.max(most, ttl), 0);
  const path = Array.from({ length }, (_, at) => {
    const [most] = addressesOf(answered.filter(({ ttl }) => ttl === at + 1));
    return most?.address ?? null;
  });
  return { id, path, pathId: pathIdOf([path]), reached: answered.some(({ answer }) => answer.kind === 'target') };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
