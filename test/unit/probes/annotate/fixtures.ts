import type { Geo, GeoLocation } from '../../../../src/probes/geo/index.js';
import type { ProbeResult } from '../../../../src/probes/result.js';
import type { ScheduledTask } from '../../../../src/probes/schedule/task.js';

export function aTask(fields: Partial<ScheduledTask> = {}): ScheduledTask {
  return {
    name: 'a task',
    probe: 'ping',
    target: '192.0.2.1',
    interval: 10_000,
    timeout: 1_000,
    labels: {},
    pauseWhileDown: true,
    ...fields,
  };
}

export const OK = { status: 'ok' } as const;
export const FAILED = { status: 'failed', failureSource: 'path', reason: 'timeout', message: 'silence' } as const;
export const OFFLINE = {
  status: 'inconclusive',
  failureSource: 'local',
  reason: 'offline',
  message: 'this host was offline',
  offline: 'no-carrier',
} as const;

/** A ping of five requests; what matters to a test is given. */
export function aPing(fields: Partial<ProbeResult> = {}, facts: object = {}): ProbeResult {
  return {
    probe: 'ping',
    target: '192.0.2.1',
    ...OK,
    address: '192.0.2.1',
    startedAt: 1_000_000,
    duration: 800,
    samples: [20, 22, 21, 20, 22],
    timings: { ping: 800 },
    ...fields,
    facts: {
      method: 'icmp-datagram',
      sent: 5,
      received: 5,
      loss: 0,
      rtt: { min: 20, avg: 21, max: 22 },
      jitter: 1.5,
      ...facts,
    },
  };
}

/** Knows of these addresses. */
export function geoOf(places: Readonly<Record<string, GeoLocation>>): Pick<Geo, 'locate'> {
  return { locate: (address) => (Object.hasOwn(places, address) ? places[address] : undefined) };
}

/** What reading it back from JSON gives: the same for a plain value. */
export function viaJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
