import { afterEach, beforeEach, expect, it, vi } from 'vitest';
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
