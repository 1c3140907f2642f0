import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ChecksumError,
  DownloadError,
  type DownloadOptions,
  download,
  HttpStatusError,
  StalledError,
} from '../../../../src/adapters/fetch/index.js';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { type Answer, type Asked, type HttpServer, turn } from '../http-server.js';
import { network, serve } from '../http-setting.js';

const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest();

let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpause-download-'));
  file = join(folder, 'file');
});

afterEach(() => rm(folder, { recursive: true }));

/** How a server gives a file. */
interface Giving {
  readonly etag?: string;
  readonly headers?: Record<string, string>;
  /** So many bytes of the answer, and then silence. */
  readonly upTo?: number;
  readonly knowsRanges?: boolean;
  readonly of?: Buffer;
}

function give(response: ServerResponse, { headers: { range, 'if-range': ifRange } }: Asked, giving: Giving = {}): void {
  const { etag = '"v1"', headers, upTo, knowsRanges = true, of = content } = giving;
  const isPart = knowsRanges && range !== undefined && ifRange === etag;
  const start = isPart ? Number(/^bytes=(\d+)-$/.exec(range)?.[1]) : 0;
  const rest = of.subarray(start);
  response.writeHead(isPart ? 206 : 200, {
    'Content-Length': rest.length,
    ...(etag !== '' && { ETag: etag }),
    ...(isPart && { 'Content-Range': `bytes ${start}-${of.length - 1}/${of.length}` }),
    ...headers,
  });
  if (upTo === undefined) response.end(rest);
  else response.write(rest.subarray(0, upTo));
}

/** The first answer stops in the midst, the others are as given. */
const halfThen =
  (then: Giving = {}, first: Giving = {}): Answer =>
  (response, asked, count) =>
    give(response, asked, count === 1 ? { upTo: 100_000, ...first } : then);

const quick: DownloadOptions = { network, interruptAfter: 1, minTimeout: 1 };

/** Resolves when so many bytes are in the file. */
function progressTo(bytes: number): {
  readonly reached: Promise<void>;
  readonly onProgress: DownloadOptions['onProgress'];
} {
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  return { reached, onProgress: ({ received }) => received >= bytes && reach() };
}

/** Through an outage after 100,000 bytes. */
async function downloadThroughOutage(there: HttpServer, options: DownloadOptions = {}) {
  const { reached, onProgress } = progressTo(100_000);
  const downloading = download(there.url('/file'), file, { ...quick, onProgress, ...options });
  await reached;
  network.down();
  await there.ended(1);
  network.up();
  return downloading;
}

async function expectWhole(): Promise<void> {
  expect((await readFile(file)).equals(content)).toBe(true);
  expect(await readdir(folder)).toEqual(['file']);
}

describe('download', () => {
  it('writes the file, and leaves nothing else', async () => {
    const there = await serve((response, asked) => give(response, asked));
    const progress: unknown[] = [];
    const result = await download(there.url('/file'), pathToFileURL(file), {
      ...quick,
      onProgress: (each) => void progress.push(each),
    });
    expect(result).toEqual({ file, bytes: content.length, resumedFrom: 0, verified: undefined });
    expect(progress.at(-1)).toEqual({ received: content.length, total: content.length });
    expect(there.asked[0]?.headers).toMatchObject({ 'accept-encoding': 'identity' });
    expect(there.asked[0]?.headers.range).toBeUndefined();
    await expectWhole();
  });

  it('writes an empty file', async () => {
    const there = await serve((response) => response.writeHead(200, { 'Content-Length': 0 }).end());
    expect(await download(there.url(), file, quick)).toMatchObject({ bytes: 0 });
    expect((await stat(file)).size).toBe(0);
  });

  it('writes what has no length that is known', async () => {
    const there = await serve((response) => response.write(content, () => response.end()));
    await download(there.url(), file, quick);
    await expectWhole();
  });

  it('resumes at the very byte after an outage, without spending an attempt', async () => {
    const there = await serve(halfThen());
    const onFailedAttempt = vi.fn();
    await downloadThroughOutage(there, { retries: 0, onFailedAttempt });
    await expectWhole();
    expect(onFailedAttempt).not.toHaveBeenCalled();
    expect(there.asked[1]?.headers).toMatchObject({ range: 'bytes=100000-', 'if-range': '"v1"' });
  });

  it('resumes by Last-Modified where there is no ETag', async () => {
    const modified = new Date(0).toUTCString();
    const headers = { 'Last-Modified': modified };
    const there = await serve((response, asked, count) => {
      if (count === 1) return give(response, asked, { etag: '', headers, upTo: 100_000 });
      give(response, asked, { etag: modified, headers });
    });
    await downloadThroughOutage(there);
    await expectWhole();
    expect(there.asked[1]?.headers).toMatchObject({ range: 'bytes=100000-', 'if-range': modified });
  });

  it.each([
    ['has another ETag now', halfThen({ etag: '"v2"' })],
    ['knows no ranges', halfThen({ knowsRanges: false })],
    ['names nothing by which the content is known again', halfThen({ etag: '' }, { etag: '' })],
    ['has a weak ETag', halfThen({ etag: 'W/"v1"' }, { etag: 'W/"v1"' })],
    ['refuses the range', refusesRange],
    ['sends a part of another content', sendsOtherPart],
  ])('begins anew where the server %s', async (_name, answer) => {
    const there = await serve(answer);
    const result = await downloadThroughOutage(there, { retries: 0 });
    expect(result.resumedFrom).toBe(0);
    await expectWhole();
  });

  it('goes on where the server sends less than was asked for', async () => {
    const there = await serve((response, asked, count) => {
      if (count === 1) return give(response, asked, { upTo: 100_000 });
      const start = Number(/\d+/.exec(asked.headers.range ?? '')?.[0]);
      const end = Math.min(start + 50_000, content.length);
      response
        .writeHead(206, { ETag: '"v1"', 'Content-Range': `bytes ${start}-${end - 1}/${content.length}` })
        .end(content.subarray(start, end));
    });
    await downloadThroughOutage(there, { retries: 0 });
    await expectWhole();
    expect(there.asked).toHaveLength(5);
  });

  it('learns the length from the first part where the whole came without one', async () => {
    const there = await serve((response, asked, count) => {
      if (count === 1) return void response.writeHead(200, { ETag: '"v1"' }).write(content.subarray(0, 100_000));
      const start = Number(/\d+/.exec(asked.headers.range ?? '')?.[0]);
      const end = Math.min(start + 150_000, content.length);
      response
        .writeHead(206, { ETag: '"v1"', 'Content-Range': `bytes ${start}-${end - 1}/${content.length}` })
        .end(content.subarray(start, end));
    });
    await downloadThroughOutage(there, { retries: 0 });
    await expectWhole();
    expect(there.asked).toHaveLength(3);
  });

  it('spends attempts on a server that fails, and gets them back with each byte', async () => {
    const there = await serve((response, asked, count) => {
      // Twice a byte, and a failure in between: more failures than there are retries.
      if (count % 2 === 0) return response.writeHead(503).end();
      if (count < 10) return give(response, asked, { upTo: 20_000 });
      give(response, asked);
    });
    const failures: unknown[] = [];
    const downloading = download(there.url('/file'), file, {
      ...quick,
      retries: 2,
      onFailedAttempt: ({ error }) => void failures.push(error),
      onProgress: ({ received }) => {
        if (received % 20_000 === 0 && received < 100_001) setImmediate(() => there.cutConnections());
      },
    });
    await downloading;
    await expectWhole();
    expect(failures.length).toBeGreaterThan(4);
  });

  /** Its connection breaks after 100,000 bytes, and then its resolver is silent for a while. */
  const withSilentResolver = (fails: number): { readonly fetch: typeof fetch; readonly calls: () => number } => {
    let calls = 0;
    return {
      calls: () => calls,
      fetch: async (input, init) => {
        calls += 1;
        if (calls > 1 && calls <= 1 + fails) throw Object.assign(new Error('no answer'), { code: 'EAI_AGAIN' });
        return fetch(input, init);
      },
    };
  };

  it('asks a silent resolver again, and spends nothing, where the server has sent a part already', async () => {
    const there = await serve(halfThen());
    const { fetch, calls } = withSilentResolver(2);
    const onFailedAttempt = vi.fn();
    await downloadThroughOutage(there, { retries: 0, fetch, onFailedAttempt });
    await expectWhole();
    expect(calls()).toBe(4);
    expect(onFailedAttempt).not.toHaveBeenCalled();
  });

  it('is ended by its signal while it waits for the resolver', async () => {
    const there = await serve(halfThen());
    const { fetch, calls } = withSilentResolver(1_000);
    const caller = new AbortController();
    const downloading = downloadThroughOutage(there, { fetch, signal: caller.signal });
    const settled = downloading.then(
      () => undefined,
      (error: unknown) => error,
    );
    await vi.waitUntil(() => calls() > 1);
    await turn();
    caller.abort();
    expect(await settled).toBe(caller.signal.reason);
  });

  it('does not ask for the connection to be closed: undici 7 ends the process where the last bytes wait then', async () => {
    const there = await serve((response, asked) => give(response, asked));
    await download(there.url('/file'), file, quick);
    expect(there.asked[0]?.headers.connection).toBe('keep-alive');
  });

  it.each([
    ['keeps its connections', {}, 'UND_ERR_SOCKET'],
    ['closes them anyway', { Connection: 'close' }, 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'],
  ])(
    'resumes where a server that %s closes one in the midst, as when it is restarted',
    async (_name, headers, code) => {
      const there = await serve((response, asked, count) => {
        give(response, asked, count === 1 ? { headers, upTo: 100_000 } : {});
        if (count === 1) setImmediate(() => response.socket?.end());
      });
      const failures: unknown[] = [];
      await download(there.url(), file, { ...quick, onFailedAttempt: ({ error }) => void failures.push(error) });
      await expectWhole();
      expect(failures).toMatchObject([{ cause: { code } }]);
    },
  );

  it('keeps what has come when it is aborted, and the next call resumes there', async () => {
    const there = await serve(halfThen());
    const { reached, onProgress } = progressTo(100_000);
    const caller = new AbortController();
    const first = download(there.url('/file?signature=1'), file, { ...quick, onProgress, signal: caller.signal });
    await reached;
    caller.abort();
    await expect(first).rejects.toBe(caller.signal.reason);
    expect((await readdir(folder)).sort()).toEqual(['file.part', 'file.part.json']);

    const result = await download(there.url('/file?signature=2'), file, quick);
    expect(result.resumedFrom).toBe(100_000);
    await expectWhole();
  });

  it('writes neither the query nor credentials into the state file, which only its owner may read', async () => {
    const there = await serve(halfThen());
    const { reached, onProgress } = progressTo(100_000);
    const caller = new AbortController();
    const headers = { Authorization: 'Bearer hush' };
    const options = { ...quick, headers, onProgress, signal: caller.signal };
    const downloading = download(there.url('/file?signature=hush'), file, options);
    await reached;
    caller.abort();
    await downloading.catch(() => {});
    expect(await readFile(`${file}.part.json`, 'utf8')).not.toMatch(/hush|127\.0\.0\.1/);
    expect((await stat(`${file}.part.json`)).mode & 0o777).toBe(0o600);
  });

  it('leaves nothing where it could not be resumed', async () => {
    const there = await serve(halfThen({}, { etag: '' }));
    const { reached, onProgress } = progressTo(100_000);
    const caller = new AbortController();
    const downloading = download(there.url(), file, { ...quick, onProgress, signal: caller.signal });
    await reached;
    caller.abort();
    await downloading.catch(() => {});
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['of another file', (state: object) => ({ ...state, url: 'other' })],
    ['that makes no sense', () => ({ version: 1, synced: -1 })],
    ['of a part that is longer than the whole', (state: object) => ({ ...state, length: 5 })],
  ])('begins anew with a state %s', async (_name, change) => {
    const there = await serve(halfThen());
    await leavePart(there, change);
    expect((await download(there.url('/file'), file, quick)).resumedFrom).toBe(0);
    await expectWhole();
  });

  it('after a restart of the machine relies only on what was certainly on the disk', async () => {
    const there = await serve(halfThen());
    await leavePart(there, (state) => ({ ...state, boot: 'another', synced: 50_000 }));
    expect((await download(there.url('/file'), file, quick)).resumedFrom).toBe(50_000);
    await expectWhole();
  });

  it('after a restart of the machine takes nothing for certain that a call before it did not write', async () => {
    const long = randomBytes(10 * 1024 * 1024);
    const there = await serve((response, asked, count) => {
      give(response, asked, { of: long, ...(count < 3 && { upTo: count === 1 ? 200_000 : 9 * 1024 * 1024 }) });
    });
    await leavePart(there, (state) => ({ ...state, boot: 'another', synced: 50_000 }));
    // What the machine had not written by then is there in its length only.
    await writeFile(`${file}.part`, Buffer.concat([long.subarray(0, 50_000), Buffer.alloc(long.length - 50_000)]));
    const certain = 50_000 + 9 * 1024 * 1024;
    await abortAt(there, certain);
    await download(there.url('/file'), file, quick);
    expect((await readFile(file)).equals(long)).toBe(true);
    expect(there.asked[2]?.headers.range).toBe(`bytes=${certain}-`);
  });

  it.each([
    ['it has the same still', '"v1"', content.length - 1],
    ['it has another by now', '"v2"', 0],
  ])('asks the server about a part that has everything, and %s', async (_name, etag, resumedFrom) => {
    const there = await serve((response, asked, count) => give(response, asked, count === 1 ? {} : { etag }));
    await mkdir(file);
    await expect(download(there.url('/file?id=1'), file, quick)).rejects.toMatchObject({ syscall: 'rename' });
    await rm(file, { recursive: true });
    expect(await download(there.url('/file?id=2'), file, quick)).toMatchObject({ resumedFrom });
    expect(there.asked).toHaveLength(2);
    await expectWhole();
  });

  it('leaves nothing of a whole that cannot get its name, where it could not be resumed', async () => {
    const there = await serve((response, asked) => give(response, asked, { etag: '' }));
    await mkdir(file);
    await expect(download(there.url(), file, quick)).rejects.toMatchObject({ syscall: 'rename' });
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('gives the file no name when it is aborted while the checksum is computed', async () => {
    const there = await serve((response, asked) => give(response, asked));
    const caller = new AbortController();
    const downloading = download(there.url(), file, {
      ...quick,
      sha256: sha256.toString('hex'),
      signal: caller.signal,
      onProgress: ({ received, total }) => {
        // All has come, and nothing of it is on the disk for certain.
        if (received === total) process.nextTick(() => caller.abort());
      },
      fetch: (input, init) => fetch(input, { ...init, signal: null }),
    });
    await expect(downloading).rejects.toMatchObject({ name: 'AbortError' });
    expect((await readdir(folder)).sort()).toEqual(['file.part', 'file.part.json']);
  });

  it.skipIf(process.geteuid?.() !== 0)('writes into a folder that may not be listed', async () => {
    const there = await serve((response, asked) => give(response, asked));
    const nobody = 65_534;
    await chown(folder, nobody, nobody);
    await chmod(folder, 0o300);
    process.seteuid?.(nobody);
    try {
      await download(there.url(), file, quick);
    } finally {
      process.seteuid?.(0);
    }
    await expectWhole();
  });

  it('verifies the checksum that it is given', async () => {
    const there = await serve((response, asked) => give(response, asked));
    const hex = sha256.toString('hex');
    const result = await download(there.url(), file, { ...quick, sha256: hex.toUpperCase() });
    expect(result.verified).toEqual({ algorithm: 'sha256', hex });
  });

  it('verifies the checksum that the server names, also after it has resumed', async () => {
    const there = await serve(halfThen({}, { headers: { 'Repr-Digest': `sha-256=:${sha256.toString('base64')}:` } }));
    expect((await downloadThroughOutage(there)).verified).toEqual({ algorithm: 'sha256', hex: sha256.toString('hex') });
  });

  it('deletes what does not have its checksum, and leaves the file of that name as it was', async () => {
    const there = await serve((response, asked) => give(response, asked));
    await writeFile(file, 'before');
    const downloading = download(there.url(), file, { ...quick, sha256: '0'.repeat(64) });
    await expect(downloading).rejects.toBeInstanceOf(ChecksumError);
    expect(await readdir(folder)).toEqual(['file']);
    expect(await readFile(file, 'utf8')).toBe('before');
    expect(there.asked).toHaveLength(1);
  });

  it('fetches the whole once more where a part of an earlier call was spoiled', async () => {
    const there = await serve(halfThen());
    await leavePart(there, (state) => state);
    await writeFile(`${file}.part`, Buffer.alloc(100_000));
    await download(there.url('/file'), file, { ...quick, sha256: sha256.toString('hex') });
    await expectWhole();
    expect(there.asked.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=100000-', undefined]);
  });

  it('rejects with the status that the server refuses with, and leaves nothing', async () => {
    const there = await serve((response) => response.writeHead(404).end('not here'));
    const downloading = download(there.url('/secret?token'), file, quick);
    await expect(downloading).rejects.toBeInstanceOf(HttpStatusError);
    await expect(downloading).rejects.toMatchObject({ status: 404, message: expect.not.stringContaining('secret') });
    expect(there.asked).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it('rejects where the server sends a part that was not asked for', async () => {
    const there = await serve((response) => response.writeHead(206, { 'Content-Range': 'bytes 5-9/10' }).end('56789'));
    await expect(download(there.url(), file, quick)).rejects.toBeInstanceOf(DownloadError);
  });

  it('ends a request that brings nothing for too long, and resumes', async () => {
    const there = await serve(halfThen());
    const failures: unknown[] = [];
    await download(there.url(), file, {
      ...quick,
      stallTimeout: 50,
      onFailedAttempt: ({ error }) => void failures.push(error),
    });
    expect(failures[0]).toBeInstanceOf(StalledError);
    await expectWhole();
  });

  it('does not try again where the file cannot be written', async () => {
    const there = await serve((response, asked) => give(response, asked));
    await expect(download(there.url(), join(folder, 'missing', 'file'), quick)).rejects.toMatchObject({
      code: 'ENOENT',
    });
    await mkdir(join(folder, 'file'));
    await expect(download(there.url(), file, quick)).rejects.toMatchObject({ syscall: 'rename' });
    expect(there.asked).toHaveLength(2);
  });

  it('refuses a second download to the same file while the first goes on', async () => {
    const there = await serve((response) => void turn().then(() => response.end()));
    const first = download(there.url(), file, quick);
    await expect(download(there.url(), file, quick)).rejects.toBeInstanceOf(InvalidOptionError);
    await first;
    await download(there.url(), file, quick);
  });

  it.each([
    ['a URL that is not of HTTP', 'ftp://127.0.0.1/', {}],
    ['a checksum that is none', 'http://127.0.0.1/', { sha256: 'abc' }],
    ['a stallTimeout of 0', 'http://127.0.0.1/', { stallTimeout: 0 }],
    ['an unknown option', 'http://127.0.0.1/', { resume: true }],
  ])('refuses %s', async (_name, url, options) => {
    await expect(Reflect.apply(download, undefined, [url, file, options])).rejects.toBeInstanceOf(InvalidOptionError);
  });
});

/** A call that ends when there are so many bytes. */
async function abortAt(there: HttpServer, bytes: number): Promise<void> {
  const caller = new AbortController();
  const { reached, onProgress } = progressTo(bytes);
  const downloading = download(there.url('/file'), file, { ...quick, onProgress, signal: caller.signal });
  await reached;
  caller.abort();
  await downloading.catch(() => {});
}

/** Leaves behind what a process does that is killed after 100,000 bytes, with its state changed. */
async function leavePart(there: HttpServer, change: (state: object) => object): Promise<void> {
  await abortAt(there, 100_000);
  const state: unknown = JSON.parse(await readFile(`${file}.part.json`, 'utf8'));
  await writeFile(`${file}.part.json`, JSON.stringify(change(Object(state))));
}

function refusesRange(response: ServerResponse, asked: Asked, count: number): void {
  if (count === 1) give(response, asked, { upTo: 100_000 });
  else if (asked.headers.range === undefined) give(response, asked);
  else response.writeHead(416, { 'Content-Range': 'bytes */5' }).end();
}

/** As servers do that know Range, but not If-Range. */
function sendsOtherPart(response: ServerResponse, asked: Asked, count: number): void {
  if (count === 1) give(response, asked, { upTo: 100_000 });
  else if (asked.headers.range === undefined) give(response, asked);
  else response.writeHead(206, { ETag: '"v2"', 'Content-Range': 'bytes 100000-299999/300000' }).end();
}
