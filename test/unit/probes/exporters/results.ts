import type { DnsFacts } from '../../../../src/probes/dns/index.js';
import type { ProbeResult } from '../../../../src/probes/result.js';

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
