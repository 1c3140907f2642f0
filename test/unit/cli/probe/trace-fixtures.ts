import type { PathAddress, PathFacts, PathHop, PathResult } from '../../../../src/cli/probe/result-kinds.js';

/** Who answered at a hop: an address, or more that is known of it; nobody where it was silent. */
export type Answer = string | (Partial<PathAddress> & { readonly address: string });

/** A hop that was asked once in each of so many rounds. */
export function hopOf(ttl: number, answers: readonly Answer[], sent = 1): PathHop {
  const addresses = answers.map((answer) => ({
    rtts: [ttl],
    flows: [0],
    ...(typeof answer === 'string' ? { address: answer } : answer),
  }));
  const rtts = addresses.flatMap((each) => each.rtts);
  return {
    ttl,
    addresses,
    sent,
    received: rtts.length,
    loss: (sent - rtts.length) / sent,
    ...(rtts.length > 0 && {
      rtt: { min: Math.min(...rtts), avg: rtts.reduce((a, b) => a + b, 0) / rtts.length, max: Math.max(...rtts) },
    }),
  };
}

/** The facts of a trace that reached its target where it says so. */
export function factsOf(hops: readonly PathHop[], more: Partial<PathFacts> = {}): PathFacts {
  const reached = more.reached ?? true;
  return {
    method: 'udp',
    port: 33_434,
    hops,
    reached,
    ...(reached && { distance: hops.length }),
    asked: Math.max(hops.length, 6),
    flows: [
      {
        id: 31_434,
        path: hops.map(({ addresses }) => addresses[0]?.address ?? null),
        pathId: '0123456789abcdef',
        reached,
      },
    ],
    pathId: '0123456789abcdef',
    sent: hops.reduce((sum, hop) => sum + hop.sent, 0),
    received: hops.reduce((sum, hop) => sum + hop.received, 0),
    ...more,
  };
}

export function resultOf(facts: PathFacts, more: Partial<PathResult> = {}): PathResult {
  return {
    probe: 'trace',
    target: 'www.example.com',
    status: facts.reached ? 'ok' : 'failed',
    ...(!facts.reached && { failureSource: 'path', reason: 'timeout', message: 'it did not answer' }),
    address: '198.51.100.9',
    startedAt: 0,
    duration: 5,
    samples: facts.reached ? (facts.hops.at(-1)?.addresses[0]?.rtts ?? []) : [],
    timings: {},
    facts,
    ...more,
  };
}

/** A trace of one round: an address for each hop, or null where it was silent. */
export function traced(...path: readonly (Answer | null)[]): PathResult {
  return resultOf(factsOf(path.map((answer, index) => hopOf(index + 1, answer === null ? [] : [answer]))));
}

/** The same where the target was not reached. */
export function lost(...path: readonly (Answer | null)[]): PathResult {
  const hops = path.map((answer, index) => hopOf(index + 1, answer === null ? [] : [answer]));
  return resultOf(factsOf(hops, { reached: false }));
}

/** The same while this host was offline. */
export function offline(...path: readonly (Answer | null)[]): PathResult {
  return {
    ...lost(...path),
    status: 'inconclusive',
    failureSource: 'local',
    reason: 'offline',
    message: 'this host was offline',
    offline: 'no-carrier',
  };
}
