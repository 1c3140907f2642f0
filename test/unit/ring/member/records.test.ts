import { describe, expect, it, vi } from 'vitest';
import { checkRecordOf, inconclusiveRecord } from '../../../../src/ring/member/check-record.js';
import { OutageLog } from '../../../../src/ring/member/outage-log.js';
import { ReportQueue } from '../../../../src/ring/member/report-queue.js';
import { ResultBoard } from '../../../../src/ring/member/result-board.js';
import {
  checkRecordSchema,
  type OutageRecord,
  outageRecordSchema,
  reportRequestSchema,
} from '../../../../src/ring/wire/index.js';
import { member, record, result } from './fixtures.js';

const target = member('b');

describe('the record of a check', () => {
  it('is of TCP with the time of the handshake', () => {
    expect(checkRecordOf(result({ timings: { connect: 3.5 } }), { type: 'tcp', target })).toEqual({
      type: 'tcp',
      target: 'b',
      target_location: 'at b',
      target_ip: '192.0.2.1',
      verdict: 'ok',
      at: 5_000,
      latency_ms: 3.5,
    });
  });

  it('is of HTTP with its path and how long all of it took', () => {
    const subject = { type: 'http', target, endpoint: '/health' } as const;
    expect(checkRecordOf(result(), subject)).toMatchObject({ endpoint: '/health', verdict: 'ok', latency_ms: 12 });
    const failed = checkRecordOf(
      result({ status: 'failed', failureSource: 'target', reason: 'unexpected-status' }),
      subject,
    );
    expect(failed).toMatchObject({ verdict: 'failed', failure_source: 'target', reason: 'unexpected-status' });
    expect(failed).not.toHaveProperty('latency_ms');
  });

  it('is of ping with loss and jitter, but of an outage without: the path has lost nothing', () => {
    const facts = { rtt: { avg: 4 }, jitter: 0.5, loss: 0.25 };
    const subject = { type: 'ping', target } as const;
    expect(checkRecordOf(result({ facts }), subject)).toMatchObject({ latency_ms: 4, jitter_ms: 0.5, loss: 0.25 });
    const offline = result({ status: 'inconclusive', failureSource: 'local', reason: 'offline', facts: { loss: 1 } });
    expect(checkRecordOf(offline, subject)).not.toHaveProperty('loss');
  });

  it('is of bandwidth in 10⁶ bits a second', () => {
    const facts = { download: { bitsPerSecond: 12_500_000 } };
    expect(checkRecordOf(result({ facts }), { type: 'bandwidth', target })).toMatchObject({ bandwidth_mbps: 12.5 });
    const brokenOff = checkRecordOf(result({ facts, status: 'failed' }), { type: 'bandwidth', target });
    expect(brokenOff).not.toHaveProperty('bandwidth_mbps');
  });

  it('is of a route with its hops, silent ones as stars', () => {
    const facts = {
      hops: [
        { ttl: 1, addresses: [{ address: 'fe80::1%eth0' }, { address: '192.0.2.254' }], rtt: { avg: 1.5 } },
        { ttl: 2, addresses: [] },
      ],
    };
    const made = checkRecordOf(result({ facts }), { type: 'traceroute', target });
    expect(made.hops).toEqual([
      { hop: 1, ip: 'fe80::1', latency_ms: 1.5 },
      { hop: 2, ip: '*', latency_ms: null },
    ]);
    expect(checkRecordSchema.safeParse(made).success).toBe(true);
  });

  it('fits the wire whatever is in a result', () => {
    const odd = result({
      status: 'failed',
      reason: 'x'.repeat(200),
      timings: { connect: Number.NaN },
      facts: { rtt: 'x', jitter: -1, loss: null, hops: [null, 5, { ttl: 'x', addresses: 7 }] },
    });
    for (const type of ['tcp', 'http', 'ping', 'bandwidth', 'traceroute'] as const) {
      expect(checkRecordSchema.safeParse(checkRecordOf(odd, { type, target })).error).toBeUndefined();
    }
    const unknown = inconclusiveRecord({ type: 'tcp', target }, 'offline', 7);
    expect(unknown).toMatchObject({ verdict: 'inconclusive', failure_source: 'local', reason: 'offline', at: 7 });
  });
});

describe('the board of results', () => {
  it('knows whether a verdict has changed, and forgets a member altogether', () => {
    const board = new ResultBoard();
    expect(board.note(record())).toBe(true);
    expect(board.note(record({ at: 6_000 }))).toBe(false);
    expect(board.note(record({ verdict: 'failed' }))).toBe(true);
    expect(board.note(record({ type: 'http', endpoint: '/a' }))).toBe(true);
    expect(board.note(record({ type: 'http', endpoint: '/b' }))).toBe(true);
    board.note(record({ target: 'c' }));
    expect(board.size).toBe(4);
    board.forget('b');
    expect(board.records.map((each) => each.target)).toEqual(['c']);
  });

  it('puts first what is not ok where not everything fits into a report', () => {
    const board = new ResultBoard();
    for (let index = 0; index < 6_100; index += 1) board.note(record({ target: `m${index}`, at: index }));
    board.note(record({ target: 'm0', verdict: 'failed', at: 0 }));
    const reportable = board.reportable(Number.POSITIVE_INFINITY);
    expect(reportable).toHaveLength(6_000);
    expect(reportable[0]?.target).toBe('m0');
    expect(reportable.some((each) => each.target === 'm1')).toBe(false);
  });

  it('leaves out as much as its share of what a registry keeps does not hold', () => {
    const board = new ResultBoard();
    for (let index = 0; index < 100; index += 1) {
      board.note(record({ target: `東${index}`, at: index, verdict: index === 50 ? 'failed' : 'ok' }));
    }
    const reportable = board.reportable(2_000);
    expect(Buffer.byteLength(JSON.stringify(reportable))).toBeLessThanOrEqual(2_002);
    expect(reportable.slice(0, 3).map(({ target: of }) => of)).toEqual(['東50', '東99', '東98']);
    expect(board.reportable(1_000_000)).toHaveLength(100);
  });

  it('knows who was not found', () => {
    const board = new ResultBoard();
    board.note(record({ target: 'a', verdict: 'failed' }));
    board.note(record({ target: 'b', type: 'ping', verdict: 'failed' }));
    board.note(record({ target: 'c', type: 'bandwidth', verdict: 'failed' }));
    board.note(record({ target: 'd', verdict: 'inconclusive' }));
    expect(board.failing).toEqual(new Set(['a', 'b']));
    board.note(record({ target: 'a', verdict: 'ok' }));
    expect(board.failing).toEqual(new Set(['b']));
  });
});

describe('the log of outages', () => {
  it('tells of an outage while it goes on, and once more when it is over', () => {
    let now = 50;
    const log = new OutageLog(() => now);
    log.begin('no-carrier', 1_000);
    log.begin('no-route', 1_500);
    expect(log.take()).toEqual([{ from: 1_000, reason: 'no-carrier' }]);
    now += 2_000;
    log.end();
    expect(log.take()).toEqual([{ from: 1_000, until: 3_000, reason: 'no-carrier' }]);
    expect(log.take()).toEqual([]);
    expect(log).toMatchObject({ count: 1, duration: 2_000, current: undefined });
  });

  it('tells again of those whose report was dropped, but not of one as going on that is over', () => {
    const log = new OutageLog();
    log.giveBack([
      { from: 5, until: 6, reason: 'no-route' },
      { from: 7, reason: 'no-route' },
    ]);
    expect(log.take()).toEqual([{ from: 5, until: 6, reason: 'no-route' }]);
  });

  it('takes no more than fit into one report, the oldest first', () => {
    const log = new OutageLog();
    for (let index = 0; index < 150; index += 1) {
      log.begin('no-carrier', index * 10);
      log.end();
    }
    expect(log.take()).toHaveLength(100);
    expect(log.take()[0]?.from).toBe(1_000);
  });

  it('knows how long one lasted, whoever sets the clock meanwhile', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 5_000 });
    let now = 100;
    const log = new OutageLog(() => now);
    log.begin('no-carrier', Date.now());
    now += 700;
    vi.setSystemTime(3_600_000);
    log.end();
    vi.useRealTimers();
    expect(log.take()).toEqual([{ from: 5_000, until: 5_700, reason: 'no-carrier' }]);
    expect(log.duration).toBe(700);
  });

  it.each([
    ['', 5],
    ['x'.repeat(65), 5],
    ['two\nlines', 5],
    ['no-carrier', Number.NaN],
    ['no-carrier', -1],
  ])('tells of nothing that a registry would refuse for ever: %j at %d', (reason, at) => {
    const log = new OutageLog();
    log.begin(reason, at);
    expect(() => outageRecordSchema.array().length(1).parse(log.take())).not.toThrow();
  });
});

describe('the queue of reports', () => {
  function queued(bounds?: { reports: number; bytes: number }) {
    const givenBack: OutageRecord[] = [];
    const queue = new ReportQueue((outages) => givenBack.push(...outages), bounds);
    const deliver = () => {
      const report = queue.next();
      if (report === undefined) return undefined;
      const body: unknown = JSON.parse(queue.bodyOf(report, 'me'));
      queue.done(report);
      return reportRequestSchema.parse(body);
    };
    return { queue, givenBack, deliver };
  }

  it('delivers the newest first, as what is seen now, then in order those that had to wait', () => {
    const { queue, deliver } = queued();
    for (const takenAt of [1, 2, 3]) queue.add([record({ at: takenAt })], [], takenAt);
    const delivered = [deliver(), deliver(), deliver()];
    expect(delivered.map((each) => [each?.taken_at, each?.current])).toEqual([
      [3, true],
      [1, false],
      [2, false],
    ]);
    expect(new Set(delivered.map((each) => each?.report_id)).size).toBe(3);
    expect(deliver()).toBeUndefined();
    expect(queue).toMatchObject({ size: 0, dropped: 0 });
  });

  it('says of the same report the same id at each delivery', () => {
    const { queue } = queued();
    queue.add([], [], 1);
    const report = queue.next();
    if (report === undefined) throw new Error('there is none');
    const first: { report_id: string } = JSON.parse(queue.bodyOf(report, 'me'));
    queue.add([], [], 2);
    expect(JSON.parse(queue.bodyOf(report, 'me'))).toMatchObject({ report_id: first.report_id, current: false });
  });

  it('drops the oldest where there are too many, and gives their outages back', () => {
    const { queue, givenBack, deliver } = queued({ reports: 2, bytes: 1_000_000 });
    const outage = { from: 1, until: 2, reason: 'no-carrier' };
    queue.add([], [outage], 1);
    for (const takenAt of [2, 3, 4]) queue.add([], [], takenAt);
    expect(queue).toMatchObject({ size: 2, dropped: 2 });
    expect(givenBack).toEqual([outage]);
    expect([deliver()?.taken_at, deliver()?.taken_at]).toEqual([4, 3]);
  });

  it('is bounded by the bytes of what is sent, which names of other scripts have more of than characters', () => {
    const { queue } = queued({ reports: 100, bytes: 2_700 });
    for (const takenAt of [1, 2, 3, 4, 5]) queue.add([record({ target_location: '東'.repeat(128) })], [], takenAt);
    expect(queue.size).toBe(5);
    for (const takenAt of [6, 7, 8]) queue.add([record({ target_location: '東'.repeat(128) })], [], takenAt);
    expect(queue.size).toBe(5);
  });

  it('is bounded in bytes too, and keeps the newest whatever it weighs', () => {
    const { queue, deliver } = queued({ reports: 100, bytes: 300 });
    for (const takenAt of [1, 2, 3]) queue.add([record(), record()], [], takenAt);
    expect(queue.size).toBe(1);
    expect(deliver()?.taken_at).toBe(3);
    queue.add([], [], 4);
    queue.add([], [], 5);
    expect(queue.size).toBe(2);
  });
});
