import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type BrokenPath, PathHistory } from '../../../../src/ring/registry/path-history.js';
import { MemoryStore } from '../../../../src/store/index.js';
import { AskedRegistry, check } from './asking.js';

const MINUTE = 60_000;

describe('the history of paths', () => {
  let store: MemoryStore;
  let history: PathHistory;
  /** When the clock of the store began. */
  let start: number;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'Date'] });
    store = new MemoryStore();
    start = store.now();
    history = new PathHistory(store, { ttl: 60 * MINUTE, mostOpen: 5, mostEnded: 10 });
    history.start();
  });

  afterEach(() => {
    history.stop();
    vi.useRealTimers();
  });

  it('tells from when until when a path was broken, and that it healed', async () => {
    await member('a', 'dc1');
    await report('a', [{ verdict: 'ok' }]);
    expect(history.paths).toEqual([]);
    pass(MINUTE);
    await report('a', [{ verdict: 'failed', failure_source: 'path', reason: 'timeout', age: 5_000 }]);
    const path = { source: 'a', source_location: 'dc1', target: 'b', target_location: 'dc2', type: 'tcp' };
    const broken = { ...path, from: at(MINUTE - 5_000), failure_source: 'path', reason: 'timeout' };
    expect(history.paths).toEqual([broken]);
    pass(MINUTE);
    await report('a', [{ verdict: 'failed', reason: 'refused' }]);
    expect(history.paths).toEqual([broken]);
    pass(MINUTE);
    await report('a', [{ verdict: 'ok', age: 1_000 }]);
    expect(history.paths).toEqual([{ ...broken, until: at(3 * MINUTE - 1_000), end: 'healed' }]);
  });

  it('goes by the clock of the registry, whatever that of the member says', async () => {
    const skew = 60 * MINUTE;
    await report('a', [{ verdict: 'failed', age: 3_000 }], start - skew);
    expect(history.paths).toMatchObject([{ from: at(-3_000) }]);
    await store.put('metrics', 'b', { metrics: { checks: [{ ...check({ verdict: 'failed', at: 5 }) }] } }, MINUTE);
    expect(history.paths).toMatchObject([{ source: 'a' }, { source: 'b', from: at(0) }]);
  });

  it.each([
    ['the one that checks is offline', [{ verdict: 'inconclusive' }]],
    ['it does not check the other any longer', []],
  ])('says that nothing can be told any more where %s', async (_why, checks) => {
    await report('a', [{ verdict: 'failed' }]);
    pass(MINUTE);
    await report('a', checks);
    expect(history.paths).toMatchObject([{ from: at(0), until: at(MINUTE), end: 'unknown' }]);
  });

  it('says the same where the one that checks has gone', async () => {
    await report('a', [{ verdict: 'failed' }]);
    pass(MINUTE);
    await store.delete('metrics', 'a');
    expect(history.paths).toMatchObject([{ until: at(MINUTE), end: 'unknown' }]);
  });

  it('notes nothing of a member that has left in good order, whom others go on looking for', async () => {
    await member('b', 'dc2');
    await report('a', [{ verdict: 'ok' }]);
    await store.put('deregistered', 'b', { instance_id: 'b', location: 'dc2' }, 100 * MINUTE);
    await store.delete('member', 'b');
    await report('a', [{ verdict: 'failed', reason: 'refused' }]);
    expect(history.paths).toEqual([]);
    // It is there again.
    await member('b', 'dc2');
    await report('a', [{ verdict: 'failed', reason: 'timeout' }]);
    expect(history.paths).toMatchObject([{ target: 'b', reason: 'timeout' }]);
  });

  it('blames nobody for what could not be told', async () => {
    await report('a', [{ verdict: 'inconclusive' }, { type: 'traceroute', verdict: 'failed' }]);
    expect(history.paths).toEqual([]);
  });

  it('tells kinds of checks apart, and takes the worst of several endpoints', async () => {
    await report('a', [
      { verdict: 'ok' },
      { type: 'http', endpoint: '/health', verdict: 'ok' },
      { type: 'http', endpoint: '/metrics', verdict: 'failed', reason: 'status' },
      { type: 'ping', verdict: 'inconclusive' },
    ]);
    expect(history.paths.map(({ type, reason }) => [type, reason])).toEqual([['http', 'status']]);
  });

  it('tells when the one that was checked was heard of last, until the path was whole again', async () => {
    await report('a', [{ verdict: 'failed' }]);
    pass(MINUTE);
    await member('b', 'dc2');
    expect(history.paths).toMatchObject([{ target_heard_at: at(MINUTE) }]);
    await report('a', [{ verdict: 'ok' }]);
    pass(MINUTE);
    await member('b', 'dc2');
    expect(history.paths).toMatchObject([{ target_heard_at: at(MINUTE), end: 'healed' }]);
  });

  it('forgets what is old, and the oldest where there is too much; and says from when on it knows all', async () => {
    expect(history.since).toBe(at(0));
    for (let count = 0; count < 30; count += 1) {
      await report('a', [{ verdict: 'failed' }]);
      pass(MINUTE);
      await report('a', [{ verdict: 'ok' }]);
    }
    expect(history.paths.length).toBeGreaterThanOrEqual(10);
    expect(history.paths.length).toBeLessThanOrEqual(11);
    expect(history.paths.at(-1)).toMatchObject({ from: at(29 * MINUTE) });
    expect(history.since).toBe(history.paths[0]?.from);
    pass(61 * MINUTE);
    expect(history.paths).toEqual([]);
    expect(history.since).toBe(at(31 * MINUTE));
  });

  it('notes no more than so many that go on at once, and others again when there is room', async () => {
    const failed = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => ({ verdict: 'failed', target: `t${from + index}` }));
    await report('a', failed(0, 8));
    await report('b', failed(0, 1));
    expect(history.paths.map(targetOf)).toEqual(['t0', 't1', 't2', 't3', 't4']);
    await report('a', failed(3, 4));
    expect(history.paths.filter(({ until }) => until === undefined).map(targetOf)).toEqual(['t3', 't4', 't5', 't6']);
  });

  it('counts those that go on and are not noted, and knows nothing of them when they are over', async () => {
    const failed = (count: number) => Array.from({ length: count }, (_, n) => ({ verdict: 'failed', target: `t${n}` }));
    expect(history.leftOut).toBe(0);
    await report('a', failed(8));
    await report('b', failed(2));
    await report('b', failed(2));
    expect([history.leftOut, history.since]).toEqual([5, at(0)]);
    pass(MINUTE);
    await report('b', failed(1));
    expect([history.leftOut, history.since]).toEqual([4, at(MINUTE)]);
    pass(MINUTE);
    await report('a', []);
    await store.delete('metrics', 'b');
    expect([history.leftOut, history.since]).toEqual([0, at(2 * MINUTE)]);
  });

  it('knows all from the latest end on of those that are forgotten, in whatever order they were told of', async () => {
    await report('a', [{ verdict: 'failed' }]);
    await report('b', [{ verdict: 'failed' }]);
    pass(10 * MINUTE);
    await report('a', [{ verdict: 'ok' }]);
    await report('b', [{ verdict: 'ok', age: 9 * MINUTE }]);
    for (let count = 0; count < 10; count += 1) {
      await report('b', [{ verdict: 'failed', age: 8 * MINUTE }]);
      await report('b', [{ verdict: 'ok', age: 7 * MINUTE }]);
    }
    expect(history.paths).toHaveLength(10);
    expect(history.since).toBe(at(10 * MINUTE));
  });

  it('withstands reports that are no reports', async () => {
    const strange = [null, 1, [], { checks: 1 }, { checks: [null, 'x', {}, { type: 'tcp', verdict: 'failed' }] }];
    for (const metrics of strange) await store.put('metrics', 'a', { metrics }, MINUTE);
    await store.put('metrics', '__proto__', { metrics: { checks: [{ ...check({ verdict: 'failed' }) }] } }, MINUTE);
    expect(history.paths).toMatchObject([{ source: '__proto__', source_location: '__proto__' }]);
  });

  it('is quiet when it has ended', async () => {
    history.stop();
    expect(store.listenerCount('change')).toBe(0);
    await report('a', [{ verdict: 'failed' }]);
    expect(history.paths).toEqual([]);
  });

  function at(milliseconds: number): number {
    return Math.round(start + milliseconds);
  }

  function pass(milliseconds: number): void {
    vi.advanceTimersByTime(milliseconds);
  }

  async function member(id: string, location: string): Promise<void> {
    await store.put('member', id, { instance_id: id, location }, 100 * MINUTE);
  }

  /** @param takenAt by the member's clock. */
  async function report(
    id: string,
    checks: readonly Readonly<Record<string, string | number>>[],
    takenAt = store.now(),
  ): Promise<void> {
    const all = checks.map(({ age = 0, ...more }) => ({ ...check({ ...more, at: takenAt - Number(age) }) }));
    await store.put(
      'metrics',
      id,
      JSON.parse(JSON.stringify({ metrics: { checks: all }, taken_at: takenAt })),
      99 * MINUTE,
    );
  }
});

describe('a registry', () => {
  it('tells of broken paths, those that go on before others', async () => {
    await using registry = await AskedRegistry.start();
    await registry.register('a');
    const failed = (target: string) => check({ target, verdict: 'failed', at: Date.now() });
    await registry.report('a', { checks: [failed('b')] });
    await registry.report('a', { checks: [check({ target: 'b', at: Date.now() }), failed('c'), failed('d')] });
    const { json } = await registry.get('/path_outages');
    expect(json).toMatchObject({ since: expect.any(Number), total: 3, left_out: 0 });
    expect(told(json).map(targetOf).sort()).toEqual(['b', 'c', 'd']);
    expect(told(json).find(({ target }) => target === 'b')).toMatchObject({ source_location: 'dc1', end: 'healed' });
    const few = (await registry.get('/path_outages?limit=2')).json;
    expect(few).toMatchObject({ total: 3 });
    expect(told(few).map(targetOf).sort()).toEqual(['c', 'd']);
    expect((await registry.get('/path_outages?limit=0')).status).toBe(400);
  });
});

function told(json: unknown): readonly BrokenPath[] {
  return Reflect.get(Object(json), 'path_outages');
}

function targetOf({ target }: BrokenPath): string {
  return target;
}
