import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  INITIAL_MEMBERS_STATE as INITIAL,
  judgeMembers,
  readExpectedMembers,
} from '../../../../src/ring/expected/index.js';
import { MatrixFeed } from '../../../../src/ring/registry/matrix-feed.js';
import { matrixOf } from '../../../../src/ring/registry/matrix-rows.js';
import type { RingChange } from '../../../../src/ring/registry/matrix-shapes.js';
import { type MissingAnalysis, missingAnalysis, NO_ANALYSIS } from '../../../../src/ring/registry/missing-analysis.js';
import { RingBook } from '../../../../src/ring/registry/ring-book.js';
import type { CheckRecord, ReportedMetrics } from '../../../../src/ring/wire/index.js';
import { MemoryStore } from '../../../../src/store/index.js';
import { AskedRegistry } from './asking.js';

const AT = 1_800_000_000_000;

function check(more: Partial<CheckRecord> = {}): CheckRecord {
  return {
    type: 'tcp',
    target: 'b',
    target_location: 'dc2',
    target_ip: '192.0.2.2',
    verdict: 'ok',
    at: AT - 4_000,
    ...more,
  };
}

function rowOf(metrics: ReportedMetrics, takenAt: number | null = AT) {
  const record = { key: 'a', value: {}, updatedAt: AT, expiresAt: AT + 1 };
  const part = matrixOf([{ id: 'a', at: AT, metrics, record, ...(takenAt !== null && { takenAt }) }]);
  const [row] = part.rows;
  return { ids: part.ids, targets: row?.targets, checks: row?.checks ?? {} };
}

describe('the rows of the matrix', () => {
  it('have a column for each type of check, in the order of the targets', () => {
    const { ids, targets, checks } = rowOf({
      checks: [
        check({ latency_ms: 12.3456 }),
        check({ target: 'c', verdict: 'failed', failure_source: 'path', reason: 'timeout' }),
        check({ type: 'ping', target: 'c', verdict: 'inconclusive', reason: 'no-carrier', at: AT - 90_000 }),
        check({ type: 'ping', loss: 0.25, latency_ms: 1 }),
        check({ type: 'bandwidth', bandwidth_mbps: 415.7, latency_ms: 20 }),
        check({
          type: 'traceroute',
          hops: [
            { hop: 1, ip: '192.0.2.9', latency_ms: 3 },
            { hop: 2, ip: '*', latency_ms: null },
          ],
        }),
      ],
    });
    expect([ids, targets]).toEqual([
      ['a', 'b', 'c'],
      [1, 2],
    ]);
    expect(checks).toEqual({
      tcp: { verdicts: '+-', values: [12.3, null], ages: [4, 4], notes: [[1, 'path: timeout']] },
      ping: { verdicts: '+?', values: [1, null], ages: [4, 90], notes: [[1, 'no-carrier']], extras: [0.25, null] },
      bandwidth: { verdicts: '+.', values: [416, null], ages: [4, 0], notes: [] },
      traceroute: { verdicts: '+.', values: [2, null], ages: [4, 0], notes: [], extras: [3, null] },
    });
  });

  it('show of several endpoints the worst, and of those that are alike the slowest', () => {
    const http = (verdict: CheckRecord['verdict'], latency_ms?: number) =>
      check({ type: 'http', verdict, endpoint: '/', ...(latency_ms !== undefined && { latency_ms }) });
    const verdicts = (...checks: readonly CheckRecord[]) => rowOf({ checks }).checks.http;
    expect(verdicts(http('ok', 5), http('failed'))).toMatchObject({ verdicts: '-' });
    expect(verdicts(http('inconclusive'), http('ok', 5))).toMatchObject({ verdicts: '?' });
    expect(verdicts(http('ok', 5), http('ok', 7), http('ok', 6))).toMatchObject({ verdicts: '+', values: [7] });
  });

  it('take the newest check for the time of a report that does not tell its own', () => {
    const { checks } = rowOf({ checks: [check({ at: AT - 10_000 }), check({ target: 'c', at: AT - 70_000 })] }, null);
    expect(checks.tcp?.ages).toEqual([0, 60]);
  });

  it('are made of what a Netring member reports, too', () => {
    const labels = { target_location: 'dc2', target_instance: 'b' };
    const metrics = {
      connectivity_tcp: { 'dc2:b': { labels, value: 0 } },
      connectivity_http: { 'dc2:b:/health': { labels, value: 1 }, 'dc2:b:/metrics': { labels, value: 1 }, bad: 7 },
      check_durations: { 'http:dc2:b': { avg_latency_ms: 21 } },
      bandwidth_tests: { 'dc2:b': { labels, bandwidth_mbps: 400 }, bad: null },
      traceroute_tests: { 'dc2:b': { labels, total_hops: 7, max_hop_latency_ms: 30 }, bad: { total_hops: 1 } },
      detailed_traceroute_data: 'nonsense',
    };
    expect(rowOf(metrics).checks).toMatchObject({
      tcp: { verdicts: '-' },
      http: { verdicts: '+', values: [21] },
      bandwidth: { verdicts: '+', values: [400] },
      traceroute: { verdicts: '+', values: [7], extras: [30] },
    });
  });

  it('never show a member to itself, whatever it says', () => {
    expect(rowOf({ checks: [check({ target: 'a' })] }).targets).toEqual([]);
  });
});

const EXPECTED = readExpectedMembers({
  expected_members: { locations: { dc1: { expected_count: 2, criticality: 'high' } } },
});

function presentIn(book: RingBook) {
  return book.active().map(({ instance_id: id, location }) => ({ id, location }));
}

describe('what changes in the matrix', () => {
  let store: MemoryStore;
  let book: RingBook;
  let feed: MatrixFeed;
  let heard: RingChange[];
  let stop: () => void;
  let offlineSince: number | undefined;
  let analysis: () => MissingAnalysis;

  beforeEach(() => {
    vi.useFakeTimers();
    store = new MemoryStore();
    book = new RingBook(store, { member: 3e5, report: 3e5, deregistered: 3e5, outage: 3e5 });
    offlineSince = undefined;
    analysis = () => NO_ANALYSIS;
    feed = new MatrixFeed({ book, store, version: '1', offlineSince: () => offlineSince, analysis: () => analysis() });
    heard = [];
    stop = feed.source(({ event, data }) => {
      if (event === 'change') heard.push(JSON.parse(data));
    });
  });

  afterEach(async () => {
    stop();
    await store.close();
    vi.useRealTimers();
  });

  const joins = (id: string) => book.register({ instance_id: id, location: 'dc1', ip: '192.0.2.1', port: 8757 });

  it('is told together, and only what changed', async () => {
    await joins('a');
    await joins('b');
    await book.report({
      instance_id: 'a',
      metrics: { checks: [check()], outages: [{ from: 5, reason: 'no-carrier' }] },
    });
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(heard).toEqual([
      {
        now: expect.any(Number),
        members: [expect.objectContaining({ instance_id: 'a' }), expect.objectContaining({ instance_id: 'b' })],
        matrix: { ids: ['a', 'b'], rows: [expect.objectContaining({ source: 0, targets: [1] })] },
        outages: [expect.objectContaining({ id: 'a', from: 5 })],
      },
    ]);
    await book.heartbeat('b');
    vi.advanceTimersByTime(200);
    expect(heard[1]).toEqual({ now: expect.any(Number), members: [expect.objectContaining({ instance_id: 'b' })] });
  });

  it('is told of those who leave, and of those who are forgotten', async () => {
    await joins('a');
    await book.report({ instance_id: 'a', metrics: { checks: [check()] } });
    vi.advanceTimersByTime(200);
    await book.deregister('a');
    vi.advanceTimersByTime(200);
    expect(heard[1]).toMatchObject({ members: [{ instance_id: 'a', status: 'deregistered' }], silent: ['a'] });
    await store.delete('deregistered', 'a');
    vi.advanceTimersByTime(200);
    expect(heard[2]).toMatchObject({ gone: ['a'] });
  });

  it('is told of how the registry is itself, within two seconds', () => {
    offlineSince = 77;
    vi.advanceTimersByTime(2_000);
    expect(heard).toMatchObject([{ registry: { version: '1', offline_since: 77 } }]);
    vi.advanceTimersByTime(20_000);
    expect(heard).toHaveLength(1);
  });

  it('is told of who is missing within two seconds, in numbers, and not again each time that somebody is heard of', async () => {
    analysis = () => missingAnalysis(judgeMembers(EXPECTED, presentIn(book), INITIAL, 0), book.active(), store.now());
    const told = () => heard.flatMap((change) => change.analysis ?? []);
    await joins('a');
    vi.advanceTimersByTime(200);
    expect(told()).toEqual([]);
    vi.advanceTimersByTime(1_800);
    expect(told()).toMatchObject([{ locations: { dc1: { expected_count: 2, actual_count: 1 } } }]);
    expect(JSON.stringify([told(), feed.snapshot().analysis])).not.toContain('current_members');
    for (let count = 0; count < 5; count += 1) {
      vi.advanceTimersByTime(2_000);
      await book.heartbeat('a');
    }
    expect(told()).toHaveLength(1);
    expect(heard.at(-1)).toMatchObject({ members: [{ instance_id: 'a' }] });
    await joins('b');
    vi.advanceTimersByTime(2_000);
    expect(told()).toHaveLength(2);
  });

  it('costs nothing while nobody listens', async () => {
    stop();
    expect(store.listenerCount('change')).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    await joins('a');
    expect(vi.getTimerCount()).toBe(0);
    expect(feed.snapshot().members).toHaveLength(1);
  });
});

describe('the page of a registry', () => {
  let registry: AskedRegistry;

  beforeEach(async () => {
    registry = await AskedRegistry.start({ readTokens: ['reader-token-0123'] });
  });

  afterEach(() => registry[Symbol.asyncDispose]());

  it('is told to everybody, needs nothing of another host and allows no script in it', async () => {
    const page = await registry.get('/');
    expect(page).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
    });
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    );
    expect(page.headers['content-security-policy']).not.toContain('unsafe');
    expect(page.text).not.toMatch(/<script(?! type="module" src="\/assets\/)|<style|(?:src|href)="(?!\/|data:)/);
    const paths = [...page.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
    expect(paths.length).toBeGreaterThanOrEqual(2);
    for (const path of paths) {
      const file = await registry.get(path);
      expect(file.status).toBe(200);
      expect(file.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      // Other hosts are named in namespaces only.
      expect(file.text.replaceAll('http://www.w3.org/', '')).not.toMatch(/\bhttps?:\/\/\w/);
    }
  });

  it('is compressed, and not sent again to who has it', async () => {
    const [, path = ''] = /src="(\/assets\/[^"]+)"/.exec((await registry.get('/')).text) ?? [];
    const plain = await registry.get(path);
    const [br, gzip] = [await bytes(path, 'gzip;q=0.5, br'), await bytes(path, 'gzip')];
    expect([br.coding, gzip.coding]).toEqual(['br', 'gzip']);
    expect(brotliDecompressSync(br.body).toString()).toBe(plain.text);
    expect(gunzipSync(gzip.body).toString()).toBe(plain.text);
    expect(br.body.length).toBeLessThan(plain.text.length / 2);
    const tag = plain.headers.etag ?? '';
    expect(await registry.get(path, { 'if-none-match': `"x", W/${tag}` })).toMatchObject({ status: 304, text: '' });
    expect((await registry.get(path, { 'if-none-match': '"x"' })).status).toBe(200);
  });

  it('has no other files than its own', async () => {
    for (const path of ['/assets/', '/assets/none.js', '/assets/__proto__', '/assets/..%2f..%2fpackage.json']) {
      expect((await registry.get(path)).status).toBe(404);
    }
    expect((await registry.get('/matrix')).status).toBe(401);
  });

  it('needs less than 100 KB of script to show itself', async () => {
    const { text } = await registry.get('/');
    const [, entry = ''] = /src="(\/assets\/[^"]+)"/.exec(text) ?? [];
    const seen = new Map<string, number>();
    const load = async (path: string): Promise<void> => {
      if (seen.has(path)) return;
      const script = (await registry.get(path)).text;
      seen.set(path, script.length);
      for (const [, name] of script.matchAll(/(?:from|import)"\.\/([^"]+)"/g)) await load(`/assets/${name}`);
    };
    await load(entry);
    expect([...seen.values()].reduce((sum, size) => sum + size, 0)).toBeLessThan(100_000);
  });

  function bytes(
    path: string,
    accepted: string,
  ): Promise<{ readonly coding: string | undefined; readonly body: Buffer }> {
    return new Promise((resolve, reject) => {
      const headers = { 'accept-encoding': accepted };
      request(`${registry.registry.url}${path}`, { headers, agent: false }, (response) => {
        buffer(response).then((body) => resolve({ coding: response.headers['content-encoding'], body }), reject);
      })
        .on('error', reject)
        .end();
    });
  }
});
