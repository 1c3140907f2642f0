import type { ProbeResult } from '../result.js';
import type { TraceFacts } from '../trace/trace-result.js';
import { listAt, numberAt, textAt, valueAt } from './facts.js';

/** What a trace learnt, where the result is of one: results come from other processes too, and from probes that others wrote. */
export function traceOf({ facts }: ProbeResult): TraceFacts | undefined {
  return isTrace(facts) ? facts : undefined;
}

/** As far as metrics look at it. */
function isTrace(facts: object): facts is TraceFacts {
  const flows = valueAt(facts, 'flows');
  const hops = valueAt(facts, 'hops');
  return (
    Array.isArray(flows) &&
    flows.every((flow) => numberAt(flow, 'id') !== undefined) &&
    Array.isArray(hops) &&
    hops.every(isHop)
  );
}

function isHop(hop: unknown): boolean {
  const addresses = valueAt(hop, 'addresses');
  return (
    numberAt(hop, 'ttl') !== undefined &&
    numberAt(hop, 'loss') !== undefined &&
    Array.isArray(addresses) &&
    addresses.every(isAddress)
  );
}

function isAddress(each: unknown): boolean {
  return (
    textAt(each, 'address') !== undefined &&
    Array.isArray(valueAt(each, 'flows')) &&
    Array.isArray(valueAt(each, 'rtts')) &&
    listAt(each, 'rtts').every((rtt) => typeof rtt === 'number')
  );
}
