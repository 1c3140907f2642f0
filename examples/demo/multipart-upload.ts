import { createHash, randomBytes } from 'node:crypto';
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { TEST_CREDENTIALS } from '../../test/fixtures/s3/index.js';
import { monotonicMs } from './clock.js';
import { UPLOAD } from './settings.js';
import type { OnUploadEvent, UploadResult, UploadTarget } from './upload-event.js';

/** Makes one call to S3, as often as it takes. */
export type CallS3 = <Output>(call: S3Call<Output>) => Promise<Output>;

export interface S3Call<Output> {
  readonly name: string;
  /** One attempt, which the signal ends. */
  send(signal: AbortSignal): Promise<Output>;
  /** Ends the whole call, because the upload is given up. */
  readonly signal: AbortSignal;
}

/** A client that leaves the retrying to the caller. */
export function createS3Client(endpoint: string, config: S3ClientConfig = {}): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    credentials: TEST_CREDENTIALS,
    forcePathStyle: true,
    maxAttempts: 1,
    ...config,
  });
}

/** A multipart upload of random content by the real AWS SDK. It knows nothing of retries: every call goes through `callS3`. */
export async function uploadMultipart(
  s3: S3Client,
  { key, signal }: UploadTarget & { readonly signal: AbortSignal },
  callS3: CallS3,
  onEvent: OnUploadEvent,
): Promise<UploadResult> {
  const content = randomBytes(UPLOAD.bytes);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const object = { Bucket: UPLOAD.bucket, Key: key };
  try {
    const { UploadId } = await callS3({
      name: 'create',
      send: (abortSignal) => s3.send(new CreateMultipartUploadCommand(object), { abortSignal }),
      signal,
    });
    const upload = { ...object, UploadId };
    const uploadPart = async (PartNumber: number, signal: AbortSignal): Promise<CompletedPart> => {
      const Body = content.subarray((PartNumber - 1) * UPLOAD.partBytes, PartNumber * UPLOAD.partBytes);
      const { ETag } = await callS3({
        name: `part ${PartNumber}`,
        send: (abortSignal) => s3.send(new UploadPartCommand({ ...upload, PartNumber, Body }), { abortSignal }),
        signal,
      });
      onEvent({ type: 'stored', at: monotonicMs(), bytes: Body.length });
      return { PartNumber, ETag };
    };
    const Parts = await inParallel(UPLOAD.concurrency, partNumbers(), uploadPart, signal);
    await callS3({
      name: 'complete',
      send: (abortSignal) =>
        s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }), { abortSignal }),
      signal,
    });
    return { completed: true, at: monotonicMs(), sha256 };
  } catch (error) {
    return { completed: false, at: monotonicMs(), error: describeError(error) };
  }
}

/** The code of an error, or its name, and its message, in one line. */
export function describeError(error: unknown): string {
  return error instanceof Error ? `${errorCode(error)}: ${error.message}` : String(error);
}

/** What kind of failure it was, in one word, such as `'ECONNRESET'`. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) {
    return typeof error;
  }
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function partNumbers(): number[] {
  return Array.from({ length: Math.ceil(UPLOAD.bytes / UPLOAD.partBytes) }, (_, index) => index + 1);
}

/** Runs `work` over all items, `width` at a time, and gives the results in the order of the items. The first failure ends the others. */
async function inParallel<Item, Result>(
  width: number,
  items: readonly Item[],
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result[]> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const results: Result[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) {
      either.throwIfAborted();
      results[index] = await work(item, either);
    }
  };
  const workers = Array.from({ length: width }, () =>
    worker().catch((error: unknown) => {
      failure.abort(error);
    }),
  );
  await Promise.all(workers);
  failure.signal.throwIfAborted();
  return results;
}
