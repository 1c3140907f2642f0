import { readFile, stat } from 'node:fs/promises';
import { toError } from '../../errors/index.js';
import { errorCode } from '../error-code.js';
import { signatureOf, WatchedFile } from '../watched-file.js';
import { GeoFileError } from './geo-file-error.js';
import { Mmdb, type MmdbMatch, type MmdbMetadata } from './mmdb.js';

/** What a file is told of. */
export interface GeoFileHandlers {
  /** It has been read again. */
  onReload(file: string): void;
  /** It has changed and is broken now, or what it has of an address is. What was read before goes on being used. */
  onError(error: GeoFileError): void;
}

/** A database that is read again when its file is replaced. */
export class GeoFile {
  readonly path: string;
  readonly #handlers: GeoFileHandlers;
  #mmdb: Mmdb;
  #error: GeoFileError | undefined;
  #watch: WatchedFile | undefined;
  /** One at a time, and no change is missed: any number of changes in the middle of reading have it read once more. */
  #reading: Promise<void> = Promise.resolve();
  #isQueued = false;

  /** @throws {GeoFileError} */
  static async open(path: string, isWatched: 'watched' | 'once', handlers: GeoFileHandlers): Promise<GeoFile> {
    const changes = { happened: false, tell: () => {} };
    const watch = new WatchedFile(path, () => {
      changes.happened = true;
      changes.tell();
    });
    // First watched and then read: what comes in between is read twice and not missed.
    if (isWatched === 'watched') await watch.open();
    try {
      const file = new GeoFile(path, await readMmdb(path), handlers);
      file.#watch = watch;
      changes.tell = () => file.#readAgain();
      if (changes.happened) file.#readAgain();
      return file;
    } catch (error) {
      watch.close();
      throw error;
    }
  }

  private constructor(path: string, mmdb: Mmdb, handlers: GeoFileHandlers) {
    this.path = path;
    this.#mmdb = mmdb;
    this.#handlers = handlers;
  }

  get metadata(): MmdbMetadata {
    return this.#mmdb.metadata;
  }

  /** Why the file could not be read the last time. */
  get error(): GeoFileError | undefined {
    return this.#error;
  }

  /** Undefined where it has nothing, or what it has is broken. */
  lookUp(address: string): MmdbMatch | undefined {
    try {
      return this.#mmdb.lookUp(address);
    } catch (error) {
      this.#handlers.onError(new GeoFileError(this.path, `of ${address}: ${toError(error).message}`, { cause: error }));
      return undefined;
    }
  }

  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  #readAgain(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#reading = this.#reading.then(async () => {
      this.#isQueued = false;
      // Closed while it waited.
      if (this.#watch === undefined) return;
      try {
        const mmdb = await readMmdb(this.path);
        if (this.#watch === undefined) return;
        this.#mmdb = mmdb;
        this.#error = undefined;
        this.#handlers.onReload(this.path);
      } catch (error) {
        if (this.#watch === undefined || !(error instanceof GeoFileError)) return;
        this.#error = error;
        if (PASSING.has(errorCode(error.cause))) this.#watch.tellAgain();
        this.#handlers.onError(error);
      }
    });
  }
}

/** Not the file is to blame for these, and so it need not change before it can be read. */
const PASSING: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EIO', 'ESTALE']);

/** Whole: half a gigabyte at most in practice, and a look-up then touches a few hundred bytes of it. @throws {GeoFileError} */
async function readMmdb(path: string): Promise<Mmdb> {
  try {
    return new Mmdb(await readUnchanged(path));
  } catch (error) {
    throw new GeoFileError(path, toError(error).message, { cause: error });
  }
}

/** Reading takes a while: what is written meanwhile would give half of the one file and half of the other. */
async function readUnchanged(path: string): Promise<Buffer> {
  for (let attempts = 1; attempts <= MOST_ATTEMPTS; attempts += 1) {
    const before = await signatureOfFile(path);
    const bytes = await readFile(path);
    if ((await signatureOfFile(path)) === before) return bytes;
  }
  throw new Error('it is being written');
}

const MOST_ATTEMPTS = 3;

async function signatureOfFile(path: string): Promise<string> {
  const stats = await stat(path, { bigint: true });
  // A pipe or a device may have no end, or never begin.
  if (!stats.isFile()) throw new Error('it is no file');
  return signatureOf(stats);
}
