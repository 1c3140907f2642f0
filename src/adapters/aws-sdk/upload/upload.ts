import { onAbort, SafeEmitter } from '../../../events/index.js';
import { createRetryer } from '../../../retry/index.js';
import { openBody } from './body.js';
import { mayBeCured } from './may-be-cured.js';
import { ObjectCalls } from './object-calls.js';
import { type ObjectParams, splitParams } from './params.js';
import { SMALLEST_PART } from './part-size.js';
import { Transfer, type TransferPlan } from './transfer.js';
import { checkUploadOptions, type UploadOptions } from './upload-options.js';
import type { UploadResult } from './upload-result.js';

/** How far an upload has come. */
export interface UploadProgress {
  /** Where it goes. */
  readonly Bucket: string;
  /** Where it goes. */
  readonly Key: string;
  /** Bytes that the server has acknowledged, or had already. */
  readonly loaded: number;
  /** Bytes in all; `undefined` for a stream whose length nobody has told. */
  readonly total: number | undefined;
  /** The part that was acknowledged last, counted from 1. */
  readonly part: number;
}

/** What an upload tells. */
export interface UploadEvents {
  /** A part is stored. */
  httpUploadProgress(progress: UploadProgress): void;
}

/**
 * Uploads to S3 whatever the network does: what is acknowledged is never sent again, an outage costs nothing, and with a `stateFile` not even the end
 * of the process does. Small content is sent by one PutObject, larger in parts.
 *
 * Moving from `Upload` of `@aws-sdk/lib-storage` is a change of import, and of the client to one that is network-aware.
 *
 * @example
 * ```
 * const client = new S3Client({ ...networkAware(monitor) });
 * const upload = new Upload({
 *   client,
 *   params: { Bucket: 'backups', Key: 'db.tar', Body: { file: '/var/backups/db.tar' } },
 *   stateFile: '/var/lib/backup/db.tar.upload',
 * });
 * upload.on('httpUploadProgress', ({ loaded, total }) => console.log(`${loaded} of ${total}`));
 * await upload.done();
 * ```
 */
export class Upload extends SafeEmitter<UploadEvents> {
  readonly #options: UploadOptions;
  readonly #params: ObjectParams;
  readonly #calls: ObjectCalls;
  readonly #ending = new AbortController();
  readonly #transfer: Transfer;
  #running: Promise<UploadResult> | undefined;
  #isAborted = false;

  /** @throws {InvalidOptionError} where an option is missing, or has a wrong name, type or range. */
  constructor(options: UploadOptions) {
    super();
    checkUploadOptions(options);
    const { client, params, retries, factor, minTimeout, maxTimeout, randomize } = options;
    const { onFailedAttempt, shouldRetry, unref, logger } = options;
    this.#options = options;
    this.#params = splitParams(params);
    const retryer = createRetryer({
      ...{ retries, factor, minTimeout, maxTimeout, randomize, onFailedAttempt, unref, logger },
      shouldRetry: shouldRetry ?? (({ error }) => mayBeCured(error)),
      // The client waits for it, under each of its attempts.
      waitForNetwork: false,
    });
    this.#calls = new ObjectCalls(client, retryer, this.#params.identity);
    this.#transfer = new Transfer(this.#plan());
  }

  /** The multipart upload that is at the server as far as is known, which after a failure is one that was left there. */
  get uploadId(): string | undefined {
    return this.#transfer.uploadId;
  }

  /**
   * Uploads, and resolves when the object is there and its checksum is right. Called again it gives the same promise.
   *
   * Rejects with the SDK's own error; with the reason of the `signal`, or an `AbortError` after `abort()`; with `UploadMismatchError` where the
   * server has stored something else, `BodyChangedError` where the file was written to meanwhile, `StateFileError` where the state file is
   * another's, and `MissingPackageError` where `@aws-sdk/client-s3` is not installed.
   */
  done(): Promise<UploadResult> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /**
   * Ends the upload and takes away what of it is at the server and in the state file; also what an earlier process has left of it. Not an object
   * that is complete.
   *
   * Rejects with the SDK's own error, or a `TimeoutError` after `cleanUpTimeout`, where the parts could not be taken away.
   */
  async abort(): Promise<void> {
    this.#isAborted = true;
    this.#ending.abort(Object.assign(new Error('Upload aborted.'), { name: 'AbortError' }));
    this.#running ??= this.#run();
    await this.#running.catch(() => {});
    await this.#transfer.discard();
  }

  async #run(): Promise<UploadResult> {
    const { signal } = this.#options;
    if (signal?.aborted) this.#ending.abort(signal.reason);
    const release = signal?.aborted === false ? onAbort(signal, () => this.#ending.abort(signal.reason)) : undefined;
    try {
      return await this.#transfer.run(this.#ending);
    } finally {
      release?.();
    }
  }

  #plan(): TransferPlan {
    const { params, queueSize = 4, partSize = SMALLEST_PART, stateFile, cleanUpTimeout = 30_000 } = this.#options;
    const { Bucket, Key, Body, ContentLength } = params;
    return {
      openBody: () => openBody(Body, ContentLength),
      calls: this.#calls,
      params: this.#params,
      object: { Bucket, Key },
      queueSize,
      partSize,
      stateFile,
      cleanUpTimeout,
      leavesParts: this.#options.leavePartsOnError ?? stateFile !== undefined,
      // abort() does it itself, so that nobody has to wait for that who waits for the upload.
      isDiscarded: () => this.#isAborted,
      onStored: (part, loaded, total) => this.emit('httpUploadProgress', { Bucket, Key, loaded, total, part }),
    };
  }
}
