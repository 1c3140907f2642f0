import { resolve } from 'node:path';
import { orAborted, throwIfAborted } from '../../../events/index.js';
import type { BodySource, Part } from './body.js';
import { checksumOf, md5Of, unquoted } from './checksum.js';
import { createMultipart } from './creation.js';
import type { StoredPart } from './expected-object.js';
import { inParallel } from './in-parallel.js';
import { type ListedPart, Multipart, type MultipartSettings } from './multipart.js';
import { type ObjectCalls, type S3Output, textIn } from './object-calls.js';
import { hashOf, type ObjectParams, putInput } from './params.js';
import { choosePartSize, MOST_PARTS } from './part-size.js';
import { errorName, isForbidden, isNotFound, isNotImplemented } from './s3-error.js';
import { isSameUpload } from './same-upload.js';
import { readState, removeState, type UploadState, writeState } from './state-file.js';
import { StateFileError } from './state-file-error.js';
import { resultOf, type UploadResult } from './upload-result.js';

export interface TransferPlan {
  readonly openBody: () => Promise<BodySource>;
  readonly calls: ObjectCalls;
  readonly params: ObjectParams;
  readonly object: { readonly Bucket: string; readonly Key: string };
  readonly queueSize: number;
  /** As wished for; in bytes. */
  readonly partSize: number;
  readonly stateFile: string | undefined;
  readonly cleanUpTimeout: number;
  /** Whether what there is stays where it is after a failure. */
  readonly leavesParts: boolean;
  /** Asked after a failure: whether somebody else is about to call `discard`. */
  readonly isDiscarded: () => boolean;
  /** A part is stored, and so many bytes are by now, of so many in all. */
  readonly onStored: (part: number, loaded: number, total: number | undefined) => void;
}

/** One upload, from its beginning or from where an earlier one has ended, to its object. */
export class Transfer {
  readonly #plan: TransferPlan;
  readonly #settings: MultipartSettings;
  #open: Multipart | undefined;
  /** Until it has settled it may become one that is open. */
  #creating: Promise<Multipart> | undefined;
  /** Whether the state file is there and of this upload. */
  #isWrittenDown = false;
  #loaded = 0;
  #partsSent = 0;
  #partsKept = 0;

  constructor(plan: TransferPlan) {
    this.#plan = plan;
    const { algorithm, properties, conditions } = plan.params;
    this.#settings = { calls: plan.calls, key: plan.object.Key, algorithm, properties, conditions };
  }

  get uploadId(): string | undefined {
    return this.#open?.id;
  }

  /** @param ending aborts the transfer; it is aborted with the first failure. */
  async run(ending: AbortController): Promise<UploadResult> {
    try {
      const output = await this.#run(ending);
      return resultOf(this.#plan.object, output, { partsSent: this.#partsSent, partsKept: this.#partsKept });
    } catch (error) {
      // Its own failure is what the caller needs to know; `uploadId` says what could not be taken away.
      if (!this.#plan.isDiscarded() && !this.#mayBeLeft) await this.discard().catch(() => {});
      throw error;
    }
  }

  /** Takes away what is at the server and in the state file. */
  async discard(): Promise<void> {
    await this.#settleCreation();
    await this.#takeAway(AbortSignal.timeout(this.#plan.cleanUpTimeout));
  }

  /** Only where somebody can go on with it: who knows its id, from the state file or by asking for it. */
  get #mayBeLeft(): boolean {
    const { leavesParts, stateFile } = this.#plan;
    return leavesParts && this.#creating === undefined && (stateFile === undefined || this.#isWrittenDown);
  }

  async #settleCreation(): Promise<void> {
    try {
      this.#open = (await this.#creating) ?? this.#open;
    } catch (error) {
      // Nothing was created, unless there was no time to find out.
      if (errorName(error) === 'TimeoutError') throw error;
    } finally {
      this.#creating = undefined;
    }
  }

  async #takeAway(signal: AbortSignal): Promise<void> {
    await this.#open?.abort(signal);
    await this.#forget();
  }

  async #run(ending: AbortController): Promise<S3Output> {
    const earlier = await this.#readState();
    throwIfAborted(ending.signal);
    const body = await this.#plan.openBody();
    try {
      const completed = earlier && (await this.#goOn(earlier, body, ending));
      return completed ?? (await this.#begin(body, ending));
    } finally {
      await body.close();
    }
  }

  // Where an earlier one has ended

  async #readState(): Promise<UploadState | undefined> {
    const { object, stateFile } = this.#plan;
    const state = stateFile === undefined ? undefined : await readState(stateFile);
    if (stateFile === undefined || state === undefined) return undefined;
    if (state.bucket !== object.Bucket || state.key !== object.Key) {
      throw new StateFileError(resolve(stateFile), `belongs to the upload of ${state.key} to ${state.bucket}`);
    }
    this.#open = new Multipart(state.uploadId, this.#settings);
    this.#isWrittenDown = true;
    return state;
  }

  /** The object; `undefined` where nothing of the earlier upload is of use, and none is left. */
  async #goOn(state: UploadState, body: BodySource, ending: AbortController): Promise<S3Output | undefined> {
    const { params } = this.#plan;
    const multipart = new Multipart(state.uploadId, this.#settings);
    if (isSameUpload(state, { file: body.file, algorithm: params.algorithm, paramsHash: hashOf(params) })) {
      const listed = await multipart.list(ending.signal);
      if (listed !== undefined) return this.#send(body, body.parts(state.partSize), multipart, listed, ending);
      const completed = await this.#findCompleted(body, state.partSize, multipart, ending.signal);
      if (completed !== undefined) {
        await this.#forget();
        return completed;
      }
    }
    await this.#takeAway(ending.signal).catch(unlessNotImplemented);
    await this.#forget();
    return undefined;
  }

  /** The server knows no such upload: it may have become the object in the last moments of the process before. */
  async #findCompleted(
    body: BodySource,
    partSize: number,
    multipart: Multipart,
    signal: AbortSignal,
  ): Promise<S3Output | undefined> {
    // Or the whole file would be read for nothing.
    const object = await multipart.head(signal);
    const count = Math.ceil((body.size ?? 0) / partSize);
    if (object === undefined || object['ContentLength'] !== body.size) return undefined;
    if (!tellsParts(object, this.#settings.algorithm, count)) return undefined;
    const parts: StoredPart[] = [];
    for await (const part of body.parts(partSize)) {
      throwIfAborted(signal);
      const bytes = await part.read();
      const checksum = checksumOf(this.#settings.algorithm, bytes);
      parts.push({ number: part.number, size: bytes.byteLength, etag: md5Of(bytes), checksum });
    }
    return multipart.find(parts, signal);
  }

  // From the beginning

  async #begin(body: BodySource, ending: AbortController): Promise<S3Output> {
    const { signal } = ending;
    const partSize = choosePartSize(body.size, this.#plan.partSize);
    const parts = body.parts(partSize);
    const first = await orAborted(parts.next(), signal);
    const second = await orAborted(parts.next(), signal);
    if (second.done === true) return this.#put(body, first.value ?? undefined, signal);
    const multipart = await this.#create(body, partSize, signal);
    return this.#send(body, startingWith([first, second], parts), multipart, undefined, ending);
  }

  async #create(body: BodySource, partSize: number, signal: AbortSignal): Promise<Multipart> {
    const { object, params, stateFile, cleanUpTimeout } = this.#plan;
    this.#creating = createMultipart(this.#settings, signal, cleanUpTimeout);
    const multipart = await orAborted(this.#creating, signal);
    this.#open = multipart;
    this.#creating = undefined;
    if (stateFile !== undefined && body.file !== undefined) {
      await writeState(stateFile, {
        version: 1,
        bucket: object.Bucket,
        key: object.Key,
        uploadId: multipart.id,
        partSize,
        checksumAlgorithm: params.algorithm,
        file: body.file,
        paramsHash: hashOf(params),
      });
      this.#isWrittenDown = true;
    }
    return multipart;
  }

  async #put(body: BodySource, part: Part | undefined, signal: AbortSignal): Promise<S3Output> {
    const { calls, params } = this.#plan;
    const bytes = part === undefined ? new Uint8Array() : await part.read();
    await body.assertUnchanged();
    const attempt = async (signal: AbortSignal): Promise<S3Output> => {
      try {
        return await calls.once('PutObject', putInput(params, bytes), signal);
      } catch (error) {
        const found = errorName(error) === 'PreconditionFailed' ? await this.#findPut(bytes, signal) : undefined;
        if (found === undefined) throw error;
        return found;
      }
    };
    const stored = await calls.repeatAll('PutObject', attempt, signal);
    this.#noteStored(body, 1, bytes.byteLength);
    return stored;
  }

  /** With a condition, a second sending whose first was answered into the void finds the object that it has made itself. */
  async #findPut(bytes: Uint8Array, signal: AbortSignal): Promise<S3Output | undefined> {
    const { algorithm } = this.#settings;
    try {
      const object = await this.#plan.calls.once('HeadObject', { ChecksumMode: 'ENABLED' }, signal);
      return textIn(object, `Checksum${algorithm}`) === checksumOf(algorithm, bytes) ? object : undefined;
    } catch (error) {
      if (isNotFound(error) || isForbidden(error)) return undefined;
      throw error;
    }
  }

  // In parts

  async #send(
    body: BodySource,
    parts: AsyncIterator<Part, unknown>,
    multipart: Multipart,
    listed: ReadonlyMap<number, ListedPart> | undefined,
    ending: AbortController,
  ): Promise<S3Output> {
    const { signal } = ending;
    const store = async (part: Part): Promise<StoredPart> => {
      const stored = await this.#store(part, multipart, listed?.get(part.number), signal);
      this.#noteStored(body, part.number, stored.size);
      return stored;
    };
    const stored = await inParallel(this.#plan.queueSize, parts, store, ending);
    stored.sort((a, b) => a.number - b.number);
    await body.assertUnchanged();
    const completed = await multipart.complete(stored, signal);
    await this.#forget();
    return completed;
  }

  /** Sends a part, unless the server has it: what it has is held against the bytes of now, whatever was true when they were sent. */
  async #store(
    part: Part,
    multipart: Multipart,
    listed: ListedPart | undefined,
    signal: AbortSignal,
  ): Promise<StoredPart> {
    if (part.number > MOST_PARTS) {
      throw new RangeError(`the stream has more than ${MOST_PARTS} parts: raise partSize, or tell its ContentLength`);
    }
    const bytes = await part.read();
    const known = multipart.known(part.number, bytes, listed);
    if (known !== undefined) {
      this.#partsKept += 1;
      return known;
    }
    const stored = await multipart.store(part.number, bytes, signal);
    this.#partsSent += 1;
    return stored;
  }

  /** There is nothing left that another process could go on with. */
  async #forget(): Promise<void> {
    const { stateFile } = this.#plan;
    this.#open = undefined;
    // Another's is none of our business.
    if (stateFile !== undefined && this.#isWrittenDown) await removeState(stateFile);
    this.#isWrittenDown = false;
  }

  #noteStored(body: BodySource, part: number, bytes: number): void {
    this.#loaded += bytes;
    this.#plan.onStored(part, this.#loaded, body.size);
  }
}

async function* startingWith<Item>(
  taken: readonly IteratorResult<Item, unknown>[],
  rest: AsyncGenerator<Item, unknown>,
): AsyncGenerator<Item, void> {
  for (const result of taken) if (result.done !== true) yield result.value;
  for await (const item of rest) yield item;
}

/** Whether the object says that it was made of so many parts. */
function tellsParts(object: S3Output, algorithm: string, count: number): boolean {
  const marks = [textIn(object, 'ETag'), textIn(object, `Checksum${algorithm}`)];
  return marks.some((mark) => mark !== undefined && unquoted(mark).endsWith(`-${count}`));
}

/** A server that cannot abort has nothing to be waited for. */
function unlessNotImplemented(error: unknown): void {
  if (!isNotImplemented(error)) throw error;
}
