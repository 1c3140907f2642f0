import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMember } from '../../src/ring/member/index.js';
import { createRegistry, createRingStore, type Registry } from '../../src/ring/registry/index.js';
import { until } from '../lab/bounded.js';
import { CommandError, runCommand } from '../lab/command.js';
import { PrometheusServer } from './prometheus-server.js';
import { RedisServer } from './redis-server.js';
import { RegistryProcess, type RegistryProcessOptions } from './registry-process.js';
import { isInstalled } from './require-program.js';

const [hasRedis, hasCurl, hasFaketime, hasPrometheus] = await Promise.all(
  ['redis-server', 'curl', 'faketime', 'prometheus'].map(isInstalled),
);
const RATE = { perSecond: 1e6, burst: 1e6 };

describe('a registry, asked by programs of others', () => {
  let registry: Registry;

  beforeEach(async () => {
    registry = await createRegistry({ port: 0, rate: RATE });
    for (const [index, location] of ['dc1', 'dc"2\\'].entries()) await joins(registry.url, `m${index}`, location);
  });

  afterEach(() => registry.close());

  it.skipIf(!hasCurl)("answers curl as Netring's users ask, and so does a member", async () => {
    const curl = async (url: string) => (await runCommand(['curl', '-sf', '--noproxy', '*', url])).stdout;
    const json = async (path: string) => JSON.parse(await curl(`${registry.url}${path}`));
    expect(await json('/health')).toMatchObject({ status: 'healthy', component: 'registry' });
    expect(await json('/members')).toMatchObject({ members: [{ instance_id: 'm0', location: 'dc1' }, {}] });
    expect(await json('/metrics')).toEqual({ metrics: {} });
    const options = { location: 'dc3', port: 0, bandwidthInterval: 0, registryUrl: registry.url };
    // The others are made up: nothing is sent to their addresses.
    await using member = await createMember({ ...options, allow: ['127.0.0.1'] });
    expect(JSON.parse(await curl(`${member.url}/health`))).toMatchObject({ status: 'healthy', location: 'dc3' });
    expect(await curl(`${member.url}/metrics`)).toMatch(/^netring_members \d/m);
  });

  it.skipIf(!hasPrometheus)('is scraped by Prometheus', async () => {
    const prometheus = await PrometheusServer.start(new URL(registry.url).host);
    try {
      await prometheus.queryUntil('netring_members', ([series]) => series?.value === 2);
      const seen = await prometheus.query('netring_member_last_seen_timestamp');
      expect(seen.map(({ metric }) => metric['location']).sort()).toEqual(['dc"2\\', 'dc1']);
      await asks(registry.url, '/deregister', { instance_id: 'm0' });
      await prometheus.queryUntil('netring_member_last_seen_timestamp', (series) => series.length === 1);
    } finally {
      await prometheus.stop();
    }
  });

  it.skipIf(!hasPrometheus)("has metrics that promtool finds in order, but for one of Netring's names", async () => {
    const page = await fetch(`${registry.url}/metrics?format=prometheus`);
    const failure: unknown = await runCommand(['promtool', 'check', 'metrics'], { input: await page.text() }).catch(
      (error: unknown) => error,
    );
    const complaints = failure instanceof CommandError ? failure.stderr.trim().split('\n') : [];
    expect(complaints).toEqual(['netring_members_total non-counter metrics should not have "_total" suffix']);
  });
});

describe.skipIf(!hasRedis)('registries that share a Redis', () => {
  let redis: RedisServer;
  const closes: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    redis = await RedisServer.start();
  });

  afterEach(async () => {
    for (const close of closes.splice(0).reverse()) await close();
    await redis.stop();
  });

  it('are one to the members', async () => {
    const [one, other] = [await here(), await here()];
    await joins(one, 'a', 'dc1');
    await comesTrue(async () => (await asks(other, '/heartbeat', { instance_id: 'a' })) === 200);
    expect(await reports(other, 'a', 1)).toBe(200);
    await comesTrue(async () => (await numberOf(one, 'a')) === 1);
    expect(await asks(other, '/deregister', { instance_id: 'a' })).toBe(200);
    await comesTrue(async () => (await asks(one, '/heartbeat', { instance_id: 'a' })) === 404);
    await comesTrue(async () => JSON.stringify(await ask(one, '/members')).includes('"status":"deregistered"'));
  });

  it('lose nothing that was acknowledged when one of them is killed', async () => {
    const one = await process({});
    const ids = Array.from({ length: 10 }, (_, index) => `m${index}`);
    for (const id of ids) await joins(one.url, id, 'dc1');
    const acknowledged = new Map<string, number>();
    const members = ids.map(async (id) => {
      for (let count = 1; ; count += 1) {
        if ((await reports(one.url, id, count).catch(() => 0)) !== 200) return;
        acknowledged.set(id, count);
      }
    });
    await comesTrue(async () => [...acknowledged.values()].reduce((sum, count) => sum + count, 0) > 300);
    await one.kill();
    await Promise.all(members);
    const other = await here();
    const { outages } = Object(await ask(other, '/outages'));
    for (const [id, count] of acknowledged) {
      expect(await numberOf(other, id)).toBeGreaterThanOrEqual(count);
      const told = outages.filter((each: unknown) => Reflect.get(Object(each), 'id') === id);
      const latest = Math.max(...told.map((each: unknown) => Reflect.get(Object(each), 'from')));
      expect(latest).toBeGreaterThanOrEqual(count);
    }
  });

  it.each([false, true])('go on while Redis is away, also where it comes back with nothing: %s', async (empty) => {
    const one = await here();
    await joins(one, 'a', 'dc1');
    expect(await reports(one, 'a', 1)).toBe(200);
    await redis.kill();
    await comesTrue(async () => (await fetch(`${one}/health`)).status === 503);
    expect(await ask(one, '/health')).toMatchObject({
      status: 'unhealthy',
      store: { kind: 'redis', reachable: false, away_since: expect.any(Number) },
      error: expect.any(String),
    });
    const refused = await post(one, '/report_metrics', reportOf('a', 2));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await numberOf(one, 'a')).toBe(2);
    expect(await asks(one, '/heartbeat', { instance_id: 'a' })).toBe(200);
    await joins(one, 'b', 'dc2');
    await redis.resume({ empty });
    await comesTrue(async () => (await reports(one, 'a', 2)) === 200);
    await comesTrue(async () => (await fetch(`${one}/health`)).status === 200);
    const other = await here();
    expect(await ask(other, '/members')).toMatchObject({ members: [{ instance_id: 'a' }, { instance_id: 'b' }] });
    expect(await numberOf(other, 'a')).toBe(2);
  });

  it.skipIf(!hasFaketime)('go by the clock of Redis, whatever theirs say', async () => {
    const [early, late] = [await process({ clock: '-1h' }), await process({ clock: '+1h' })];
    const here_ = await here();
    const urls = [early.url, late.url, here_];
    for (const [index, url] of urls.entries()) await joins(url, `m${index}`, 'dc1');
    for (const [count, url] of [...urls, ...urls].entries()) {
      await comesTrue(async () => (await asks(url, '/heartbeat', { instance_id: 'm0' })) === 200);
      expect(await reports(url, 'm0', count)).toBe(200);
      for (const each of urls) await comesTrue(async () => (await numberOf(each, 'm0')) === count);
    }
    for (const url of urls) {
      const { members } = Object(await ask(url, '/members'));
      expect(members).toHaveLength(3);
      for (const { last_seen: seen } of members) expect(Math.abs(seen - Date.now() / 1_000)).toBeLessThan(60);
    }
  });

  it('tell of an alert once, and another of them goes on where one was killed', async () => {
    const heard: string[] = [];
    const server = createServer(async (request, response) => {
      const { event, key } = JSON.parse(await text(request));
      heard.push(`${event} ${key}`);
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closes.push(async () => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    const webhook = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
    const [one, other] = [await process({ webhook }), await process({ webhook })];
    await comesTrue(async () => heard.length > 0);
    expect(await ask(other.url, '/members_with_analysis')).toMatchObject({ missing_analysis: { alerts: [{}] } });
    await one.kill();
    await joins(other.url, 'a', 'dc1');
    await comesTrue(async () => heard.length > 1);
    expect(heard).toEqual(['raised error:location:dc1', 'resolved error:location:dc1']);
  });

  /** A registry in this process. @returns where it listens. */
  async function here(): Promise<string> {
    const client = redis.client();
    await comesTrue(async () => client.status === 'ready');
    const store = createRingStore({ client, surveyInterval: 200 });
    const registry = await createRegistry({ port: 0, store, rate: RATE });
    closes.push(() => registry.close());
    return registry.url;
  }

  async function process(options: Omit<RegistryProcessOptions, 'redisPort'>): Promise<RegistryProcess> {
    const registry = await RegistryProcess.start({ redisPort: redis.port, ...options });
    closes.push(() => registry.kill());
    return registry;
  }
});

function post(url: string, path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function asks(url: string, path: string, body: object): Promise<number> {
  const response = await post(url, path, body);
  await response.body?.cancel();
  return response.status;
}

async function ask(url: string, path: string): Promise<unknown> {
  return (await fetch(`${url}${path}`)).json();
}

async function joins(url: string, id: string, location: string): Promise<void> {
  expect(await asks(url, '/register', { instance_id: id, location, ip: '192.0.2.1', port: 8757 })).toBe(200);
}

function reportOf(id: string, count: number): object {
  const outages = [{ from: count, until: count + 1, reason: 'no-carrier' }];
  return { instance_id: id, taken_at: count, metrics: { general: { count }, outages } };
}

function reports(url: string, id: string, count: number): Promise<number> {
  return asks(url, '/report_metrics', reportOf(id, count));
}

/** Of the latest report of a member. */
async function numberOf(url: string, id: string): Promise<number | undefined> {
  const { metrics } = Object(await ask(url, '/metrics'));
  return metrics[id]?.general.count;
}

async function comesTrue(condition: () => Promise<boolean>): Promise<void> {
  await until(condition, () => String(condition));
}
