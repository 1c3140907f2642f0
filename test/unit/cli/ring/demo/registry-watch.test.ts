import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RegistryWatch } from '../../../../../src/cli/ring/demo/registry-watch.js';
import type { RingView } from '../../../../../src/cli/ring/demo/ring-view.js';

/** Longer than any look here takes. Milliseconds. */
const LIMIT = 10_000;

let server: Server;
let watch: RegistryWatch;
let ending: AbortController;
let members: string[];
let listener: ServerResponse | undefined;
let isDown: boolean;
let looks: number;

beforeEach(async () => {
  members = ['aden'];
  isDown = false;
  looks = 0;
  listener = undefined;
  server = createServer(({ url }, response) => {
    if (isDown) return void response.writeHead(503).end('{}');
    if (url === '/events') {
      listener = response.writeHead(200, { 'content-type': 'text/event-stream' });
      return void response.write('event: hello\ndata: {}\n\n');
    }
    if (url === '/members') looks += 1;
    const told = members.map((id) => ({ instance_id: id, status: 'active', last_seen: 1 }));
    response.end(JSON.stringify({ members: told, metrics: {}, outages: [] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  ending = new AbortController();
  watch = new RegistryWatch(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
});

afterEach(async () => {
  ending.abort();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const has =
  (id: string) =>
  (view: RingView): boolean =>
    view.members.some((member) => member.id === id);

describe('who watches a registry', () => {
  it('sees what it tells, at once where that was seen already', async () => {
    void watch.run(ending.signal);
    expect(await watch.until(has('aden'), LIMIT, ending.signal)).toMatchObject({ checks: [], outages: [] });
    expect(await watch.until(has('aden'), 0, ending.signal)).toBeDefined();
  });

  it('looks when a report has come', async () => {
    void watch.run(ending.signal);
    await watch.until(() => listener !== undefined, LIMIT, ending.signal);
    const before = looks;
    for (const id of ['bonn', 'cork', 'doha', 'evora']) {
      members.push(id);
      listener?.write('event: metrics\ndata: {}\n\n');
      expect(await watch.until(has(id), LIMIT, ending.signal)).toBeDefined();
    }
    expect(looks - before).toBeGreaterThanOrEqual(4);
  });

  it('waits no longer than it is to, and not at all when it is to end', async () => {
    void watch.run(ending.signal);
    expect(await watch.until(has('bonn'), 50, ending.signal)).toBeUndefined();
    const waiting = watch.until(has('bonn'), LIMIT, ending.signal);
    ending.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(watch.until(has('aden'), LIMIT, ending.signal)).rejects.toThrow('enough');
  });

  it('goes on where the registry fails to answer for a while', async () => {
    isDown = true;
    void watch.run(ending.signal);
    expect(await watch.until(() => true, 300, ending.signal)).toBeUndefined();
    isDown = false;
    expect(await watch.until(has('aden'), LIMIT, ending.signal)).toBeDefined();
  });

  it('ends quietly with its signal', async () => {
    const run = watch.run(ending.signal);
    await watch.until(has('aden'), LIMIT, ending.signal);
    ending.abort(new Error('enough'));
    await expect(run).resolves.toBeUndefined();
  });
});
