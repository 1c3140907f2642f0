import { describe, expect, it } from 'vitest';
import { SystemCallError } from '../../../../native/index.js';
import type { SeriesOutcome } from '../../../../src/probes/ping/echo-series.js';
import { type Circumstances, judgeSeries } from '../../../../src/probes/ping/verdict.js';

const ENETUNREACH = 101;
const EHOSTUNREACH = 113;

function outcome(change: Partial<SeriesOutcome> = {}): SeriesOutcome {
  const all = { sent: 5, received: 5, duplicates: 0, reordered: 0, samples: [1, 2, 3, 4, 5], jitter: undefined };
  return { ...all, replyTtls: [], errors: [], sendError: undefined, ...change };
}

function judge(change: Partial<SeriesOutcome>, settings: Partial<Circumstances['settings']> = {}, beside = {}) {
  return judgeSeries(outcome(change), {
    address: '198.51.100.2',
    settings: { count: 5, timeout: 1_000, maxLoss: 1, ...settings },
    wasOffline: false,
    overrun: false,
    ...beside,
  });
}

const BY_IPV6 = { from: '2001:db8::1', type: 1, code: 1, meaning: 'prohibited', count: 1 };
const NOTHING = { received: 0, samples: [] };
const ONE_LOST = { received: 4, samples: [1, 2, 3, 4] };

describe('a ping', () => {
  it('is ok with one reply', () => {
    expect(judge({ received: 1, samples: [900] })).toEqual({ status: 'ok' });
  });

  it('has failed on the path where nothing came', () => {
    expect(judge(NOTHING)).toMatchObject({ status: 'failed', failureSource: 'path', reason: 'timeout' });
  });

  it('has failed with more loss than is allowed, and only then', () => {
    expect(judge(ONE_LOST, { maxLoss: 0.2 })).toEqual({ status: 'ok' });
    expect(judge(ONE_LOST, { maxLoss: 0.19 })).toMatchObject({
      status: 'failed',
      failureSource: 'path',
      reason: 'loss',
    });
    expect(judge(NOTHING, { maxLoss: 1 })).toMatchObject({ status: 'failed' });
  });

  it('has failed with a longer average than is allowed, and only then', () => {
    expect(judge({}, { maxRtt: 3 })).toEqual({ status: 'ok' });
    expect(judge({}, { maxRtt: 2.9 })).toMatchObject({ status: 'failed', failureSource: 'path', reason: 'slow' });
  });

  it('has failed by what a router says, most often', () => {
    const errors = [
      { from: '192.0.2.1', type: 3, code: 1, meaning: 'host-unreachable', count: 1 },
      { from: '192.0.2.1', type: 3, code: 13, meaning: 'prohibited', count: 4 },
    ];
    expect(judge({ ...NOTHING, errors })).toEqual({
      status: 'failed',
      failureSource: 'path',
      reason: 'prohibited',
      message: '192.0.2.1 answered: prohibited',
    });
  });

  it('has failed at the target where the target itself refuses', () => {
    const errors = [{ from: '198.51.100.2', type: 3, code: 13, meaning: 'prohibited', count: 5 }];
    expect(judge({ ...NOTHING, errors })).toMatchObject({ failureSource: 'target', reason: 'prohibited' });
    const otherwiseWritten = judge({ ...NOTHING, errors: [BY_IPV6] }, {}, { address: '2001:DB8:0::1' });
    expect(otherwiseWritten).toMatchObject({ failureSource: 'target', reason: 'prohibited' });
  });

  it('is inconclusive where this host could not send', () => {
    const sendError = new SystemCallError('sendto', ENETUNREACH);
    expect(judge({ ...NOTHING, sent: 0, sendError })).toMatchObject({
      status: 'inconclusive',
      failureSource: 'local',
      reason: 'no-route',
    });
    expect(judge({ ...NOTHING, sent: 0, sendError: new Error('?') })).toMatchObject({ status: 'inconclusive' });
  });

  it('says nothing of the target where no request had its time', () => {
    expect(judge({ ...NOTHING, sent: 0 })).toMatchObject({ status: 'inconclusive', reason: 'not-sent' });
  });

  it('has failed by the error that came in the place of an answer', () => {
    const sendError = new SystemCallError('connect', EHOSTUNREACH);
    expect(judge({ ...NOTHING, sendError })).toMatchObject({ failureSource: 'path', reason: 'host-unreachable' });
    const noRoute = new SystemCallError('sendto', ENETUNREACH);
    // The others were sent, and to those nobody answered.
    expect(judge({ ...NOTHING, sent: 3, sendError: noRoute })).toMatchObject({ status: 'failed', reason: 'timeout' });
  });

  it('is inconclusive with any loss at all where this host was offline, and ok without', () => {
    const offline = { wasOffline: true };
    expect(judge(ONE_LOST, {}, offline)).toMatchObject({ status: 'inconclusive', reason: 'offline' });
    expect(judge({ sent: 4, ...ONE_LOST }, {}, offline)).toMatchObject({ status: 'inconclusive', reason: 'offline' });
    expect(judge({}, {}, offline)).toEqual({ status: 'ok' });
  });

  it('is inconclusive where it failed by losses while the kernel dropped what nobody read', () => {
    const overrun = { overrun: true };
    expect(judge(NOTHING, {}, overrun)).toMatchObject({ status: 'inconclusive', reason: 'overrun' });
    expect(judge(ONE_LOST, {}, overrun)).toEqual({ status: 'ok' });
    expect(judge({}, { maxRtt: 1 }, overrun)).toMatchObject({ status: 'failed', reason: 'slow' });
  });
});
