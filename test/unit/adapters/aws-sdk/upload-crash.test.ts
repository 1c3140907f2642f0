import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { networkAware, StateFileError, Upload, type UploadOptions } from '../../../../src/adapters/aws-sdk/index.js';
import { SimulatedNetwork } from '../../../../src/testing/index.js';
import { createS3Server, type Operation, type S3Server } from '../../../fixtures/s3/index.js';
import { BUCKET, nothingIsLeft, rejection, s3Client, stored, until, withBucket } from './support.js';

const MIB = 2 ** 20;
const CONTENT = randomBytes(12 * MIB);

let network: SimulatedNetwork;
let server: S3Server;
let client: S3Client;
let folder: string;
let stateFile: string;
let Body: { readonly file: string };

beforeEach(async () => {
  network = new SimulatedNetwork();
  server = await createS3Server();
  await withBucket(server);
  client = makeClient();
  folder = await mkdtemp(join(tmpdir(), 'netpause-upload-'));
  stateFile = join(folder, 'upload.json');
  Body = { file: join(folder, 'content.bin') };
  await writeFile(Body.file, CONTENT);
});
afterEach(async () => {
  client.destroy();
  await server.close();
  await rm(folder, { recursive: true });
  await nothingIsLeft(network);
});

function makeClient(requestHandler = new NodeHttpHandler()): S3Client {
  return s3Client(server, { ...networkAware(network, { interruptAfter: 20 }), requestHandler, maxAttempts: 1 });
}

function upload(options: Partial<UploadOptions> = {}): Upload {
  const params = { Bucket: BUCKET, Key: 'k', Body };
  return new Upload({ client, queueSize: 1, minTimeout: 1, stateFile, params, ...options });
}

const asked = (operation: Operation) => server.requests.filter((request) => request.operation === operation);
const states = () => server.uploads.map(({ state }) => state);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const isWhole = () => sha256(stored(server, 'k')) === sha256(CONTENT);

/** An upload whose process ends after its first part, as far as anybody can tell. */
async function endEarly(): Promise<void> {
  const abortion = new AbortController();
  const ending = upload({ signal: abortion.signal });
  ending.on('httpUploadProgress', () => abortion.abort());
  await rejection(ending.done());
}

describe('a process that is killed', () => {
  const OPERATIONS = [
    'CreateMultipartUpload',
    'UploadPart 1',
    'UploadPart 2',
    'UploadPart 3',
    'CompleteMultipartUpload',
  ];
  const MOMENTS = OPERATIONS.flatMap((operation, index) => [
    { moment: 'before', operation, index },
    { moment: 'after', operation, index },
  ]);

  it.each(MOMENTS)('$moment $operation is gone on with', async ({ moment, index }) => {
    const { handler, dead, bury } = mortal(index, moment);
    client = makeClient(handler);
    const killed = rejection(upload().done());
    await dead;
    const partsBefore = server.uploads[0]?.parts.size ?? 0;

    client.destroy();
    client = makeClient();
    const wasComplete = states().includes('completed');
    const wasWrittenDown = index > 0;
    const { partsSent, partsKept } = await upload().done();
    expect({ partsSent, partsKept }).toEqual(
      wasComplete ? { partsSent: 0, partsKept: 0 } : { partsSent: 3 - partsBefore, partsKept: partsBefore },
    );
    expect(isWhole()).toBe(true);
    // Of an upload whose id was on its way nobody knows.
    expect(states()).toEqual(wasWrittenDown || moment === 'before' ? ['completed'] : ['open', 'completed']);
    expect(asked('CompleteMultipartUpload').length).toBe(1);
    expect(await readdir(folder)).toEqual(['content.bin']);
    bury();
    await killed;
  });

  it('while it writes its state leaves no draft of it for ever', async () => {
    await writeFile(`${stateFile}.tmp`, '{"versi');
    await upload().done();
    expect(await readdir(folder)).toEqual(['content.bin']);
  });

  /** A handler whose process dies before or after its nth request, so that nothing ever comes back. */
  function mortal(deadline: number, moment: string) {
    const handler = new NodeHttpHandler();
    const { handle } = handler;
    let count = -1;
    let die = (): void => {};
    let bury = (): void => {};
    const dead = new Promise<void>((resolve) => {
      die = resolve;
    });
    const buried = new Promise<never>((_resolve, reject) => {
      bury = () => reject(new Error('killed'));
    });
    vi.spyOn(handler, 'handle').mockImplementation(async (request, options) => {
      count += 1;
      const isLast = count >= deadline;
      const output = isLast && moment === 'before' ? undefined : await handle.call(handler, request, options);
      if (output !== undefined && !isLast) return output;
      die();
      return buried;
    });
    return { handler, dead, bury };
  }
});

describe('abort()', () => {
  const MOMENTS = (['CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload'] as const).flatMap((operation) => [
    { operation, what: 'hangs', hold: () => server.hangNext({ operation }) },
    { operation, what: 'is done, and its answer on its way', hold: () => server.holdNextAnswer({ operation }) },
  ]);

  it.each(MOMENTS)('while $operation $what leaves nothing behind', async ({ operation, hold }) => {
    const release = hold();
    const aborted = upload();
    const uploading = rejection(aborted.done());
    await until(() => asked(operation)[0]?.outcome.kind === 'pending');
    const aborting = aborted.abort();
    expect(await uploading).toMatchObject({ name: 'AbortError' });
    release();
    await aborting;
    expect(states()).not.toContain('open');
    expect(aborted.uploadId).toBeUndefined();
    expect(await readdir(folder)).toEqual(['content.bin']);
  });

  it('in an outage in which the answer to CreateMultipartUpload was lost waits for it, and takes both uploads away', async () => {
    const release = server.holdNextAnswer({ operation: 'CreateMultipartUpload' });
    const aborted = upload();
    const uploading = rejection(aborted.done());
    await until(() => states().length === 1);
    network.down();
    await until(() => network.waiters === 1);
    const aborting = aborted.abort();
    expect(await uploading).toMatchObject({ name: 'AbortError' });
    network.up();
    await aborting;
    expect(states()).toEqual(['aborted', 'aborted']);
    release();
  });

  it('says where it could not find out within cleanUpTimeout whether there is something to be taken away', async () => {
    const release = server.holdNextAnswer({ operation: 'CreateMultipartUpload' });
    const aborted = upload({ cleanUpTimeout: 20 });
    const uploading = rejection(aborted.done());
    await until(() => states().length === 1);
    await expect(aborted.abort()).rejects.toMatchObject({ name: 'TimeoutError' });
    await uploading;
    release();
  });

  it('asks for nothing where the network was down before anything was sent', async () => {
    network.down();
    const aborted = upload();
    const uploading = rejection(aborted.done());
    await until(() => network.waiters === 1);
    await aborted.abort();
    await uploading;
    await nothingIsLeft(network);
    network.up();
    expect(server.uploads).toEqual([]);
  });

  it('of an upload that is complete does not touch what is there by now', async () => {
    const complete = upload();
    await complete.done();
    await endEarly();
    const text = await readFile(stateFile, 'utf8');
    await complete.abort();
    expect(await readFile(stateFile, 'utf8')).toBe(text);
    await upload().abort();
  });
});

describe('what nobody could go on with', () => {
  it('is taken away: an upload whose signal aborts before its id is known', async () => {
    const release = server.holdNextAnswer({ operation: 'CreateMultipartUpload' });
    const abortion = new AbortController();
    const uploading = rejection(upload({ signal: abortion.signal }).done());
    await until(() => states().length === 1);
    abortion.abort();
    release();
    expect(await uploading).toMatchObject({ name: 'AbortError' });
    expect(states()).toEqual(['aborted']);
  });

  it('is taken away: an upload whose state cannot be written down', async () => {
    const failing = upload({ stateFile: join(folder, 'missing', 'upload.json') });
    await expect(failing.done()).rejects.toMatchObject({ code: 'ENOENT' });
    expect(states()).toEqual(['aborted']);
  });
});

describe('a state file', () => {
  it.each([
    ['abort()', {}, (refused: Upload) => refused.abort()],
    ['a failure that keeps no parts', { leavePartsOnError: false }, (refused: Upload) => rejection(refused.done())],
  ])('that is of something else is left as it is by %s', async (_what, options, end) => {
    await writeFile(stateFile, 'dear diary');
    await end(upload(options));
    await expect(upload(options).done()).rejects.toBeInstanceOf(StateFileError);
    expect(await readFile(stateFile, 'utf8')).toBe('dear diary');
  });

  it.each([0, -1, 1.5, 5 * MIB + 0.5, 6 * 2 ** 30])('with parts of %d bytes is none', async (partSize) => {
    await endEarly();
    const state = JSON.parse(await readFile(stateFile, 'utf8'));
    await writeFile(stateFile, JSON.stringify({ ...state, partSize }));
    await expect(upload().done()).rejects.toBeInstanceOf(StateFileError);
  });

  it('of a file that was changed waits out an outage before it takes the old parts away, however long', async () => {
    await endEarly();
    await writeFile(Body.file, CONTENT.subarray(0, 11 * MIB));
    network.down();
    const timeout = vi.spyOn(AbortSignal, 'timeout');
    const uploading = upload().done();
    await until(() => network.waiters === 1);
    expect(timeout).not.toHaveBeenCalled();
    timeout.mockRestore();
    network.up();
    await uploading;
    expect(states()).toEqual(['aborted', 'completed']);
  });
});

describe('credentials that may write and not read', () => {
  beforeEach(() => {
    for (const operation of ['ListParts', 'HeadObject'] as const) {
      server.failNext({ operation, status: 403, code: 'AccessDenied', times: 1000 });
    }
  });

  it('have CompleteMultipartUpload asked again where nobody can say what it has done', async () => {
    server.failNext({ operation: 'CompleteMultipartUpload', status: 500, code: 'InternalError' });
    await upload().done();
    expect(isWhole()).toBe(true);
  });

  it('get the error of the upload, not that of the question what is there', async () => {
    const params = { Bucket: BUCKET, Key: 'k', IfNoneMatch: '*' };
    const small = (Body: string) => new Upload({ client, params: { ...params, Body } });
    await small('content').done();
    await expect(small('other').done()).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });
});

describe('credentials that may not list parts', () => {
  it('find what they have completed when S3 says that there is no such upload', async () => {
    server.failNext({ operation: 'ListParts', status: 403, code: 'AccessDenied', times: 1000 });
    server.loseNextAnswer({ operation: 'CompleteMultipartUpload' });
    server.failNext({ operation: 'CompleteMultipartUpload', status: 404, code: 'NoSuchUpload' });
    await upload().done();
    expect(asked('CompleteMultipartUpload').length).toBe(2);
    expect(states()).toEqual(['completed']);
  });
});
