import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MembersAnswer } from '../../../../src/ring/registry/members-answer.js';
import { metricsAnswer } from '../../../../src/ring/registry/metrics-answer.js';
import { RingBook } from '../../../../src/ring/registry/ring-book.js';
import { MemoryStore } from '../../../../src/store/index.js';

const TTLS = { member: 300_000, report: 300_000, deregistered: 3_600_000, outage: 86_400_000 };
const MEMBER = { location: 'dc1', ip: '192.0.2.1', port: 8757 };

describe('the list of members', () => {
  let book: RingBook;
  let store: MemoryStore;
  let answer: MembersAnswer;

  beforeEach(async () => {
    vi.useFakeTimers();
    store = new MemoryStore();
    await store.start();
    book = new RingBook(store, TTLS);
    answer = new MembersAnswer(book, store);
    await book.register({ instance_id: 'a', ...MEMBER });
    await book.register({ instance_id: 'b', ...MEMBER });
  });

  afterEach(async () => {
    await store.close();
    vi.useRealTimers();
  });

  const told = (): unknown => Reflect.get(JSON.parse(answer.body), 'members');

  it('is not made anew because a member was heard of, within a second', async () => {
    const first = told();
    const made = vi.spyOn(book, 'members');
    vi.advanceTimersByTime(900);
    await book.heartbeat('a');
    expect(told()).toEqual(first);
    expect(made).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    const second = told();
    expect(made).toHaveBeenCalledTimes(1);
    expect(second).toEqual(book.members());
  });

  it('is made anew when somebody comes, moves, goes or is forgotten', async () => {
    expect(told()).toHaveLength(2);
    await book.register({ instance_id: 'c', ...MEMBER });
    expect(told()).toEqual(book.members());
    await book.register({ instance_id: 'c', ...MEMBER, ip: '192.0.2.3' });
    expect(told()).toMatchObject([{}, {}, { ip: '192.0.2.3' }]);
    vi.advanceTimersByTime(200_000);
    for (const id of ['a', 'b']) await book.heartbeat(id);
    vi.advanceTimersByTime(99_900);
    expect(told()).toHaveLength(3);
    vi.advanceTimersByTime(100);
    expect(told()).toMatchObject([{ instance_id: 'a' }, { instance_id: 'b' }]);
    await book.deregister('a');
    expect(told()).toMatchObject([{ instance_id: 'b' }, { instance_id: 'a', status: 'deregistered' }]);
  });
});

describe('the reports of all members', () => {
  it.each([0, 1, 3, 2_000])('are told one after another as one object: %i of them', async (count) => {
    const reported = Array.from({ length: count }, (_, index) => [`"m${index}`, { general: { index } }] as const);
    const chunks: Uint8Array[] = [];
    for await (const chunk of metricsAnswer(reported)) chunks.push(chunk);
    expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual({ metrics: Object.fromEntries(reported) });
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThan(70_000);
  });

  it('are read when the client takes them, and not before', async () => {
    let read = 0;
    const reported = function* () {
      for (; read < 1_000; read += 1) yield [`m${read}`, { large: 'x'.repeat(10_000) }] as const;
    };
    const reader = metricsAnswer(reported()).getReader();
    await reader.read();
    expect(read).toBeLessThan(100);
    await reader.cancel();
  });
});
