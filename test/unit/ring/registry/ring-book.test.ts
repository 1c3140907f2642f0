import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RingBook } from '../../../../src/ring/registry/ring-book.js';
import { MemoryStore } from '../../../../src/store/index.js';

const TTLS = { member: 300_000, report: 300_000, deregistered: 3_600_000, outage: 86_400_000 };
const MEMBER = { location: 'dc1', ip: '192.0.2.1', port: 8757 };

describe('the book of a ring', () => {
  let store: MemoryStore;
  let book: RingBook;

  beforeEach(async () => {
    vi.useFakeTimers();
    store = new MemoryStore();
    await store.start();
    book = new RingBook(store, TTLS);
    await book.register({ instance_id: 'a', ...MEMBER });
  });

  afterEach(async () => {
    await store.close();
    vi.useRealTimers();
  });

  it('forgets a member that is silent, and none that is heard of', async () => {
    await book.register({ instance_id: 'silent', ...MEMBER });
    for (let count = 0; count < 10; count += 1) {
      await vi.advanceTimersByTimeAsync(45_000);
      expect(await book.heartbeat('a')).toBe(true);
    }
    expect(book.active().map(({ instance_id: id }) => id)).toEqual(['a']);
    expect(await book.heartbeat('silent')).toBe(false);
    await vi.advanceTimersByTimeAsync(200_000);
    await book.report({ instance_id: 'a', metrics: {} });
    await vi.advanceTimersByTimeAsync(200_000);
    expect(book.active()).toHaveLength(1);
  });

  it('shows for an hour who has left', async () => {
    await book.deregister('a');
    await vi.advanceTimersByTimeAsync(3_599_000);
    expect(book.members()).toMatchObject([{ instance_id: 'a', status: 'deregistered' }]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(book.members()).toEqual([]);
  });

  it('lets the latest report count, however often and in whatever order they come', async () => {
    const report = (n: number, takenAt: number | undefined, more: object = {}) =>
      book.report({ instance_id: 'a', metrics: { general: { n } }, taken_at: takenAt, ...more });
    const shown = () => book.reports().map(({ metrics }) => metrics['general']);
    expect(await report(1, 1_000)).toBe('kept');
    expect(await report(2, 2_000)).toBe('kept');
    expect(await report(1, 1_000)).toBe('kept');
    expect(shown()).toEqual([{ n: 2 }]);
    expect(await report(2, 2_000)).toBe('kept');
    expect(shown()).toEqual([{ n: 2 }]);
    expect(await report(3, 3_000, { current: false })).toBe('kept');
    expect(shown()).toEqual([{ n: 2 }]);
    // Who does not say when, says it now.
    await report(4, undefined);
    expect(shown()).toEqual([{ n: 4 }]);
  });

  it('goes on with a member whose clock was set back', async () => {
    const report = (n: number, takenAt: number) =>
      book.report({ instance_id: 'a', metrics: { general: { n } }, taken_at: takenAt });
    await report(1, 1e308);
    await report(2, 7_200_000);
    await report(3, 3_600_000);
    expect(book.reports().map(({ metrics }) => metrics['general'])).toEqual([{ n: 3 }]);
  });

  it('gives back a large report as it came, and knows it again', async () => {
    const checks = Array.from({ length: 50 }, (_, index) => checkOf(`m${index}`));
    await book.report({ instance_id: 'a', metrics: { checks, general: { n: 1 } }, taken_at: 5 });
    const [report] = book.reports();
    expect(report).toMatchObject({ id: 'a', takenAt: 5, checkCount: 50 });
    expect(report?.metrics).toEqual({ checks, general: { n: 1 } });
    await book.heartbeat('a');
    expect(book.reportOf('a')?.record).toBe(report?.record);
    await book.report({ instance_id: 'a', metrics: { checks }, taken_at: 5 });
    expect(book.reportOf('a')?.record).not.toBe(report?.record);
  });

  it('leaves out what another process has kept and is no report', async () => {
    await store.put('metrics', 'a', { metrics: { checks: [{ type: 'tcp' }] } }, 1_000);
    expect(book.reports()).toEqual([]);
    await store.put('metrics', 'a', { metrics: { checks: [{ ...checkOf('b') }] }, taken_at: 7 }, 1_000);
    expect(book.reports()).toMatchObject([{ id: 'a', takenAt: 7, checkCount: 1 }]);
  });

  it('forgets a report in its time, and with its member', async () => {
    await book.report({ instance_id: 'a', metrics: { general: {} } });
    await vi.advanceTimersByTimeAsync(200_000);
    await book.heartbeat('a');
    expect(book.reports()).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(book.reports()).toEqual([]);
    await book.report({ instance_id: 'a', metrics: { general: {} } });
    await book.deregister('a');
    await book.register({ instance_id: 'a', ...MEMBER });
    expect(book.reports()).toEqual([]);
  });

  it('notes each outage once, and when it ended, whichever is told of last', async () => {
    const begun = { from: 1_000.4, reason: 'no-carrier' };
    const ended = { ...begun, until: 5_000 };
    const tell = (...outages: readonly (typeof begun)[]) =>
      book.report({ instance_id: 'a', metrics: { outages }, current: false });
    await tell(begun);
    await tell(ended, { from: 9_000, reason: 'no-route' });
    await tell(begun);
    expect(book.outages()).toEqual([
      { ...ended, id: 'a', location: 'dc1' },
      { from: 9_000, reason: 'no-route', id: 'a', location: 'dc1' },
    ]);
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(book.outages()).toEqual([]);
  });

  it('remembers the latest hundred outages of a member', async () => {
    await book.register({ instance_id: 'b', ...MEMBER });
    await book.report({ instance_id: 'b', metrics: { outages: [{ from: 1, reason: 'no-carrier' }] } });
    for (let from = 0; from < 150; from += 50) {
      const outages = Array.from({ length: 50 }, (_, index) => ({ from: from + index, reason: 'no-carrier' }));
      expect(await book.report({ instance_id: 'a', metrics: { outages } })).toBe('kept');
    }
    expect(
      book
        .outages()
        .filter(({ id }) => id === 'a')
        .map(({ from }) => from),
    ).toEqual(Array.from({ length: 100 }, (_, index) => 50 + index));
    expect(book.outages().filter(({ id }) => id === 'b')).toHaveLength(1);
  });

  it('looks through all outages a few times for a report, however many it tells of', async () => {
    const outages = Array.from({ length: 100 }, (_, index) => ({ from: index, reason: 'no-carrier' }));
    const list = vi.spyOn(store, 'list');
    await book.report({ instance_id: 'a', metrics: { outages } });
    expect(list.mock.calls.length).toBeLessThanOrEqual(2);
    await vi.advanceTimersByTimeAsync(2_000);
    await book.report({ instance_id: 'a', metrics: {} });
    list.mockClear();
    await book.report({ instance_id: 'a', metrics: {} });
    expect(list).not.toHaveBeenCalled();
  });

  it('has room for so many members, and for those it knows', async () => {
    for (let count = 1; count < 10_000; count += 1) await book.register({ instance_id: `${count}`, ...MEMBER });
    expect(await book.register(MEMBER)).toBeUndefined();
    expect(await book.register({ instance_id: 'a', ...MEMBER })).toBe('a');
    await book.deregister('a');
    expect(await book.register({ instance_id: 'new', ...MEMBER })).toBe('new');
    expect(store.count('deregistered')).toBe(1);
  });

  it('has room for so many reports, and still hears who is there', async () => {
    const large = 'x'.repeat(8 * 2 ** 20);
    const ids = Array.from({ length: 8 }, (_, index) => `m${index}`);
    for (const instance_id of ids) await book.register({ instance_id, ...MEMBER });
    const reported = [];
    for (const instance_id of ids) reported.push(await book.report({ instance_id, metrics: { large } }));
    expect(reported).toEqual([...ids.slice(1).map(() => 'kept'), 'no room']);
    expect(await book.heartbeat('m7')).toBe(true);
    expect(await book.report({ instance_id: 'm7', metrics: { outages: [{ from: 1, reason: 'x' }] } })).toBe('kept');
    expect(await book.report({ instance_id: 'm0', metrics: {} })).toBe('kept');
    expect(await book.report({ instance_id: 'm7', metrics: { large } })).toBe('kept');
  });
});

function checkOf(target: string) {
  return { type: 'tcp', target, target_location: 'dc2', target_ip: '192.0.2.2', verdict: 'ok', at: 1 } as const;
}
