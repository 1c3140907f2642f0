import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { type Actor, type ClientRouterServer, clientRouterServer, createLab, type Lab } from '../../lab/index.js';
import type { HttpClient } from './http-client.js';
import type { HttpServerActor } from './http-server.js';

const PORT = 7000;
const CHECK_PORT = 7001;

/** Bits per second: the file takes two seconds. */
const RATE = 32_000_000;

const CLIENTS = ['fetch', 'undici', 'got', 'ky', 'axios'];

describeInLab('HTTP over a network that is lost', ['tc'], () => {
  let lab: Lab;
  let net: ClientRouterServer;
  let server: Actor<HttpServerActor>;
  let client: Actor<HttpClient>;
  let folder: string;
  const url = (path: string) => `http://${net.addresses.server.ipv4}:${PORT}${path}`;

  beforeAll(async () => {
    lab = await createLab();
    net = await clientRouterServer(lab, { rate: RATE });
    folder = mkdtempSync(join(tmpdir(), 'netpause-http-'));
  });
  afterAll(async () => {
    await lab?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    server = await net.server.spawn<HttpServerActor>(new URL('./http-server.ts', import.meta.url));
    await Promise.all([PORT, CHECK_PORT].map((port) => server.call('listen', port)));
    client = await net.client.spawn<HttpClient>(new URL('./http-client.ts', import.meta.url));
    await client.call('start', {
      checkHosts: [net.addresses.server.ipv4],
      checkPorts: [CHECK_PORT],
      checkInterval: 500,
      checkTimeout: 500,
    });
    await client.event('state', (state) => state === 'up');
  });
  afterEach(async () => {
    await client?.stop();
    await server?.stop();
  });

  const state = (wanted: string) => client.event('state', (each) => each === wanted);

  it('resumes a download at the very byte after the cable was pulled, without spending an attempt', async () => {
    const file = join(folder, 'file');
    const downloading = client.call('download', url('/file'), file);
    await client.event('progress', ({ received }) => received > 1_000_000);
    await lab.pullCable('client');
    await client.event('paused');
    await lab.plugIn('client');
    const { bytes } = await downloading;

    const { detail } = await server.event('asked', ({ range }) => range !== undefined);
    const offset = Number(/^bytes=(\d+)-$/.exec(detail.range ?? '')?.[1]);
    expect(client.events('progress').some(({ detail: { received } }) => received === offset)).toBe(true);
    expect(server.events('asked')).toHaveLength(2);
    expect(client.events('spent')).toEqual([]);
    expect(bytes).toBe(8 * 1024 * 1024);
    expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(await server.call('sha256'));
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it.each([
    { what: 'the cable is pulled', lose: () => lab.pullCable('client'), restore: () => lab.plugIn('client') },
    {
      what: 'nothing answers though all links are up',
      lose: () => lab.stopForwarding('router'),
      restore: () => lab.startForwarding('router'),
    },
  ])(
    'ends what hangs when $what, and repeats it with every client, without spending an attempt',
    async ({ lose, restore }) => {
      await server.call('hold');
      await client.call('getByAll', url('/path'));
      for (const _ of CLIENTS) await server.event('asked');
      await lose();
      for (const _ of CLIENTS) await client.event('paused');
      await server.call('release');
      await restore();
      for (const _ of CLIENTS) await client.event('settled');
      const outcomes = client.events('settled').map(({ detail: { work, outcome } }) => [work, outcome]);
      expect(Object.fromEntries(outcomes)).toEqual(Object.fromEntries(CLIENTS.map((work) => [work, '/path'])));
      expect(server.events('asked')).toHaveLength(2 * CLIENTS.length);
      expect(client.events('spent')).toEqual([]);
    },
  );

  it('neither ends nor repeats a POST that was sent, and holds back one that was not', async () => {
    await server.call('hold');
    await client.call('post', url('/first'));
    await server.event('asked');
    await lab.pullCable('client');
    await state('down');
    await client.call('post', url('/second'));
    await server.call('release');
    await lab.plugIn('client');
    const outcomes = [await client.event('settled'), await client.event('settled')].map(({ detail }) => detail.outcome);
    // The answer to the first was on its way all the time.
    expect(outcomes.sort()).toEqual(['/second', 'late']);
    expect(server.events('asked').map(({ detail }) => detail.path)).toEqual(['/first', '/second']);
  });
});
