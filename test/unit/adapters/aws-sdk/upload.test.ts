import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  BodyChangedError,
  networkAware,
  StateFileError,
  Upload,
  UploadMismatchError,
  type UploadOptions,
  type UploadProgress,
} from '../../../../src/adapters/aws-sdk/index.js';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { SimulatedNetwork } from '../../../../src/testing/index.js';
import { createS3Server, type Operation, type S3Server } from '../../../fixtures/s3/index.js';
import { BUCKET, nothingIsLeft, rejection, s3Client, stored, until, withBucket } from './support.js';

const MIB = 2 ** 20;
const CONTENT = randomBytes(12 * MIB);

let network: SimulatedNetwork;
let server: S3Server;
let client: S3Client;
let folder: string;

beforeEach(async () => {
  network = new SimulatedNetwork();
  server = await createS3Server();
  await withBucket(server);
  client = makeClient();
  folder = await mkdtemp(join(tmpdir(), 'netpause-upload-'));
});
afterEach(async () => {
  client.destroy();
  await server.close();
  await rm(folder, { recursive: true });
  await nothingIsLeft(network);
});

function makeClient(config: S3ClientConfig = {}): S3Client {
  return s3Client(server, { ...networkAware(network, { interruptAfter: 20 }), ...config });
}

/** What differs from the upload of a body to `k`. */
type Differences = Partial<Omit<UploadOptions, 'params'>> & { readonly params?: Partial<UploadOptions['params']> };

function upload(Body: UploadOptions['params']['Body'], { params = {}, ...options }: Differences = {}): Upload {
  return new Upload({ client, minTimeout: 1, ...options, params: { Bucket: BUCKET, Key: 'k', Body, ...params } });
}

const asked = (operation: Operation) => server.requests.filter((request) => request.operation === operation);
const openUploads = () => server.uploads.filter(({ state }) => state === 'open');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const isWhole = () => sha256(stored(server, 'k')) === sha256(CONTENT);

async function fileOf(content: Uint8Array = CONTENT): Promise<{ readonly file: string }> {
  const file = join(folder, 'content.bin');
  await writeFile(file, content);
  return { file };
}

describe('a body', () => {
  it.each([
    ['a string', 'content'],
    ['bytes', Buffer.from('content')],
    ['a Blob', new Blob(['con', 'tent'])],
    ['a stream', () => Readable.from(['con', 'tent'])],
    ['a web stream', () => new Blob(['content']).stream()],
    [
      'an async iterable',
      async function* () {
        yield 'con';
        yield Buffer.from('tent');
      },
    ],
  ])('that is %s and small is sent by one PutObject', async (_what, body) => {
    const result = await upload(typeof body === 'function' ? body() : body).done();
    expect(stored(server, 'k').toString()).toBe('content');
    expect(result).toMatchObject({
      Bucket: BUCKET,
      Key: 'k',
      ETag: '"9a0364b9e99bb480dd25e1f0284c8555"',
      partsSent: 0,
    });
    expect(asked('PutObject').length).toBe(1);
    expect(server.uploads).toEqual([]);
  });

  it.each([
    ['a string', ''],
    ['bytes', new Uint8Array()],
    ['a stream', () => Readable.from([])],
  ])('without a byte is an object all the same: %s', async (_what, body) => {
    await upload(typeof body === 'function' ? body() : body).done();
    expect(server.object(BUCKET, 'k')?.size).toBe(0);
  });

  it.each([
    ['bytes', () => CONTENT],
    ['a Blob', () => new Blob([CONTENT])],
    ['a stream', () => Readable.from([CONTENT.subarray(0, 7 * MIB), CONTENT.subarray(7 * MIB)])],
    ['a file', () => fileOf()],
  ])('that is larger is sent in parts: %s', async (_what, body) => {
    const result = await upload(await body()).done();
    expect(isWhole()).toBe(true);
    expect(result).toMatchObject({ ETag: server.object(BUCKET, 'k')?.etag, partsSent: 3, partsKept: 0 });
    expect(result.ChecksumCRC32).toBe(server.object(BUCKET, 'k')?.checksum?.value);
    expect(openUploads()).toEqual([]);
  });

  it('that is as large as a part is one PutObject still', async () => {
    await upload(CONTENT.subarray(0, 5 * MIB)).done();
    expect(server.uploads).toEqual([]);
  });

  it.each([
    ['an ArrayBuffer', new Uint8Array([1, 2, 3, 4]).buffer],
    ['a view of another kind', new Uint16Array(new Uint8Array([1, 2, 3, 4]).buffer)],
    ['a DataView', new DataView(new Uint8Array([0, 1, 2, 3, 4]).buffer, 1)],
  ])('that gives %s is its bytes', async (_what, chunk) => {
    await upload(Readable.from([chunk])).done();
    expect([...stored(server, 'k')]).toEqual([1, 2, 3, 4]);
  });

  it.each([[42], [{ content: 'content' }]])('that gives %o, and not bytes, is refused', async (chunk) => {
    await expect(upload(Readable.from([chunk])).done()).rejects.toThrow(TypeError);
    expect(server.object(BUCKET, 'k')).toBeUndefined();
  });

  it.each([
    ['shorter', 13 * MIB],
    ['longer', 11 * MIB],
  ])('that is a stream and %s than its ContentLength is not stored', async (_what, ContentLength) => {
    await expect(upload(Readable.from([CONTENT]), { params: { ContentLength } }).done()).rejects.toThrow(RangeError);
    await expect(upload(Readable.from(['content']), { params: { ContentLength: 8 } }).done()).rejects.toThrow(/8/);
    expect(server.object(BUCKET, 'k')).toBeUndefined();
    expect(openUploads()).toEqual([]);
  });

  it('is checked by SHA-256 where that is wanted', async () => {
    const result = await upload(CONTENT, { params: { ChecksumAlgorithm: 'SHA256' } }).done();
    expect(result.ChecksumSHA256).toMatch(/=-3$/);
    expect(server.object(BUCKET, 'k')?.checksum?.value).toBe(result.ChecksumSHA256);
  });

  it('becomes what the params say, whichever way it is sent', async () => {
    const params = { ContentType: 'text/plain', Metadata: { color: 'blue' }, ContentLength: 7 };
    await upload('content', { params }).done();
    expect(server.object(BUCKET, 'k')?.headers).toMatchObject({
      'content-type': 'text/plain',
      'x-amz-meta-color': 'blue',
    });
    await upload(CONTENT, { params }).done();
    expect(server.object(BUCKET, 'k')?.headers).toMatchObject({
      'content-type': 'text/plain',
      'x-amz-meta-color': 'blue',
    });
    expect(isWhole()).toBe(true);
  });

  it('tells how far it is', async () => {
    const progress: UploadProgress[] = [];
    await upload(CONTENT, { queueSize: 1 })
      .on('httpUploadProgress', (event) => progress.push(event))
      .done();
    expect(progress.map(({ loaded, total, part }) => [loaded / MIB, (total ?? 0) / MIB, part])).toEqual([
      [5, 12, 1],
      [10, 12, 2],
      [12, 12, 3],
    ]);
  });

  it('has no more parts on their way, and in memory, than queueSize', async () => {
    const release = server.hangNext({ operation: 'UploadPart', times: 9 });
    const Body = Readable.from(Array.from({ length: 6 }, () => CONTENT.subarray(0, 5 * MIB)));
    const uploading = upload(Body, { queueSize: 2 }).done();
    await until(() => asked('UploadPart').length === 2);
    // The two that are sent, and those that were read to know that there are two.
    expect(Body.readableEnded).toBe(false);
    release();
    await uploading;
    expect(server.object(BUCKET, 'k')?.size).toBe(30 * MIB);
  });
});

describe('an outage', () => {
  it('costs the parts that are on their way, and no attempt; what is stored is not sent again', async () => {
    client = makeClient({ maxAttempts: 1 });
    const onFailedAttempt = vi.fn();
    const releases: (() => void)[] = [];
    const uploading = upload(CONTENT, { queueSize: 1, retries: 0, onFailedAttempt })
      .on('httpUploadProgress', ({ part }) => {
        if (part === 1) releases.push(server.hangNext({ operation: 'UploadPart' }));
      })
      .done();
    await until(() => asked('UploadPart').length === 2);
    network.down();
    await until(() => network.waiters === 1);
    network.up();
    const result = await uploading;
    for (const release of releases) release();
    expect(result.partsSent).toBe(3);
    expect(onFailedAttempt).not.toHaveBeenCalled();
    expect(isWhole()).toBe(true);
    expect([...(server.uploads[0]?.partsReceived ?? [])]).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
  });

  it('may befall every call of an upload', async () => {
    client = makeClient({ maxAttempts: 1 });
    const releases = (['CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload'] as const).map((operation) =>
      server.hangNext({ operation }),
    );
    const uploading = upload(CONTENT, { retries: 0, queueSize: 1 }).done();
    for (const operation of ['CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload'] as const) {
      await until(() => asked(operation).length === 1);
      network.down();
      await until(() => network.waiters === 1);
      network.up();
    }
    await uploading;
    for (const release of releases) release();
    expect(isWhole()).toBe(true);
    expect(openUploads()).toEqual([]);
  });
});

describe('a failing server', () => {
  it('is tried again by the options of the upload, when the SDK has given up', async () => {
    client = makeClient({ maxAttempts: 1 });
    const onFailedAttempt = vi.fn();
    server.failNext({ operation: 'UploadPart', times: 2 });
    await upload(CONTENT, { retries: 2, queueSize: 1, onFailedAttempt }).done();
    expect(onFailedAttempt).toHaveBeenCalledTimes(2);
    expect(isWhole()).toBe(true);
  });

  it('may be restarted under it', async () => {
    const uploading = upload(CONTENT, { queueSize: 1, factor: 1, minTimeout: 20, retries: 1000 }).done();
    await until(() => asked('UploadPart').length === 2);
    await server.stop();
    await server.start();
    await uploading;
    expect(isWhole()).toBe(true);
    expect(openUploads()).toEqual([]);
  });

  it('that refuses is not asked again, and keeps no parts', async () => {
    server.failNext({ operation: 'UploadPart', status: 403, code: 'AccessDenied' });
    await expect(upload(CONTENT).done()).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(server.uploads.map(({ state }) => state)).toEqual(['aborted']);
  });

  it('rejects with its own error when the retries are spent', async () => {
    client = makeClient({ maxAttempts: 1 });
    server.failNext({ operation: 'CreateMultipartUpload', times: 3 });
    await expect(upload(CONTENT, { retries: 2 }).done()).rejects.toMatchObject({ name: 'SlowDown' });
    expect(asked('CreateMultipartUpload').length).toBe(3);
  });

  it('keeps the parts where that is wanted, and the upload says which it is', async () => {
    server.failNext({ operation: 'CompleteMultipartUpload', status: 403, code: 'AccessDenied' });
    const failing = upload(CONTENT, { leavePartsOnError: true });
    await rejection(failing.done());
    expect(openUploads().map(({ id }) => id)).toEqual([failing.uploadId]);
    await failing.abort();
    expect(openUploads()).toEqual([]);
    expect(failing.uploadId).toBeUndefined();
  });

  it('that stores something else is found out, part by part', async () => {
    const handler = new NodeHttpHandler();
    let lies = 1;
    const { handle } = handler;
    vi.spyOn(handler, 'handle').mockImplementation(async (request, options) => {
      const output = await handle.call(handler, request, options);
      if (request.query['partNumber'] === '2' && lies-- > 0)
        output.response.headers['x-amz-checksum-crc32'] = 'AAAAAA==';
      return output;
    });
    client = makeClient({ requestHandler: handler });
    const onFailedAttempt = vi.fn();
    await upload(CONTENT, { onFailedAttempt }).done();
    expect(onFailedAttempt.mock.calls).toMatchObject([[{ error: expect.any(UploadMismatchError) }]]);
    expect(isWhole()).toBe(true);
  });
});

describe('CompleteMultipartUpload', () => {
  it('is done once, though its answer is lost', async () => {
    client = makeClient({ maxAttempts: 1 });
    server.loseNextAnswer({ operation: 'CompleteMultipartUpload' });
    const result = await upload(CONTENT, { retries: 0 }).done();
    expect(result.ETag).toBe(server.object(BUCKET, 'k')?.etag);
    expect(asked('CompleteMultipartUpload').length).toBe(1);
    expect(asked('HeadObject').length).toBe(1);
    expect(isWhole()).toBe(true);
  });

  it('is done once, though its answer is lost in an outage, and the next says that there is no such upload', async () => {
    const release = server.holdNextAnswer({ operation: 'CompleteMultipartUpload' });
    const uploading = upload(CONTENT, { retries: 0 }).done();
    await until(() => server.uploads[0]?.state === 'completed');
    server.failNext({ operation: 'CompleteMultipartUpload', status: 404, code: 'NoSuchUpload' });
    network.down();
    await until(() => network.waiters === 1);
    network.up();
    expect((await uploading).ETag).toBe(server.object(BUCKET, 'k')?.etag);
    release();
  });

  it('is asked again where it was not done', async () => {
    client = makeClient({ maxAttempts: 1 });
    server.failNext({ operation: 'CompleteMultipartUpload', status: 500, code: 'InternalError' });
    await upload(CONTENT, { retries: 1 }).done();
    expect(asked('CompleteMultipartUpload').length).toBe(2);
    expect(isWhole()).toBe(true);
  });

  it('is asked again where it says 200 and an error', async () => {
    client = makeClient({ maxAttempts: 1 });
    server.failNext({ operation: 'CompleteMultipartUpload', status: 200, code: 'InternalError' });
    await upload(CONTENT, { retries: 1 }).done();
    expect(isWhole()).toBe(true);
  });

  it('fails where somebody has aborted the upload, also where other content lies under the key', async () => {
    await upload('something else').done();
    const release = server.hangNext({ operation: 'CompleteMultipartUpload' });
    const uploading = upload(CONTENT).done();
    await until(() => asked('CompleteMultipartUpload').length === 1);
    await client.send(new AbortMultipartUploadCommand({ Bucket: BUCKET, Key: 'k', UploadId: server.uploads[0]?.id }));
    release();
    await expect(uploading).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  it('heeds its condition, and is not misled by its own success', async () => {
    client = makeClient({ maxAttempts: 1 });
    const params = { IfNoneMatch: '*' };
    const release = server.holdNextAnswer({ operation: 'CompleteMultipartUpload' });
    const uploading = upload(CONTENT, { retries: 0, params }).done();
    await until(() => server.uploads[0]?.state === 'completed');
    server.failNext({ operation: 'CompleteMultipartUpload', status: 412, code: 'PreconditionFailed' });
    network.down();
    await until(() => network.waiters === 1);
    network.up();
    await uploading;
    release();
    await expect(upload(CONTENT, { params }).done()).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(openUploads()).toEqual([]);
  });

  it('of what is stored as something else rejects, and is not repeated', async () => {
    const handler = new NodeHttpHandler();
    const { handle } = handler;
    vi.spyOn(handler, 'handle').mockImplementation(async (request, options) => {
      const output = await handle.call(handler, request, options);
      if (request.method === 'POST' && 'uploadId' in request.query) {
        output.response.body = Readable.from([
          '<CompleteMultipartUploadResult><ETag>"x"</ETag><ChecksumCRC32>AAAAAA==-3</ChecksumCRC32></CompleteMultipartUploadResult>',
        ]);
      }
      return output;
    });
    client = makeClient({ requestHandler: handler });
    await expect(upload(CONTENT).done()).rejects.toBeInstanceOf(UploadMismatchError);
    expect(asked('CompleteMultipartUpload').length).toBe(1);
  });
});

describe('an answer that is lost', () => {
  it('of CreateMultipartUpload leaves no second upload behind', async () => {
    server.loseNextAnswer({ operation: 'CreateMultipartUpload' });
    await upload(CONTENT).done();
    expect(server.uploads.map(({ state }) => state).sort()).toEqual(['aborted', 'completed']);
  });

  it('of CreateMultipartUpload does not cost another upload of the same key its parts', async () => {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: 'k' }));
    const other = upload('the part of another').done();
    await other;
    const { UploadPartCommand } = await import('@aws-sdk/client-s3');
    await client.send(new UploadPartCommand({ Bucket: BUCKET, Key: 'k', UploadId, PartNumber: 1, Body: 'x' }));
    server.loseNextAnswer({ operation: 'CreateMultipartUpload' });
    await upload(CONTENT).done();
    const { Parts } = await client.send(new ListPartsCommand({ Bucket: BUCKET, Key: 'k', UploadId }));
    expect(Parts?.length).toBe(1);
  });

  it('of PutObject with a condition is not taken for the object of another', async () => {
    const params = { IfNoneMatch: '*' };
    server.loseNextAnswer({ operation: 'PutObject' });
    await upload('content', { params }).done();
    await expect(upload('other content', { params }).done()).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });
});

describe('an upload that ends early', () => {
  it('by its signal rejects with the reason, and takes its parts away', async () => {
    const release = server.hangNext({ operation: 'UploadPart', times: 3 });
    const abortion = new AbortController();
    const uploading = upload(CONTENT, { signal: abortion.signal }).done();
    await until(() => asked('UploadPart').length === 3);
    const reason = new Error('enough');
    abortion.abort(reason);
    expect(await rejection(uploading)).toBe(reason);
    expect(openUploads()).toEqual([]);
    release();
  });

  it('by a signal that is aborted already asks nothing', async () => {
    await rejection(upload(CONTENT, { signal: AbortSignal.abort() }).done());
    expect(server.uploads).toEqual([]);
  });

  it('by abort() takes its parts away, also across an outage', async () => {
    const release = server.hangNext({ operation: 'UploadPart', times: 3 });
    const aborted = upload(CONTENT);
    const uploading = rejection(aborted.done());
    await until(() => asked('UploadPart').length === 3);
    network.down();
    await until(() => network.waiters === 1);
    const aborting = aborted.abort();
    expect(await Promise.race([uploading.then(() => 'rejected'), aborting.then(() => 'cleaned up')])).toBe('rejected');
    network.up();
    await aborting;
    expect(await uploading).toMatchObject({ name: 'AbortError' });
    expect(openUploads()).toEqual([]);
    release();
  });

  it('waits no longer than cleanUpTimeout for an outage to take them away, and says what is left', async () => {
    const release = server.hangNext({ operation: 'UploadPart', times: 3 });
    const left = upload(CONTENT, { cleanUpTimeout: 20 });
    const uploading = rejection(left.done());
    await until(() => asked('UploadPart').length === 3);
    network.down();
    await until(() => network.waiters === 1);
    await expect(left.abort()).rejects.toMatchObject({ name: 'TimeoutError' });
    await uploading;
    expect(left.uploadId).toBe(openUploads()[0]?.id);
    network.up();
    release();
  });

  it('ends also where the stream has stalled that it reads', async () => {
    const abortion = new AbortController();
    const Body = new Readable({ read() {} });
    Body.push(CONTENT);
    const uploading = rejection(upload(Body, { signal: abortion.signal }).done());
    await until(() => asked('UploadPart').length === 2);
    abortion.abort();
    expect(await uploading).toMatchObject({ name: 'AbortError' });
    expect(Body.destroyed).toBe(true);
    expect(openUploads()).toEqual([]);
  });

  it('by the failure of its stream rejects with that', async () => {
    const broken = new Error('the disk is gone');
    const Body = Readable.from(
      (async function* () {
        yield CONTENT;
        throw broken;
      })(),
    );
    expect(await rejection(upload(Body).done())).toBe(broken);
    expect(openUploads()).toEqual([]);
  });

  it('because its file was written to leaves neither object nor parts', async () => {
    const Body = await fileOf();
    const release = server.hangNext({ operation: 'UploadPart', times: 3 });
    const uploading = rejection(upload(Body).done());
    await until(() => asked('UploadPart').length === 3);
    await writeFile(Body.file, randomBytes(12 * MIB));
    release();
    expect(await uploading).toBeInstanceOf(BodyChangedError);
    expect(server.object(BUCKET, 'k')).toBeUndefined();
    expect(openUploads()).toEqual([]);
  });
});

describe('a state file', () => {
  let stateFile: string;
  beforeEach(() => {
    stateFile = join(folder, 'upload.json');
  });

  /** An upload whose process ends after its first part, as far as anybody can tell. */
  async function endEarly(Body: { readonly file: string }, options: Differences = {}): Promise<void> {
    const abortion = new AbortController();
    const ending = upload(Body, { stateFile, queueSize: 1, ...options, signal: abortion.signal });
    ending.on('httpUploadProgress', () => abortion.abort());
    await rejection(ending.done());
  }

  it('is there while the upload goes on, for its owner alone and without a secret, and gone afterwards', async () => {
    const release = server.hangNext({ operation: 'UploadPart', times: 3 });
    const uploading = upload(await fileOf(), { stateFile }).done();
    await until(() => asked('UploadPart').length === 3);
    expect((await stat(stateFile)).mode & 0o777).toBe(0o600);
    const text = await readFile(stateFile, 'utf8');
    expect(JSON.parse(text)).toMatchObject({ bucket: BUCKET, key: 'k', uploadId: server.uploads[0]?.id });
    expect(text).not.toContain(server.clientConfig.credentials.secretAccessKey);
    release();
    await uploading;
    expect(await readdir(folder)).toEqual(['content.bin']);
  });

  it('lets another upload go on where one has ended', async () => {
    const Body = await fileOf();
    await endEarly(Body);
    const result = await upload(Body, { stateFile }).done();
    expect(result).toMatchObject({ partsSent: 2, partsKept: 1 });
    expect(isWhole()).toBe(true);
    expect(server.uploads.length).toBe(1);
    expect(await readdir(folder)).toEqual(['content.bin']);
  });

  it('does not make it believe what the server has: a part with other content is sent again', async () => {
    const Body = await fileOf();
    await endEarly(Body);
    // Written to behind everybody's back, with the size and the time of before.
    const { atime, mtime } = await stat(Body.file);
    await utimes(Body.file, atime, mtime);
    await endEarlyAgainst(mtime);
    const changed = Buffer.from(CONTENT);
    changed[0] = (changed[0] ?? 0) ^ 1;
    await writeFile(Body.file, changed);
    await utimes(Body.file, atime, mtime);
    const result = await upload(Body, { stateFile }).done();
    expect(result).toMatchObject({ partsSent: 3, partsKept: 0 });
    expect(sha256(stored(server, 'k'))).toBe(sha256(changed));

    /** The state of a file whose time is a whole number of milliseconds, which is what can be put back. */
    async function endEarlyAgainst(time: Date): Promise<void> {
      const state = JSON.parse(await readFile(stateFile, 'utf8'));
      state.file.modified = String(BigInt(time.getTime()) * 1_000_000n);
      await writeFile(stateFile, JSON.stringify(state));
    }
  });

  it('of a file that was changed since begins anew, and takes the old parts away', async () => {
    await endEarly(await fileOf(randomBytes(12 * MIB)));
    const Body = await fileOf();
    const result = await upload(Body, { stateFile }).done();
    expect(result).toMatchObject({ partsSent: 3, partsKept: 0 });
    expect(server.uploads.map(({ state }) => state)).toEqual(['aborted', 'completed']);
    expect(isWhole()).toBe(true);
  });

  it.each([
    ['to become another object', { params: { ContentType: 'text/plain' } }],
    ['checked in another way', { params: { ChecksumAlgorithm: 'SHA256' } }],
  ] satisfies [string, Differences][])('of an upload %s begins anew', async (_what, options) => {
    const Body = await fileOf();
    await endEarly(Body);
    expect(await upload(Body, { stateFile, ...options }).done()).toMatchObject({ partsSent: 3 });
    expect(server.uploads.map(({ state }) => state)).toEqual(['aborted', 'completed']);
  });

  it('goes on with parts of the size that they have', async () => {
    const Body = await fileOf();
    await endEarly(Body);
    expect(await upload(Body, { stateFile, partSize: 6 * MIB }).done()).toMatchObject({ partsSent: 2, partsKept: 1 });
    expect(isWhole()).toBe(true);
  });

  it('of an upload that somebody has aborted begins anew', async () => {
    const Body = await fileOf();
    await endEarly(Body);
    await client.send(new AbortMultipartUploadCommand({ Bucket: BUCKET, Key: 'k', UploadId: server.uploads[0]?.id }));
    expect(await upload(Body, { stateFile }).done()).toMatchObject({ partsSent: 3 });
    expect(isWhole()).toBe(true);
  });

  it('of an upload that was completed in its last moment finds the object, and sends nothing', async () => {
    const Body = await fileOf();
    server.failNext({ operation: 'CompleteMultipartUpload', status: 403, code: 'AccessDenied' });
    await rejection(upload(Body, { stateFile }).done());
    const [open] = openUploads();
    const Parts = [...(open?.parts.values() ?? [])].sort((a, b) => a.number - b.number);
    const MultipartUpload = {
      Parts: Parts.map(({ number, etag, checksum }) => ({
        PartNumber: number,
        ETag: etag,
        ChecksumCRC32: checksum?.value,
      })),
    };
    await client.send(
      new CompleteMultipartUploadCommand({ Bucket: BUCKET, Key: 'k', UploadId: open?.id, MultipartUpload }),
    );
    const made = server.object(BUCKET, 'k');
    expect(await upload(Body, { stateFile }).done()).toMatchObject({ ETag: made?.etag, partsSent: 0 });
    expect(server.object(BUCKET, 'k')).toBe(made);
    expect(server.uploads.length).toBe(1);
    expect(await readdir(folder)).toEqual(['content.bin']);
  });

  it('of a file that has become small enough for one PutObject takes the old parts away', async () => {
    await endEarly(await fileOf());
    await upload(await fileOf(Buffer.from('content')), { stateFile }).done();
    expect(server.uploads.map(({ state }) => state)).toEqual(['aborted']);
    expect(await readdir(folder)).toEqual(['content.bin']);
  });

  it('is what abort() finds an earlier upload by, also when its file is gone', async () => {
    const Body = await fileOf();
    await endEarly(Body);
    await rm(Body.file);
    await upload(Body, { stateFile }).abort();
    expect(openUploads()).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['holds something else', 'dear diary'],
    ['holds other JSON', '{"version":1}'],
  ])('that %s is left as it is', async (_what, text) => {
    await writeFile(stateFile, text);
    await expect(upload(await fileOf(), { stateFile }).done()).rejects.toBeInstanceOf(StateFileError);
    expect(await readFile(stateFile, 'utf8')).toBe(text);
  });

  it('of another object is left as it is, and so are its parts', async () => {
    const Body = await fileOf();
    await endEarly(Body);
    const other = upload(Body, { stateFile, params: { Key: 'other' } });
    await expect(other.done()).rejects.toBeInstanceOf(StateFileError);
    expect(openUploads().length).toBe(1);
    await upload(Body, { stateFile }).done();
  });
});

describe('what it is given', () => {
  it.each([
    ['a client that is not network-aware', () => ({ client: s3Client(server, {}) })],
    ['a part that S3 would refuse', () => ({ partSize: MIB })],
    ['half a byte', () => ({ partSize: 5 * MIB + 0.5 })],
    ['no part at a time', () => ({ queueSize: 0 })],
    ['an option that does not exist', () => ({ tags: [] })],
    ['no key', () => ({ params: { Bucket: BUCKET, Body: '' } })],
    ['a body that is none', () => ({ params: { Bucket: BUCKET, Key: 'k', Body: 42 } })],
    [
      'a checksum that it cannot compute',
      () => ({ params: { Bucket: BUCKET, Key: 'k', Body: '', ChecksumAlgorithm: 'MD4' } }),
    ],
    ['a state file for what cannot be read again', () => ({ stateFile: 'x' })],
  ])('is refused at once: %s', (_what, options) => {
    const all = { client, params: { Bucket: BUCKET, Key: 'k', Body: 'content' }, ...options() };
    expect(() => Reflect.construct(Upload, [all])).toThrow(InvalidOptionError);
  });

  it('is asked for once', async () => {
    const once = upload('content');
    expect(once.done()).toBe(once.done());
    await once.done();
    expect(asked('PutObject').length).toBe(1);
  });

  it('does not touch an object that is complete when it is aborted', async () => {
    const done = upload(CONTENT);
    await done.done();
    await done.abort();
    expect(isWhole()).toBe(true);
    expect(asked('AbortMultipartUpload')).toEqual([]);
  });

  it('is understood by the SDK as it is', async () => {
    // What the single PutObject stores is what the SDK would.
    await upload('content').done();
    const ours = server.object(BUCKET, 'k')?.headers;
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'content' }));
    expect(server.object(BUCKET, 'k')?.headers).toEqual(ours);
  });
});
