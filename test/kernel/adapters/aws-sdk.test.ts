import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { type Actor, type ClientRouterServer, clientRouterServer, createLab, type Lab } from '../../lab/index.js';
import type { S3 } from './aws-sdk/s3.js';
import type { Uploader } from './aws-sdk/uploader.js';

const MIB = 2 ** 20;
/** Bits in a second: a part takes a second and more. */
const RATE = 64_000_000;
const CONTENT = randomBytes(20 * MIB);
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

describeInLab('an upload to S3 on a real network', ['tc'], () => {
  let lab: Lab;
  let net: ClientRouterServer;
  let s3: Actor<S3>;
  let port: number;
  let folder: string;
  let uploader: Actor<Uploader>;

  beforeAll(async () => {
    lab = await createLab();
    net = await clientRouterServer(lab, { rate: RATE });
    s3 = await net.server.spawn<S3>(new URL('./aws-sdk/s3.ts', import.meta.url));
    port = await s3.call('start', net.addresses.server.ipv4);
  });
  afterAll(() => lab?.dispose());

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netpause-aws-sdk-'));
    await writeFile(join(folder, 'content.bin'), CONTENT);
    uploader = await spawnUploader();
  });
  afterEach(async () => {
    await uploader.stop();
    await rm(folder, { recursive: true });
  });

  const spawnUploader = () => net.client.spawn<Uploader>(new URL('./aws-sdk/uploader.ts', import.meta.url));
  const begin = (key: string, more: { readonly stateFile?: string } = {}) =>
    uploader.call('begin', {
      address: net.addresses.server.ipv4,
      port,
      key,
      file: join(folder, 'content.bin'),
      ...more,
    });
  const settled = async () => (await uploader.event('settled')).detail;
  const paused = (reason: string) => uploader.event('pause', (event) => event.reason === reason);

  it.each([
    {
      what: 'a pulled cable',
      reason: 'no-carrier',
      lose: () => lab.pullCable('client'),
      restore: () => lab.plugIn('client'),
    },
    {
      what: 'a route that is gone',
      reason: 'no-route',
      lose: () => lab.removeDefaultRoute('client'),
      restore: () => lab.restoreDefaultRoute('client'),
    },
  ])(
    'goes on through $what in the middle of its parts: no attempt spent, nothing left',
    async ({ what, reason, lose, restore }) => {
      await begin(what);
      await uploader.event('progress');
      await lose();
      await paused(reason);
      await restore();
      expect(await settled()).toMatchObject({ ok: true, partsSent: 4 });
      const { sha256, uploads, partsReceived, partBytes } = await s3.call('holding', what);
      expect({ sha256, uploads, spent: uploader.events('spent') }).toEqual({
        sha256: SHA256,
        uploads: ['completed'],
        spent: [],
      });
      expect(partsReceived.map(([number]) => number)).toEqual([1, 2, 3, 4]);
      // Sent again is at most what was on its way.
      expect(partBytes).toBeLessThanOrEqual(CONTENT.length + 10 * MIB);
    },
  );

  it('is gone on with by another process where one was killed', async () => {
    const stateFile = join(folder, 'upload.json');
    await begin('killed', { stateFile });
    await uploader.event('progress');
    process.kill(uploader.pid, 'SIGKILL');
    await uploader.exited;
    const before = await s3.call('holding', 'killed');
    expect(before.uploads).toEqual(['open']);
    uploader = await spawnUploader();
    await begin('killed', { stateFile });
    const end = await settled();
    if (!end.ok) expect.unreachable(end.error);
    expect(end.partsKept).toBeGreaterThanOrEqual(before.partsReceived.length);
    expect(end.partsKept + end.partsSent).toBe(4);
    expect(await s3.call('holding', 'killed')).toMatchObject({ sha256: SHA256, uploads: ['completed'] });
    expect(await readdir(folder)).toEqual(['content.bin']);
  });

  it('is complete once, though the answer to its completion is lost on a dead link', async () => {
    await s3.call('holdNextAnswer', 'CompleteMultipartUpload');
    await begin('answer lost');
    const isComplete = async () => (await s3.call('holding', 'answer lost')).uploads.includes('completed');
    await vi.waitFor(async () => expect(await isComplete()).toBe(true), { timeout: 20_000, interval: 50 });
    await lab.pullCable('client');
    await s3.call('releaseAnswer');
    await paused('no-carrier');
    await lab.plugIn('client');
    expect(await settled()).toMatchObject({ ok: true, etag: expect.stringMatching(/-4"$/) });
    const { sha256, uploads } = await s3.call('holding', 'answer lost');
    expect({ sha256, uploads, spent: uploader.events('spent') }).toEqual({
      sha256: SHA256,
      uploads: ['completed'],
      spent: [],
    });
  });
});
