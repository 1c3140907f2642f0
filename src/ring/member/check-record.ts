import type { ProbeResult } from '../../probes/index.js';
import { type CheckRecord, type HopRecord, type MemberRecord, WIRE_LIMITS } from '../wire/index.js';

/** What a result is of. */
export interface RecordSubject {
  readonly type: CheckRecord['type'];
  readonly target: MemberRecord;
  readonly endpoint?: string | undefined;
}

/** What tells whether a member is there now; a route or a bandwidth was measured when it was. */
export const LIVE: ReadonlySet<CheckRecord['type']> = new Set(['tcp', 'http', 'ping']);

/** What a probe's result comes to, as members and registries tell it each other. */
export function checkRecordOf(result: ProbeResult, { type, target, endpoint }: RecordSubject): CheckRecord {
  const { status, failureSource, reason, startedAt, address } = result;
  return {
    type,
    target: target.instance_id,
    target_location: target.location,
    target_ip: withoutZone(address ?? target.ip),
    ...(endpoint !== undefined && { endpoint }),
    verdict: status,
    ...(failureSource !== undefined && { failure_source: failureSource }),
    ...(reason !== undefined && { reason: reason.slice(0, WIRE_LIMITS.reasonLength) }),
    at: startedAt,
    ...measuredBy[type](result),
  };
}

/** That nothing can be told of a member, because of this one. */
export function inconclusiveRecord({ type, target, endpoint }: RecordSubject, reason: string, at: number): CheckRecord {
  return {
    type,
    target: target.instance_id,
    target_location: target.location,
    target_ip: target.ip,
    ...(endpoint !== undefined && { endpoint }),
    verdict: 'inconclusive',
    failure_source: 'local',
    reason,
    at,
  };
}

type Measured = Partial<Pick<CheckRecord, 'latency_ms' | 'loss' | 'jitter_ms' | 'bandwidth_mbps' | 'hops'>>;

const measuredBy: Readonly<Record<CheckRecord['type'], (result: ProbeResult) => Measured>> = {
  tcp: ({ timings }) => only({ latency_ms: numberAt(timings, 'connect') }),
  http: ({ status, duration }) => (status === 'ok' ? only({ latency_ms: duration }) : {}),
  ping: ({ facts, status }) => ({
    ...only({ latency_ms: numberAt(facts, 'rtt', 'avg'), jitter_ms: numberAt(facts, 'jitter') }),
    // While this host was offline it was not the path that lost them.
    ...(status !== 'inconclusive' && only({ loss: numberAt(facts, 'loss') })),
  }),
  bandwidth: ({ facts, status, duration }) =>
    status === 'ok' ? only({ latency_ms: duration, bandwidth_mbps: mbpsOf(facts) }) : {},
  traceroute: ({ facts, duration }) => {
    const hops = hopsOf(facts);
    return { ...only({ latency_ms: duration }), ...(hops.length > 0 && { hops }) };
  },
};

/** 10⁶ bits a second. */
function mbpsOf(facts: object): number | undefined {
  const bits = numberAt(facts, 'download', 'bitsPerSecond');
  return bits === undefined ? undefined : bits / 1e6;
}

function hopsOf(facts: object): readonly HopRecord[] {
  const hops: unknown = Reflect.get(facts, 'hops');
  if (!Array.isArray(hops)) return [];
  return hops.slice(0, WIRE_LIMITS.hops).map((hop: unknown, index) => ({
    hop: numberAt(hop, 'ttl') ?? index + 1,
    ip: addressOf(hop) ?? '*',
    latency_ms: numberAt(hop, 'rtt', 'avg') ?? null,
  }));
}

/** That of whoever answered most often. */
function addressOf(hop: unknown): string | undefined {
  const address = valueAt(hop, 'addresses', '0', 'address');
  return typeof address === 'string' ? withoutZone(address) : undefined;
}

/** Others cannot make anything of it. */
function withoutZone(address: string): string {
  return address.replace(/%.*$/, '');
}

/** What is known of them. */
function only(values: Readonly<Record<string, number | undefined>>): Measured {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'number' && Number.isFinite(found) && found >= 0 ? found : undefined;
}

function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) found = typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined;
  return found;
}
