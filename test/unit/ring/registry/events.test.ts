import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readExpectedMembers } from '../../../../src/ring/expected/index.js';
import { MemoryStore } from '../../../../src/store/index.js';
import { until } from '../../../lab/bounded.js';
import { AskedRegistry, check } from './asking.js';

const EXPECTED = readExpectedMembers({
  expected_members: { locations: { dc1: { expected_count: 1, criticality: 'high' } } },
});

describe('the events of a registry', () => {
  let store: MemoryStore;
  let registry: AskedRegistry;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    store = new MemoryStore();
    registry = await AskedRegistry.start({ store, expected: EXPECTED });
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await registry[Symbol.asyncDispose]();
  });

  it('tell who comes, reports and goes, and nothing of what registries say to each other', async () => {
    const socket = await listening();
    let heard = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      heard += chunk;
    });
    await store.put('expected', 'state', {}, 1_000);
    await store.put('registry', 'one', {}, 1_000);
    await registry.register('a\u00a0b"');
    await registry.report('a\u00a0b"', { checks: [check()], outages: [{ from: 1, reason: 'no-carrier' }] });
    await registry.post('/deregister', { instance_id: 'a\u00a0b"' });
    await comesTrue(() => heard.includes('event: metrics\ndata: {"key":"a\u00a0b\\""}'));
    const names = [...heard.matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
    expect(names).toEqual(['hello', 'member', 'outage', 'metrics', 'member', 'deregistered', 'member', 'metrics']);
    const [, first = ''] = /^event: member\ndata: (.*)$/m.exec(heard) ?? [];
    expect(JSON.parse(first)).toMatchObject({ key: 'a\u00a0b"', value: { location: 'dc1', status: 'active' } });
  });

  it('are told to many, but not to so many that nobody else gets in; and to nobody who has gone', async () => {
    const others = store.listenerCount('change');
    await Promise.all(Array.from({ length: 1_000 }, () => listening()));
    expect(store.listenerCount('change')).toBe(others + 1);
    const refused = await registry.get('/events');
    expect(refused).toMatchObject({ status: 503, json: { error: 'too many listen already' } });
    expect((await registry.register('a')).status).toBe(200);
    for (const socket of sockets.splice(0)) socket.destroy();
    await comesTrue(() => store.listenerCount('change') === others);
    await listening();
    expect(store.listenerCount('change')).toBe(others + 1);
  });

  it('cost nobody else anything when a listener takes nothing, and are given up with it', async () => {
    const others = store.listenerCount('change');
    await registry.register('a');
    const slow = await listening();
    slow.pause();
    const large = 'x'.repeat(2 ** 20);
    for (let count = 0; count < 40; count += 1) {
      expect((await registry.report('a', { general: { large, count } })).status).toBe(200);
    }
    slow.destroy();
    await comesTrue(() => store.listenerCount('change') === others);
  });

  it('tell a listener that was too slow to begin anew', async () => {
    await registry.register('a');
    const slow = await listening();
    slow.pause();
    const large = 'x'.repeat(2 ** 20);
    for (let count = 0; count < 40; count += 1) await registry.report('a', { general: { large, count } });
    let [heard, isTold] = ['', false];
    slow.setEncoding('utf8').on('data', (chunk: string) => {
      heard = heard.slice(-100) + chunk;
      isTold ||= heard.includes('event: reset\ndata: {}\n\n');
    });
    slow.resume();
    await comesTrue(() => isTold);
  });

  it('are not begun by a request that asks for no body', async () => {
    const others = store.listenerCount('change');
    const socket = connect(registry.registry.port, '127.0.0.1');
    sockets.push(socket);
    socket.write('HEAD /events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(`${answer}`).toMatch(/^HTTP\/1.1 200 /);
    expect(store.listenerCount('change')).toBe(others);
  });

  /** A connection on which the first event has come. */
  async function listening(): Promise<Socket> {
    const socket = connect(registry.registry.port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => {});
    socket.write('GET /events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
    let heard = '';
    for await (const [chunk] of eventsOf(socket)) {
      heard += chunk;
      if (heard.includes('event: hello')) break;
    }
    socket.unshift(Buffer.from(heard));
    return socket;
  }
});

async function* eventsOf(socket: Socket): AsyncGenerator<readonly unknown[]> {
  while (!socket.destroyed) yield await once(socket, 'data');
}

async function comesTrue(condition: () => boolean): Promise<void> {
  await until(condition, () => String(condition));
}
