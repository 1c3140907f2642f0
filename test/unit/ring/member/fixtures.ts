import type { ProbeResult } from '../../../../src/probes/index.js';
import type { CheckRecord, MemberRecord } from '../../../../src/ring/wire/index.js';

export function member(id: string, changes: Partial<MemberRecord> = {}): MemberRecord {
  return {
    instance_id: id,
    location: `at ${id}`,
    ip: '192.0.2.1',
    port: 8_757,
    last_seen: 1_000,
    registered_at: 900,
    status: 'active',
    ...changes,
  };
}

export function result(changes: Partial<ProbeResult> = {}): ProbeResult {
  return {
    probe: 'tcp',
    target: '192.0.2.1:8757',
    status: 'ok',
    address: '192.0.2.1',
    startedAt: 5_000,
    duration: 12,
    samples: [],
    timings: {},
    facts: {},
    ...changes,
  };
}

export function record(changes: Partial<CheckRecord> = {}): CheckRecord {
  return {
    type: 'tcp',
    target: 'b',
    target_location: 'at b',
    target_ip: '192.0.2.1',
    verdict: 'ok',
    at: 5_000,
    ...changes,
  };
}
