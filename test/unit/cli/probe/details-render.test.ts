import { describe, expect, it } from 'vitest';
import { columnsFor } from '../../../../src/cli/probe/columns.js';
import { describeResult } from '../../../../src/cli/probe/describe-result.js';
import { renderDetails } from '../../../../src/cli/probe/render-details.js';
import { renderProbes, renderSummary } from '../../../../src/cli/probe/render-probes.js';
import { add, emptyTally } from '../../../../src/cli/probe/tally.js';
import { appearanceFor } from '../../../../src/cli/text/appearance.js';
import type {
  BandwidthFacts,
  BandwidthResult,
  DirectionFacts,
  HostFacts,
  HostResult,
  ProbeResult,
} from '../../../../src/probes/index.js';

const PLAIN = appearanceFor({ isTerminal: false, env: { LANG: 'C.UTF-8' } });

const DOWNLOAD: DirectionFacts = {
  bitsPerSecond: 94.1e6,
  bitsPerSecondOverall: 91.5e6,
  bytes: 57.2e6,
  seconds: 5.02,
  slowStartExcluded: 0.3,
  intervals: [10e6, 50e6, 94e6, 94e6],
  streams: 1,
  endedBy: 'duration',
  tcp: {
    retransmits: 12,
    retransmitRatio: 0.0003,
    rtt: { min: 0.4, mean: 12.3, max: 24.1 },
    congestionWindow: 40,
    mss: 1_448,
  },
};

const UPLOAD: DirectionFacts = {
  ...DOWNLOAD,
  bitsPerSecond: 9.41e9,
  slowStartExcluded: 0,
  streams: 4,
  endedBy: 'bytes',
  tcp: { retransmits: 0, congestionWindow: 40, mss: 1_448 },
};

function bandwidth(facts: BandwidthFacts, more: Partial<BandwidthResult> = {}): BandwidthResult {
  return {
    probe: 'bandwidth',
    target: '192.0.2.1:8757',
    status: 'ok',
    address: '192.0.2.1',
    startedAt: 0,
    duration: 10_000,
    samples: [0.4],
    timings: {},
    facts,
    ...more,
  };
}

const BUSY: Partial<BandwidthResult> = {
  status: 'inconclusive',
  failureSource: 'target',
  reason: 'busy',
  message: 'the server has no time for another test',
};

describe('a bandwidth test', () => {
  const both = bandwidth({ link: 'eth0', download: DOWNLOAD, upload: UPLOAD });

  it('in a line: both directions, and not the handshake', () => {
    expect(describeResult(both, PLAIN)).toBe('✓ 192.0.2.1:8757 ok, download 94.1 Mbit/s, upload 9410 Mbit/s');
    expect(describeResult(bandwidth({ retryAfter: 3_200 }, BUSY), PLAIN)).toBe(
      '! 192.0.2.1:8757 inconclusive (busy, target): the server has no time for another test, worth asking again in 4 s',
    );
  });

  it('once: with slow start, retransmissions and the round trip under load', () => {
    expect(renderDetails(both, PLAIN).map((line) => line.trimEnd())).toEqual([
      '  download  94.1 Mbit/s, 57 MB in 5.0 s; with its slow start of 0.3 s 91.5 Mbit/s',
      '            12 segments sent again (0.030%), rtt under load 0.400 ms / 12.3 ms / 24.1 ms, 0.400 ms before',
      '            ▁▄██',
      '  upload    9410 Mbit/s, 57 MB in 5.0 s by 4 streams (as many as it may)',
      '            0 segments sent again',
      '            ▁▄██',
      '  over      eth0; TCP payload, without headers',
    ]);
    expect(renderDetails(bandwidth({}, BUSY), PLAIN)).toEqual([]);
  });

  it('on a screen: the rates, and their past', () => {
    const slower = bandwidth({ download: { ...DOWNLOAD, bitsPerSecond: 47e6 }, upload: UPLOAD });
    const tally = [both, slower, bandwidth({}, BUSY), both].reduce<ReturnType<typeof emptyTally>>(
      add,
      emptyTally(both.target),
    );
    const view = { probe: 'bandwidth', tallies: [tally], network: { state: 'up' } } as const;
    const lines = renderProbes(view, { columns: 100, rows: 6, appearance: PLAIN }).map((line) => line.trimEnd());
    expect(lines[2]).toBe('TARGET          DOWNLOAD     UPLOAD       SENT AGAIN  RTT UNDER LOAD  LOSS');
    expect(lines[3]).toBe('192.0.2.1:8757  94.1 Mbit/s  9410 Mbit/s  12 / 0      12.3 ms / -     0%    █▁!█');
    expect(renderSummary(view, PLAIN)[0]).toBe(
      '192.0.2.1:8757  4 probes  3 ok  0 failed  1 inconclusive  download min/avg/max 47.0 Mbit/s / 78.4 Mbit/s / 94.1 Mbit/s  upload min/avg/max 9410 Mbit/s / 9410 Mbit/s / 9410 Mbit/s',
    );
  });
});

const HOST: HostFacts = {
  hostname: 'vm\u001b[2J',
  uptime: 7_980_000,
  load: { one: 0.5, five: 0.25, fifteen: 0.125 },
  cpu: { count: 2, utilisation: 0.31, user: 0.25, system: 0.06, interrupts: 0, iowait: 0.02, steal: 0, idle: 0.67 },
  memory: { total: 8e9, free: 1e9, available: 4e9, utilisation: 0.5, cached: 2e9, swapTotal: 2e9, swapFree: 1e9 },
  disks: [
    { path: '/', device: '/dev/sda1', type: 'ext4', total: 42e9, free: 14e9, available: 12e9, utilisation: 0.71 },
    { path: '/mnt\u0007', error: 'timeout' },
  ],
  interfaces: [
    {
      name: 'eth0',
      index: 2,
      counters: {
        rxBytes: 1,
        txBytes: 1,
        rxPackets: 1,
        txPackets: 1,
        rxErrors: 2,
        txErrors: 1,
        rxDropped: 0,
        txDropped: 0,
      },
      rates: {
        rxBytes: 1.25e6,
        txBytes: 340,
        rxPackets: 1,
        txPackets: 1,
        rxErrors: 0,
        txErrors: 0,
        rxDropped: 0,
        txDropped: 0,
      },
      speed: 1e9,
      rxUtilisation: 0.01,
      txUtilisation: 0,
    },
  ],
  cgroup: { path: '/x', memoryLimit: 512e6, memoryUsed: 200e6, cpuLimit: 1.5 },
};

function host(facts: HostFacts): HostResult {
  return { probe: 'host', target: 'vm', status: 'ok', startedAt: 0, duration: 1_000, samples: [], timings: {}, facts };
}

describe('a report of this host', () => {
  it('has what is there, and no control characters', () => {
    expect(renderDetails(host(HOST), PLAIN)).toEqual([
      'vm?[2J  up 2 h 13 min',
      '  load    0.50 0.25 0.13',
      '  cpu     31% of 2 processors (user 25%, system 6%, iowait 2%)',
      '  memory  50% used, 4.0 GB available of 8.0 GB, 2.0 GB cached',
      '  swap    50% used, 1.0 GB free of 2.0 GB',
      '  cgroup  memory 200 MB of 512 MB, cpu at most 1.5 processors',
      '',
      '  DISK   USED     AVAILABLE  SIZE   TYPE',
      '  /      71%      12 GB      42 GB  ext4',
      '  /mnt?  timeout  -          -      -',
      '',
      '  INTERFACE  IN             OUT           SPEED        ERRORS  DROPPED',
      '  eth0       1.3 MB/s (1%)  340 B/s (0%)  1000 Mbit/s  3       0',
    ]);
  });

  it('leaves out what is not', () => {
    const facts: HostFacts = { hostname: 'vm', memory: { total: 8e9, free: 1e9 }, disks: [], interfaces: [] };
    expect(renderDetails(host(facts), PLAIN)).toEqual(['vm', '  memory  1.0 GB free of 8.0 GB']);
  });

  it('in a line: what one looks at first', () => {
    expect(describeResult(host(HOST), PLAIN)).toBe(
      '✓ vm ok, cpu 31%, memory 50%, load 0.50 0.25 0.13, / 71% full, eth0 in 1.3 MB/s out 340 B/s',
    );
  });
});

describe('a ping with codecs', () => {
  const voice = { 'g711-plc': { r: 91.24, mos: 4.38 }, 'g729a-vad': { r: 80, mos: 4.02 } };
  const ping: ProbeResult = {
    ...host(HOST),
    probe: 'ping',
    samples: [1],
    facts: { sent: 40, received: 39, voice },
  };

  it('says R and MOS of each', () => {
    expect(describeResult(ping, PLAIN)).toBe(
      '✓ vm ok in 1.00 ms, 39 of 40 answered, g711-plc R 91.2 MOS 4.38, g729a-vad R 80.0 MOS 4.02',
    );
  });

  it('has columns for them where anybody asked', () => {
    const tally = add(emptyTally('vm'), ping);
    expect(columnsFor('ping', [tally]).head.slice(-2)).toEqual(['R', 'MOS']);
    expect(columnsFor('ping', [tally]).cells(tally, PLAIN.colours).slice(-2)).toEqual(['91/80', '4.38/4.02']);
    expect(columnsFor('ping', [add(emptyTally('vm'), { ...ping, facts: {} })]).head).not.toContain('MOS');
  });
});
