import { AbortError } from '../../../retry/index.js';
import { type ChecksumAlgorithm, checksumOf, isMd5, md5Of, unquoted } from './checksum.js';
import { compare, expectedObject, type StoredPart } from './expected-object.js';
import { listIn, type ObjectCalls, type S3Output, textIn } from './object-calls.js';
import { isAmbiguous, isForbidden, isNoSuchUpload, isNotFound, isNotImplemented } from './s3-error.js';
import { UploadMismatchError } from './upload-mismatch-error.js';

/** A part as the server lists it, which may tell its checksum or not. */
export interface ListedPart {
  readonly size: number | undefined;
  readonly etag: string;
  readonly checksum: string | undefined;
}

/** What a multipart upload is made with, beside its content. */
export interface MultipartSettings {
  readonly calls: ObjectCalls;
  readonly key: string;
  readonly algorithm: ChecksumAlgorithm;
  /** What the object is to be, as CreateMultipartUpload takes it. */
  readonly properties: S3Output;
  /** On what condition it may come into being, as CompleteMultipartUpload takes it. */
  readonly conditions: S3Output;
}

/** A multipart upload at the server, from its creation, or from where another process has left it. */
export class Multipart {
  readonly id: string;
  readonly #settings: MultipartSettings;

  constructor(id: string, settings: MultipartSettings) {
    this.id = id;
    this.#settings = settings;
  }

  /** Sends a part, and holds what the server says of it against what was sent. */
  async store(number: number, bytes: Uint8Array, signal: AbortSignal): Promise<StoredPart> {
    const { calls, algorithm } = this.#settings;
    const checksum = checksumOf(algorithm, bytes);
    const input = {
      UploadId: this.id,
      PartNumber: number,
      Body: bytes,
      ContentLength: bytes.byteLength,
      ChecksumAlgorithm: algorithm,
      [`Checksum${algorithm}`]: checksum,
    };
    const etag = await calls.repeatAll(
      'UploadPart',
      async (signal) => {
        const output = await calls.once('UploadPart', input, signal);
        return verifiedETag(output, { number, bytes, algorithm, checksum });
      },
      signal,
    );
    return { number, size: bytes.byteLength, etag, checksum };
  }

  /** The parts that the server has; `undefined` where it knows no such upload, or cannot tell. */
  async list(signal: AbortSignal): Promise<ReadonlyMap<number, ListedPart> | undefined> {
    const { calls } = this.#settings;
    try {
      return await calls.repeatAll('ListParts', (signal) => this.#listOnce(signal), signal);
    } catch (error) {
      if (isNoSuchUpload(error) || isNotImplemented(error)) return undefined;
      throw error;
    }
  }

  /** The part as it is stored already, where the server has these very bytes. */
  known(number: number, bytes: Uint8Array, listed: ListedPart | undefined): StoredPart | undefined {
    if (listed === undefined || listed.size !== bytes.byteLength) return undefined;
    const checksum = checksumOf(this.#settings.algorithm, bytes);
    const isSame =
      listed.checksum === undefined ? unquoted(listed.etag) === md5Of(bytes) : listed.checksum === checksum;
    return isSame ? { number, size: bytes.byteLength, etag: listed.etag, checksum } : undefined;
  }

  /**
   * Makes the object, once. Where the answer was lost, or says that there is no such upload (any more), or 200 and an error, the server is asked
   * what there is before anything is repeated.
   */
  async complete(parts: readonly StoredPart[], signal: AbortSignal): Promise<S3Output> {
    const { calls, algorithm, conditions } = this.#settings;
    const input = {
      ...conditions,
      UploadId: this.id,
      MultipartUpload: {
        Parts: parts.map(({ number, etag, checksum }) => ({
          PartNumber: number,
          ETag: etag,
          [`Checksum${algorithm}`]: checksum,
        })),
      },
    };
    return calls.repeatAll(
      'CompleteMultipartUpload',
      async (signal) => {
        try {
          return await this.#verified(parts, await calls.once('CompleteMultipartUpload', input, signal), signal);
        } catch (error) {
          const found = isAmbiguous(error) ? await this.#findAfter(error, parts, signal) : undefined;
          if (found === undefined) throw error;
          return found;
        }
      },
      signal,
    );
  }

  /** The object, where it was made of these parts and the upload is over; `undefined` where it was not. */
  async find(parts: readonly StoredPart[], signal: AbortSignal): Promise<S3Output | undefined> {
    // While it can be listed it is not completed, whatever lies under the key.
    return (await this.#isOver(signal)) ? this.#findMadeOf(parts, signal) : undefined;
  }

  /** What lies under the key; `undefined` where nothing does, or where it is not for us to see. */
  async head(signal: AbortSignal): Promise<S3Output | undefined> {
    try {
      return await this.#settings.calls.once('HeadObject', { ChecksumMode: 'ENABLED' }, signal);
    } catch (error) {
      if (isNotFound(error) || isForbidden(error)) return undefined;
      throw error;
    }
  }

  /** Takes the upload and its parts away. That there is none any more is as good. */
  async abort(signal: AbortSignal): Promise<void> {
    try {
      await this.#settings.calls.repeat('AbortMultipartUpload', { UploadId: this.id }, signal);
    } catch (error) {
      if (!isNoSuchUpload(error)) throw error;
    }
  }

  /** What a completion has made that failed like this. */
  #findAfter(failure: unknown, parts: readonly StoredPart[], signal: AbortSignal): Promise<S3Output | undefined> {
    return isNoSuchUpload(failure) ? this.#findMadeOf(parts, signal) : this.find(parts, signal);
  }

  async #findMadeOf(parts: readonly StoredPart[], signal: AbortSignal): Promise<S3Output | undefined> {
    const object = await this.head(signal);
    if (object === undefined) return undefined;
    return compare(expectedObject(this.#settings.algorithm, parts), object).verdict === 'same' ? object : undefined;
  }

  /** Where the server cannot list parts, it is taken to be; where it may not be asked, to go on. */
  async #isOver(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#settings.calls.once('ListParts', { UploadId: this.id, MaxParts: 1 }, signal);
      return false;
    } catch (error) {
      if (isNoSuchUpload(error) || isNotImplemented(error)) return true;
      if (isForbidden(error)) return false;
      throw error;
    }
  }

  async #listOnce(signal: AbortSignal): Promise<ReadonlyMap<number, ListedPart>> {
    const { calls, algorithm } = this.#settings;
    const parts = new Map<number, ListedPart>();
    let marker: string | undefined;
    do {
      const input = { UploadId: this.id, ...(marker !== undefined && { PartNumberMarker: marker }) };
      const page = await calls.once('ListParts', input, signal);
      for (const part of listIn(page, 'Parts')) {
        const { PartNumber: number, Size: size } = part;
        const etag = textIn(part, 'ETag');
        if (typeof number !== 'number' || etag === undefined) continue;
        const checksum = textIn(part, `Checksum${algorithm}`);
        parts.set(number, { size: typeof size === 'number' ? size : undefined, etag, checksum });
      }
      const next = page['IsTruncated'] === true ? textIn(page, 'NextPartNumberMarker') : undefined;
      // A server that gives the same page for ever must not be read for ever.
      marker = next === marker ? undefined : next;
    } while (marker !== undefined);
    return parts;
  }

  async #verified(parts: readonly StoredPart[], completed: S3Output, signal: AbortSignal): Promise<S3Output> {
    const expected = expectedObject(this.#settings.algorithm, parts);
    let comparison = compare(expected, completed);
    if (comparison.verdict === 'unknown') comparison = compare(expected, (await this.head(signal)) ?? {});
    if (comparison.verdict === 'different') {
      const { what, expected: sent, actual } = comparison;
      // It is made, and to send it again is for the caller to decide.
      throw new AbortError(new UploadMismatchError(`${what} of the object`, sent, actual));
    }
    return completed;
  }
}

interface SentPart {
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly algorithm: ChecksumAlgorithm;
  readonly checksum: string;
}

/** By the checksum where the server gives it back, otherwise by the ETag where that is an MD5. */
function verifiedETag(output: S3Output, { number, bytes, algorithm, checksum }: SentPart): string {
  const etag = textIn(output, 'ETag');
  if (etag === undefined) throw new UploadMismatchError(`ETag of part ${number}`, 'there', 'missing');
  const stored = textIn(output, `Checksum${algorithm}`);
  if (stored !== undefined) {
    if (stored !== checksum) throw new UploadMismatchError(`${algorithm} of part ${number}`, checksum, stored);
    return etag;
  }
  const isPlain =
    textIn(output, 'ServerSideEncryption') !== 'aws:kms' && textIn(output, 'SSECustomerAlgorithm') === undefined;
  if (isPlain && isMd5(unquoted(etag)) && unquoted(etag) !== md5Of(bytes)) {
    throw new UploadMismatchError(`MD5 of part ${number}`, md5Of(bytes), unquoted(etag));
  }
  return etag;
}
