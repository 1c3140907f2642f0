import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  checksumOf,
  compositeChecksum,
  compositeETag,
  md5Of,
} from '../../../../src/adapters/aws-sdk/upload/checksum.js';
import { compare, type ExpectedObject } from '../../../../src/adapters/aws-sdk/upload/expected-object.js';
import { inParallel } from '../../../../src/adapters/aws-sdk/upload/in-parallel.js';
import { mayBeCured } from '../../../../src/adapters/aws-sdk/upload/may-be-cured.js';
import { hashOf, splitParams } from '../../../../src/adapters/aws-sdk/upload/params.js';
import { choosePartSize, MOST_PARTS, SMALLEST_PART } from '../../../../src/adapters/aws-sdk/upload/part-size.js';
import { regroup } from '../../../../src/adapters/aws-sdk/upload/regroup.js';
import { isAmbiguous } from '../../../../src/adapters/aws-sdk/upload/s3-error.js';
import { readState, type UploadState, writeState } from '../../../../src/adapters/aws-sdk/upload/state-file.js';
import { NetworkDownError, OutageTimeoutError } from '../../../../src/errors/index.js';

const MIB = 2 ** 20;
const s3Error = (name: string, httpStatusCode?: number) =>
  Object.assign(new Error(name), { name, ...(httpStatusCode && { $metadata: { httpStatusCode } }) });

describe('the size of the parts', () => {
  it.each([
    [undefined, 5 * MIB, 5 * MIB],
    [0, 5 * MIB, 5 * MIB],
    [50_000 * MIB, 5 * MIB, 5 * MIB],
    [50_000 * MIB + 1, 5 * MIB, 6 * MIB],
    [5 * 2 ** 40, 5 * MIB, 525 * MIB],
    [5 * 2 ** 40, 2 ** 30, 2 ** 30],
  ])('of %s bytes, where %i are wanted, is %i', (size, wanted, expected) => {
    expect(choosePartSize(size, wanted)).toBe(expected);
  });

  it('never makes more than 10,000 of them, nor any that is too small', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5 * 2 ** 40 }),
        fc.integer({ min: SMALLEST_PART, max: 2 ** 30 }),
        (size, wanted) => {
          const partSize = choosePartSize(size, wanted);
          expect(partSize).toBeGreaterThanOrEqual(wanted);
          expect(Math.ceil(size / partSize)).toBeLessThanOrEqual(MOST_PARTS);
        },
      ),
    );
  });
});

describe('checksums', () => {
  // The check values of the CRC catalogue and of RFC 1321; FIPS 180-4.
  it('are those of S3', () => {
    expect(checksumOf('CRC32', Buffer.from('123456789'))).toBe(Buffer.from('cbf43926', 'hex').toString('base64'));
    expect(checksumOf('SHA256', Buffer.from('abc'))).toBe('ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=');
    expect(md5Of(Buffer.from('abc'))).toBe('900150983cd24fb0d6963f7d28e17f72');
  });

  it('of an object are made of those of its parts', () => {
    const parts = ['AAAAAA==', '/////w=='];
    const raw = Buffer.from('00000000ffffffff', 'hex');
    expect(compositeChecksum('CRC32', parts)).toBe(`${checksumOf('CRC32', raw)}-2`);
    const md5 = '900150983cd24fb0d6963f7d28e17f72';
    expect(compositeETag([`"${md5}"`, md5])).toBe(`${md5Of(Buffer.from(md5 + md5, 'hex'))}-2`);
  });

  it('are not made of ETags that are no MD5s', () => {
    expect(compositeETag(['"900150983cd24fb0d6963f7d28e17f72-1"'])).toBeUndefined();
  });
});

describe('an object at the server', () => {
  const expected: ExpectedObject = { size: 3, algorithm: 'CRC32', checksum: 'AAAAAA==-1', etag: 'abc-1' };

  it.each([
    ['the same by its checksum', { ChecksumCRC32: 'AAAAAA==-1', ETag: 'other' }, 'same'],
    ['the same by its ETag', { ETag: '"abc-1"', ContentLength: 3 }, 'same'],
    ['another by its size', { ETag: '"abc-1"', ContentLength: 4 }, 'different'],
    ['another by its checksum', { ETag: '"abc-1"', ChecksumCRC32: 'BBBBBB==-1' }, 'different'],
    ['not comparable by a checksum of its whole content', { ChecksumCRC32: 'BBBBBB==' }, 'unknown'],
    ['not comparable by an ETag that is made in another way', { ETag: '"x"', ContentLength: 3 }, 'unknown'],
    ['not comparable where nothing is told', {}, 'unknown'],
  ])('is %s', (_what, answer, verdict) => {
    expect(compare(expected, answer).verdict).toBe(verdict);
  });
});

describe('an error', () => {
  it.each([
    ['a failing server', s3Error('InternalError', 500), true],
    ['a server that is busy', s3Error('SlowDown', 503), true],
    ['200 with an error inside', s3Error('InternalError', 200), true],
    ['what was damaged on its way', s3Error('BadDigest', 400), true],
    ['a body that came too slowly', s3Error('RequestTimeout', 400), true],
    ['a connection that was refused', Object.assign(new Error(), { code: 'ECONNREFUSED' }), true],
    ['a lost network', new NetworkDownError('no-carrier'), true],
    ['credentials that cannot be had for the moment', s3Error('CredentialsProviderError'), true],
    ['what is forbidden', s3Error('AccessDenied', 403), false],
    ['what is not there', s3Error('NoSuchBucket', 404), false],
    ['what the server does not have', s3Error('NotImplemented', 501), false],
    ['a wait that took too long', new OutageTimeoutError(1), false],
    ['a mistake in the program', new TypeError('x is undefined'), false],
  ])('that is %s: another attempt may cure it: %o', (_what, error, expected) => {
    expect(mayBeCured(error)).toBe(expected);
  });

  it.each([
    ['no answer', Object.assign(new Error(), { code: 'ECONNRESET' }), true],
    ['an answer that is no success', s3Error('InternalError', 500), true],
    ['that there is no such upload', s3Error('NoSuchUpload', 404), true],
    ['that there is an object already', s3Error('PreconditionFailed', 412), true],
    ['that it is forbidden', s3Error('AccessDenied', 403), false],
    ['that there is no such part', s3Error('InvalidPart', 400), false],
  ])('of CompleteMultipartUpload that says %s leaves open whether it was done: %o', (_what, error, expected) => {
    expect(isAmbiguous(error)).toBe(expected);
  });
});

describe('a stream', () => {
  it('gives the same bytes in pieces of one size, however it is cut', async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({ min: 1, max: 30 }), async (chunks, size) => {
        const pieces: Uint8Array[] = [];
        for await (const piece of regroup(from(chunks), size)) pieces.push(Buffer.from(piece));
        expect(Buffer.concat(pieces).equals(Buffer.concat(chunks))).toBe(true);
        expect(pieces.slice(0, -1).every((piece) => piece.byteLength === size)).toBe(true);
        expect(pieces.every((piece) => piece.byteLength > 0 && piece.byteLength <= size)).toBe(true);
      }),
    );
  });

  it('of text is that text in UTF-8', async () => {
    const pieces: Uint8Array[] = [];
    for await (const piece of regroup(from(['grü', 'ße']), 100)) pieces.push(piece);
    expect(Buffer.concat(pieces).toString()).toBe('grüße');
  });

  async function* from<Item>(items: readonly Item[]): AsyncGenerator<Item> {
    yield* items;
  }
});

describe('work in parallel', () => {
  async function* numbers(count: number): AsyncGenerator<number> {
    for (let number = 1; number <= count; number += 1) yield number;
  }

  it('is done on every item once, so many at a time', async () => {
    let running = 0;
    let most = 0;
    const results = await inParallel(
      3,
      numbers(20),
      async (number) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        running -= 1;
        return number;
      },
      new AbortController(),
    );
    expect(results.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(most).toBe(3);
  });

  it('ends with the first failure, when nothing is on its way any more', async () => {
    const ending = new AbortController();
    let running = 0;
    const failure = new Error('the second failed');
    const work = async (number: number): Promise<void> => {
      running += 1;
      try {
        if (number === 2) throw failure;
        await new Promise((_, reject) => ending.signal.addEventListener('abort', () => reject(ending.signal.reason)));
      } finally {
        running -= 1;
      }
    };
    await expect(inParallel(2, numbers(9), work, ending)).rejects.toBe(failure);
    expect([running, ending.signal.reason]).toEqual([0, failure]);
  });
});

describe('what the object is to be', () => {
  it('is told apart from whose it is, on what condition, and what is computed of the content', () => {
    const params = {
      Bucket: 'b',
      Key: 'k',
      Body: 'x',
      ContentType: 'text/plain',
      ContentLength: 1,
      IfNoneMatch: '*',
      SSECustomerKey: 'secret',
      // Of what lib-storage takes too, and which may be of something else.
      ContentMD5: 'of the whole',
      ChecksumCRC32: 'of the whole',
    };
    expect(splitParams(params)).toEqual({
      identity: { Bucket: 'b', Key: 'k', SSECustomerKey: 'secret' },
      properties: { ContentType: 'text/plain' },
      conditions: { IfNoneMatch: '*' },
      algorithm: 'CRC32',
    });
  });

  it('is known again in whatever order it is said, and without its secrets', () => {
    const hash = (params: object) => hashOf(splitParams({ Bucket: 'b', Key: 'k', Body: 'x', ...params }));
    expect(hash({ ContentType: 'a', Tagging: 'b' })).toBe(hash({ Tagging: 'b', ContentType: 'a' }));
    expect(hash({ ContentType: 'a' })).not.toBe(hash({ ContentType: 'b' }));
    expect(hash({ SSECustomerKey: 'one' })).toBe(hash({ SSECustomerKey: 'other' }));
  });
});

describe('a state file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netpause-state-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const STATE: UploadState = {
    version: 1,
    bucket: 'b',
    key: 'k',
    uploadId: 'id',
    partSize: 5 * MIB,
    checksumAlgorithm: 'CRC32',
    file: { path: '/content', size: 1, modified: '1' },
    paramsHash: 'hash',
  };

  it('gives what was written, and nothing where nothing was', async () => {
    const path = join(folder, 'state');
    expect(await readState(path)).toBeUndefined();
    await writeState(path, STATE);
    await writeState(path, { ...STATE, uploadId: 'next' });
    expect(await readState(path)).toEqual({ ...STATE, uploadId: 'next' });
    expect(await readdir(folder)).toEqual(['state']);
  });

  it('leaves no draft where it cannot be written', async () => {
    const path = join(folder, 'in', 'no', 'folder');
    await expect(writeState(path, STATE)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(writeState(folder, STATE)).rejects.toMatchObject({
      code: expect.stringMatching(/EISDIR|ENOTEMPTY|EEXIST/),
    });
    expect(
      await readdir(tmpdir()).then((names) =>
        names.filter((name) => name.endsWith('.tmp') && name.startsWith('netpause-state-')),
      ),
    ).toEqual([]);
  });

  it.each(['version', 'bucket', 'key', 'uploadId', 'partSize', 'checksumAlgorithm', 'file', 'paramsHash'])(
    'without %s is none',
    async (name) => {
      const path = join(folder, 'state');
      await writeFile(path, JSON.stringify({ ...STATE, [name]: undefined }));
      await expect(readState(path)).rejects.toMatchObject({ code: 'ERR_NETPAUSE_STATE_FILE', path });
    },
  );
});
