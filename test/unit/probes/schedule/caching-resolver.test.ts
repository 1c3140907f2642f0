import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ResolvedHost } from '../../../../src/probes/resolve-host.js';
import { CachingResolver } from '../../../../src/probes/schedule/caching-resolver.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const signal = new AbortController().signal;
const ask = { family: 'any', signal } as const;

const known: ResolvedHost = { addresses: ['192.0.2.1'], ttl: 60 };
const moved: ResolvedHost = { addresses: ['192.0.2.2'], ttl: 60 };
const away = Object.assign(new Error('queryA ETIMEOUT'), { code: 'ETIMEOUT', syscall: 'queryA' });
const unknown = Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND', syscall: 'queryA' });

const resolving = (...answers: readonly (ResolvedHost | Error)[]) => {
  const resolve = vi.fn(async (): Promise<ResolvedHost> => {
    const answer = answers[resolve.mock.calls.length - 1] ?? answers.at(-1);
    if (answer === undefined || answer instanceof Error) throw answer;
    return answer;
  });
  return resolve;
};

const pass = (duration: number) => vi.advanceTimersByTimeAsync(duration);

describe('the addresses of a name', () => {
  it('are asked for once while their TTL has not passed', async () => {
    const resolve = resolving(known, moved);
    const cache = new CachingResolver({ resolve });
    expect(await cache.resolve('a.example', ask)).toEqual(known);
    await pass(59_999);
    expect(await cache.resolve('a.example', ask)).toEqual(known);
    await pass(1);
    expect(await cache.resolve('a.example', ask)).toEqual(moved);
    expect(resolve).toHaveBeenCalledTimes(2);
  });

  it('are asked for once by all who want them at the same time, and for each family', async () => {
    const resolve = resolving(known);
    const cache = new CachingResolver({ resolve });
    await Promise.all([1, 2, 3].map(() => cache.resolve('a.example', ask)));
    expect(resolve).toHaveBeenCalledTimes(1);
    await cache.resolve('a.example', { ...ask, family: 6 });
    expect(resolve).toHaveBeenCalledTimes(2);
  });

  it.each([
    [0, 5_000],
    [86_400, 300_000],
    [undefined, 30_000],
  ])('with a TTL of %s s are kept for %i ms', async (ttl, kept) => {
    const resolve = resolving({ addresses: ['192.0.2.1'], ...(ttl !== undefined && { ttl }) });
    const cache = new CachingResolver({ resolve });
    await cache.resolve('a.example', ask);
    await pass(kept - 1);
    await cache.resolve('a.example', ask);
    expect(resolve).toHaveBeenCalledTimes(1);
    await pass(1);
    await cache.resolve('a.example', ask);
    expect(resolve).toHaveBeenCalledTimes(2);
  });

  it('go on being used while the resolver is away, for a day', async () => {
    const resolve = resolving(known, away);
    const cache = new CachingResolver({ resolve });
    await cache.resolve('a.example', ask);
    await pass(3_600_000);
    expect(await cache.resolve('a.example', ask)).toEqual(known);
    expect(await cache.resolve('a.example', ask)).toEqual(known);
    expect(resolve).toHaveBeenCalledTimes(2);
    await pass(30_000);
    await cache.resolve('a.example', ask);
    expect(resolve).toHaveBeenCalledTimes(3);
    await pass(86_400_000);
    await expect(cache.resolve('a.example', ask)).rejects.toBe(away);
  });

  it('are not waited for long where there are old ones', async () => {
    let answer = (_: ResolvedHost): void => {};
    const resolve = vi.fn(async (): Promise<ResolvedHost> => {
      if (resolve.mock.calls.length === 1) return known;
      return new Promise((done) => {
        answer = done;
      });
    });
    const cache = new CachingResolver({ resolve });
    await cache.resolve('a.example', ask);
    await pass(60_000);
    const waiting = cache.resolve('a.example', ask);
    await pass(1_800);
    expect(await waiting).toEqual(known);
    answer(moved);
    await pass(0);
    expect(await cache.resolve('a.example', ask)).toEqual(moved);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are forgotten when it is said that there is no such name', async () => {
    const cache = new CachingResolver({ resolve: resolving(known, unknown) });
    await cache.resolve('a.example', ask);
    await pass(60_000);
    await expect(cache.resolve('a.example', ask)).rejects.toBe(unknown);
  });

  it('that do not exist are not asked for again at once', async () => {
    const resolve = resolving(unknown, known);
    const cache = new CachingResolver({ resolve });
    await expect(cache.resolve('a.example', ask)).rejects.toBe(unknown);
    await pass(4_999);
    await expect(cache.resolve('a.example', ask)).rejects.toBe(unknown);
    expect(resolve).toHaveBeenCalledTimes(1);
    await pass(1);
    expect(await cache.resolve('a.example', ask)).toEqual(known);
  });

  it('are kept for so many names only, those that were used last', async () => {
    const resolve = resolving(known);
    const cache = new CachingResolver({ resolve, size: 2 });
    await cache.resolve('a.example', ask);
    await cache.resolve('b.example', ask);
    await cache.resolve('a.example', ask);
    await cache.resolve('c.example', ask);
    expect(cache.size).toBe(2);
    await cache.resolve('a.example', ask);
    expect(resolve).toHaveBeenCalledTimes(3);
    await cache.resolve('b.example', ask);
    expect(resolve).toHaveBeenCalledTimes(4);
  });

  it('are those of the address itself where that is what was given', async () => {
    const resolve = resolving(unknown);
    const cache = new CachingResolver({ resolve });
    expect(await cache.resolve('192.0.2.7', ask)).toEqual({ addresses: ['192.0.2.7'] });
    expect(cache.size).toBe(0);
  });

  it('are waited for no longer by one whose signal aborts, and come to the others', async () => {
    let answer = (_: ResolvedHost): void => {};
    const cache = new CachingResolver({
      resolve: () =>
        new Promise((done) => {
          answer = done;
        }),
    });
    const controller = new AbortController();
    const leaving = cache.resolve('a.example', { family: 'any', signal: controller.signal });
    const staying = cache.resolve('a.example', ask);
    controller.abort(new Error('enough'));
    await expect(leaving).rejects.toThrow('enough');
    answer(known);
    expect(await staying).toEqual(known);
  });
});
