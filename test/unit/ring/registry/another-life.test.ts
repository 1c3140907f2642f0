import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RingBook } from '../../../../src/ring/registry/ring-book.js';
import { MemoryStore } from '../../../../src/store/index.js';

const TTLS = { member: 300_000, report: 300_000, deregistered: 3_600_000, outage: 86_400_000 };
const MEMBER = { instance_id: 'a', location: 'dc1', ip: '192.0.2.1', port: 8757 };

let store: MemoryStore;
let book: RingBook;

beforeEach(async () => {
  vi.useFakeTimers();
  store = new MemoryStore();
  await store.start();
  book = new RingBook(store, TTLS);
});
afterEach(async () => {
  await store.close();
  vi.useRealTimers();
});

describe('an outage that goes on', () => {
  const outage = { from: 1_000, reason: 'no-carrier' };
  const report = (takenAt: number, outages: readonly object[] = [], more: object = {}) =>
    Reflect.apply(book.report, book, [{ instance_id: 'a', metrics: { outages }, taken_at: takenAt, ...more }]);

  beforeEach(async () => {
    await book.register(MEMBER);
    await vi.advanceTimersByTimeAsync(2_000);
    await report(2_000, [outage]);
  });

  it('is over for a member that was killed in it, with its first report after the restart', async () => {
    await book.register(MEMBER);
    expect(book.outages()).toMatchObject([outage]);
    expect(book.outages()[0]?.until).toBeUndefined();
    await report(3_000);
    expect(book.outages()).toEqual([{ ...outage, until: 3_000, id: 'a', location: 'dc1' }]);
  });

  it('is over when that comes where it does not say when it was made, and never before it began', async () => {
    await book.register(MEMBER);
    await book.report({ instance_id: 'a', metrics: {} });
    expect(book.outages()[0]?.until).toBe(store.now());
    await report(4_000, [{ ...outage, from: 9_000 }]);
    await book.register(MEMBER);
    await report(5_000);
    expect(book.outages()[1]).toMatchObject({ from: 9_000, until: 9_000 });
  });

  it('goes on for a member that the registry had forgotten, and that tells of it still', async () => {
    await vi.advanceTimersByTimeAsync(TTLS.member);
    expect(await report(300_000, [outage])).toBe('unknown member');
    await book.register(MEMBER);
    await report(300_000, [outage]);
    await vi.advanceTimersByTimeAsync(2_000);
    await report(302_000, [outage]);
    expect(book.outages()[0]?.until).toBeUndefined();
    await report(303_000, [{ ...outage, until: 302_500 }]);
    expect(book.outages()).toMatchObject([{ until: 302_500 }]);
  });

  it('is not over for a report that had to wait, and has the end that the member tells of in the end', async () => {
    await book.register(MEMBER);
    await report(1_500, [], { current: false });
    expect(book.outages()[0]?.until).toBeUndefined();
    // The newest comes first; the one with the end had to wait.
    await report(9_000);
    await report(6_000, [{ ...outage, until: 5_000 }], { current: false });
    expect(book.outages()).toMatchObject([{ until: 5_000 }]);
  });

  it('of another member is no concern of a report', async () => {
    await book.register({ ...MEMBER, instance_id: 'b' });
    await book.report({ instance_id: 'b', metrics: {}, taken_at: 3_000 });
    expect(book.outages()[0]?.until).toBeUndefined();
  });
});

it('takes the first report of a member that was started again with its clock set right, and was 30 s ahead', async () => {
  const report = (n: number, takenAt: number) =>
    book.report({ instance_id: 'a', metrics: { general: { n } }, taken_at: takenAt });
  await book.register(MEMBER);
  await report(1, 31_000);
  await vi.advanceTimersByTimeAsync(1_000);
  await report(2, 2_000);
  expect(book.reports()).toMatchObject([{ metrics: { general: { n: 1 } } }]);
  await book.register(MEMBER);
  await report(3, 3_000);
  expect(book.reports()).toMatchObject([{ metrics: { general: { n: 3 } } }]);
});
