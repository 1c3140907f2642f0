import type { BandwidthFacts } from '../../../../src/probes/bandwidth/index.js';
import type { DnsFacts } from '../../../../src/probes/dns/index.js';
import type { GeoLocation } from '../../../../src/probes/geo/index.js';
import type { HostFacts } from '../../../../src/probes/host/index.js';
import {
  type Availability,
  type TelemetryScores,
  telemetryScores,
  type VoiceQuality,
  voiceQuality,
} from '../../../../src/probes/quality/index.js';
import type { ProbeResult } from '../../../../src/probes/result.js';
import type { TraceFacts, TraceHop } from '../../../../src/probes/trace/index.js';

/** A result with what matters to a test, the rest made up. */
export function makeResult(given: Partial<ProbeResult> = {}): ProbeResult {
  return {
    probe: 'tcp',
    target: '192.0.2.1:443',
    status: 'ok',
    address: '192.0.2.1',
    startedAt: 1_700_000_000_123,
    duration: 12.5,
    samples: [12],
    timings: { connect: 12 },
    facts: {},
    ...given,
  };
}

export const FAILURE = { status: 'failed', failureSource: 'target', reason: 'refused', message: 'no' } as const;
export const INCONCLUSIVE = {
  status: 'inconclusive',
  failureSource: 'local',
  reason: 'offline',
  message: 'down',
} as const;

export const PING = makeResult({
  probe: 'ping',
  target: '192.0.2.9',
  samples: [1, 2, 4],
  timings: { ping: 3_000, pathMtu: 5 },
  facts: {
    method: 'icmp-raw',
    sent: 4,
    received: 3,
    loss: 0.25,
    rtt: { min: 1, avg: 2.5 },
    jitter: 0.5,
    pathMtu: 1_500,
    errors: [],
  },
});

export const HTTP = makeResult({
  probe: 'http',
  target: 'https://user:secret@www.example.com:8443/a?b',
  duration: 80,
  samples: [50],
  timings: { resolve: 1, connect: 10, tls: 20, request: 1, firstByte: 30, transfer: 5, redirect: 13 },
  facts: {
    url: 'https://www.example.com:8443/a?b',
    status: 200,
    httpVersion: '2',
    bodyBytes: 512,
    headers: { 'content-type': 'text/html', server: 'x' },
    tls: {
      version: 'TLSv1.3',
      authorized: true,
      certificate: { chainValidTo: 1_800_000_000_000, altNames: ['DNS:a'] },
    },
    redirects: [],
  },
});

const dnsFacts: DnsFacts = {
  question: { name: 'example.com', type: 'A' },
  server: '[2001:db8::53]:53',
  transport: 'udp',
  rcode: 'NXDOMAIN',
  rcodeNumber: 3,
  answers: [],
  answerCount: 0,
  ttl: 60,
  truncated: false,
  queries: 1,
  ignored: 0,
};

export const DNS = makeResult({
  probe: 'dns',
  target: 'example.com',
  ...FAILURE,
  reason: 'nxdomain',
  timings: { query: 4 },
  facts: dnsFacts,
});

/** Who answers at each hop, the most frequent first; nobody where it is silent. */
export type Path = readonly (string | null | readonly string[])[];

/** A hop at which each address answered two probes, after as many milliseconds as its number. */
function makeHop(ttl: number, at: string | null | readonly string[]): TraceHop {
  const answering = at === null ? [] : typeof at === 'string' ? [at] : at;
  return {
    ttl,
    addresses: answering.map((address, flow) => ({ address, rtts: [ttl, ttl], flows: [flow] })),
    sent: 2,
    received: answering.length === 0 ? 0 : 2,
    loss: answering.length === 0 ? 1 : 0,
    ...(answering.length > 0 && { rtt: { min: ttl, avg: ttl, max: ttl } }),
  };
}

export function makeTraceFacts(path: Path, given: Partial<TraceFacts> = {}): TraceFacts {
  const flows = Math.max(1, ...path.map((at) => (Array.isArray(at) ? at.length : 1)));
  return {
    method: 'udp',
    port: 33_434,
    hops: path.map((at, index) => makeHop(index + 1, at)),
    reached: true,
    distance: path.length,
    asked: path.length,
    flows: Array.from({ length: flows }, (_, flow) => ({ id: 31_434 + flow, path: [], pathId: 'f', reached: true })),
    pathId: path.join(' '),
    sent: 2 * path.length,
    received: 2 * path.length,
    ...given,
  };
}

export function makeTrace(path: Path, facts: Partial<TraceFacts> = {}): ProbeResult {
  return makeResult({
    probe: 'trace',
    target: '192.0.2.9',
    address: '192.0.2.9',
    samples: [3, 3],
    timings: { trace: 40 },
    facts: makeTraceFacts(path, facts),
  });
}

export const TRACE = makeTrace(['198.51.100.1', null, '203.0.113.3', '192.0.2.9']);

const bandwidthFacts: BandwidthFacts = {
  link: 'eth0',
  download: {
    bitsPerSecond: 80_000_000,
    bitsPerSecondOverall: 75_000_000,
    bytes: 100_000_000,
    seconds: 10.5,
    slowStartExcluded: 0.3,
    intervals: [1, 2],
    streams: 2,
    endedBy: 'duration',
    tcp: { retransmits: 7, retransmitRatio: 0.001, congestionWindow: 40, mss: 1_448 },
  },
  upload: {
    bitsPerSecond: 9,
    bitsPerSecondOverall: 9,
    bytes: 10,
    seconds: 1,
    slowStartExcluded: 0,
    intervals: [],
    streams: 1,
    endedBy: 'failure',
  },
};

export const BANDWIDTH = makeResult({ probe: 'bandwidth', target: '192.0.2.7:5202', facts: bandwidthFacts });

const counters = {
  rxBytes: 1_000,
  txBytes: 2_000,
  rxPackets: 10,
  txPackets: 20,
  rxErrors: 1,
  txErrors: 2,
  rxDropped: 3,
  txDropped: 4,
};
const hostFacts: HostFacts = {
  hostname: 'box',
  uptime: 86_400_000,
  load: { one: 0.5, five: 0.25, fifteen: 0.125 },
  cpu: { count: 4, utilisation: 0.375, user: 0.25, system: 0.125, interrupts: 0, iowait: 0.125, steal: 0, idle: 0.5 },
  memory: { total: 8_000, free: 1_000, available: 4_000, utilisation: 0.5, swapTotal: 0, swapFree: 0 },
  disks: [
    {
      path: '/',
      device: '/dev/sda1',
      type: 'ext4',
      total: 100,
      free: 50,
      available: 40,
      utilisation: 0.5,
      files: 10,
      filesFree: 9,
    },
    { path: '/gone', error: 'timeout' },
  ],
  interfaces: [
    { name: 'lo', counters },
    {
      name: 'eth0',
      index: 2,
      counters,
      rates: counters,
      speed: 1_000_000_000,
      rxUtilisation: 0.25,
      txUtilisation: 0.5,
    },
  ],
  cgroup: { path: '/a', memoryLimit: 6_000, memoryUsed: 500, cpuLimit: 1.5 },
};

export const HOST = makeResult({ probe: 'host', target: 'localhost', samples: [], timings: {}, facts: hostFacts });

interface Annotations {
  readonly voice: Readonly<Record<string, VoiceQuality | undefined>>;
  readonly scores: TelemetryScores;
  readonly availability: Availability;
  readonly geo: GeoLocation;
}

const annotations: Annotations = {
  voice: { 'g711-plc': voiceQuality({ samples: [20, 22, 21], lost: 0 }) },
  scores: telemetryScores({ rtt: 160, loss: 0, jitter: 1 }),
  availability: {
    observed: 1_000_000,
    uptime: 990_000,
    downtime: 10_000,
    unknown: 0,
    availability: 0.99,
    failures: 1,
    restorations: 1,
    mtbf: 990_000,
    mttr: 10_000,
  },
  geo: {
    country: { code: 'DE', name: 'Germany' },
    city: 'Berlin',
    latitude: 52.5,
    longitude: 13.4,
    asn: 64_496,
    asOrganisation: 'Example Networks',
    distance: 343.5,
  },
};

export const ANNOTATED = { ...PING, facts: { ...PING.facts, ...annotations } };
