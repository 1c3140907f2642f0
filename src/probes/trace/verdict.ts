import { toError } from '../../errors/index.js';
import { failedBy, failureOf, inconclusive } from '../failure.js';
import type { ProbeFailure, ProbeVerdict } from '../result.js';
import type { TraceAddress, TraceFacts } from './trace-result.js';

/** @param sendError why this host could not send, the last time that it could not. */
export function judgeTrace(facts: TraceFacts, address: string, maxHops: number, sendError: unknown): ProbeVerdict {
  if (facts.reached) return { status: 'ok' };
  if (facts.asked === 0 && sendError !== undefined) return notSent(sendError);
  const refusal = lastRefusal(facts);
  if (refusal !== undefined) return refusedBy(refusal, address);
  const { loop } = facts;
  if (loop !== undefined) {
    const cycle = [...loop.addresses, loop.addresses[0]].join(' → ');
    return failedBy('path', 'ttl-exceeded', `a routing loop from hop ${loop.ttl} on: ${cycle}`);
  }
  const last = facts.hops.findLast(({ addresses }) => addresses.length > 0);
  const who = last?.addresses[0]?.address;
  if (last !== undefined && last.ttl >= maxHops) {
    return failedBy('path', 'ttl-exceeded', `${address} is more than ${maxHops} hops away; the last of them is ${who}`);
  }
  const behind =
    last === undefined ? 'nobody on the way did either' : `the last that did is ${who}, at hop ${last.ttl}`;
  return failedBy('path', 'timeout', `${address} did not answer; ${behind}`);
}

/** Whatever it is, it is this host's own: a route that says "unreachable" looks like the word of a router. */
function notSent(sendError: unknown): ProbeFailure {
  const failure = failureOf(sendError);
  if (failure?.failureSource === 'local') return failure;
  const reason = failure === undefined ? 'not-sent' : 'no-route';
  return inconclusive(reason, `no probe could be sent: ${toError(sendError).message}`);
}

interface Refusal extends Required<Pick<TraceAddress, 'address' | 'unreachable'>> {
  readonly ttl: number;
}

function lastRefusal({ hops }: TraceFacts): Refusal | undefined {
  return hops
    .flatMap(({ ttl, addresses }) =>
      addresses.flatMap(({ address, unreachable }) =>
        unreachable === undefined ? [] : [{ ttl, address, unreachable }],
      ),
    )
    .at(-1);
}

function refusedBy({ ttl, address: from, unreachable }: Refusal, target: string): ProbeFailure {
  const { meaning, notation } = unreachable;
  const source = from === target ? 'target' : 'path';
  return failedBy(source, meaning, `${from}, at hop ${ttl}, answered: ${meaning.replaceAll('-', ' ')} (${notation})`);
}
