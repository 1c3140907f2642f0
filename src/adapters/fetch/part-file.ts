import { type FileHandle, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AskedForRest, Content } from './answer.js';
import type { Digest } from './digest.js';
import { bootId, type PartState, parsePartState, urlKey } from './part-state.js';

/**
 * A file that is not whole yet: `<file>.part`, and beside it `<file>.part.json`, which says of what content it is a part, so that it can be continued
 * after a crash. Without a validator there is nothing to continue with, and no such file.
 */
export class PartFile {
  /** What it is to become. */
  readonly file: string;
  readonly #key: string;
  #content: Content | undefined;
  #offset: number;
  #isEnded = false;
  #handle: FileHandle | undefined;
  #syncedAt: number;

  /** With what an earlier call has left, as far as that is to be relied on. */
  static async open(file: string, url: URL): Promise<PartFile> {
    const key = urlKey(url);
    const state = await readState(statePath(file));
    if (state === undefined || state.url !== key) return new PartFile(file, key);
    const size = await sizeOf(partPath(file));
    // What was written before the machine itself went down may be a hole, but for what was on the disk by then.
    const isSameRun = state.boot !== undefined && state.boot === (await bootId());
    const kept = isSameRun ? size : Math.min(size, state.synced);
    const length = state.length ?? Number.POSITIVE_INFINITY;
    // One byte at least is asked for: only the server knows whether it is what it would send now.
    const offset = Math.min(kept, length - 1);
    if (kept > length || offset <= 0) return new PartFile(file, key);
    return new PartFile(file, key, state, offset, Math.min(offset, state.synced));
  }

  private constructor(file: string, key: string, content?: Content, offset = 0, synced = 0) {
    this.file = file;
    this.#key = key;
    this.#content = content;
    this.#offset = offset;
    this.#syncedAt = synced;
  }

  get path(): string {
    return partPath(this.file);
  }

  /** How many bytes there are. */
  get offset(): number {
    return this.#offset;
  }

  /** How many bytes there will be, where it is known. */
  get length(): number | undefined {
    return this.#content?.length;
  }

  /** What the whole must agree with, where the server has said so. */
  get digest(): Digest | undefined {
    return this.#content?.digest;
  }

  get isWhole(): boolean {
    return this.#isEnded || (this.#content !== undefined && this.#offset === this.#content.length);
  }

  /** The rest, where it can be asked for. */
  get asked(): AskedForRest | undefined {
    if (this.#content?.validator === undefined || this.#offset === 0) return undefined;
    return { offset: this.#offset, content: this.#content };
  }

  /** With which the rest is asked for; none where it is the whole. */
  get rangeHeaders(): Readonly<Record<string, string>> {
    const { asked } = this;
    if (asked?.content.validator === undefined) return {};
    return { Range: `bytes=${asked.offset}-`, 'If-Range': asked.content.validator };
  }

  /** Begins from the start with this content. */
  async begin(content: Content): Promise<void> {
    await this.reset();
    this.#content = content;
    this.#handle = await open(this.path, 'w');
    await this.#noteState();
  }

  /** Goes on with what is there; of what length the whole is may not have been known before. */
  continue(length: number | undefined): void {
    if (this.#content !== undefined && length !== undefined) this.#content = { ...this.#content, length };
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#handle ??= await this.#reopen();
    for (let written = 0; written < chunk.byteLength; ) {
      const { bytesWritten } = await this.#handle.write(chunk, written, chunk.byteLength - written, this.#offset);
      written += bytesWritten;
      this.#offset += bytesWritten;
    }
    if (this.#offset - this.#syncedAt >= SYNC_EVERY) await this.#checkpoint();
  }

  /** There is nothing to come. */
  end(): void {
    this.#isEnded = true;
  }

  /** Everything is on the disk. */
  async sync(): Promise<void> {
    this.#handle ??= await this.#reopen();
    await this.#handle.sync();
  }

  /** It is whole, and gets its name. */
  async rename(): Promise<void> {
    await this.#closeHandle();
    await rename(this.path, this.file);
    this.#content = undefined;
    await syncFolder(dirname(this.file));
    await this.#removeState();
  }

  /** Forgets everything. */
  async reset(): Promise<void> {
    this.#content = undefined;
    this.#offset = 0;
    this.#syncedAt = 0;
    this.#isEnded = false;
    await this.#closeHandle();
    await this.#removeState();
    await rm(this.path, { force: true });
  }

  /** Keeps what can be continued, and nothing else. */
  async close(): Promise<void> {
    await this.#closeHandle();
    if (this.#content !== undefined && this.asked === undefined) await this.reset();
  }

  /** What an earlier call has left beyond the offset is not to be relied on, and must not be taken for a part by a later one. */
  async #reopen(): Promise<FileHandle> {
    const handle = await open(this.path, 'r+');
    this.#handle = handle;
    await handle.truncate(this.#offset);
    return handle;
  }

  async #checkpoint(): Promise<void> {
    await this.#handle?.datasync();
    this.#syncedAt = this.#offset;
    await this.#noteState();
  }

  async #noteState(): Promise<void> {
    const { validator, length, digest } = this.#content ?? {};
    if (validator === undefined) return;
    const state = {
      version: 1,
      url: this.#key,
      validator,
      length,
      digest,
      synced: this.#syncedAt,
      boot: await bootId(),
    } as const;
    await writeState(statePath(this.file), state);
  }

  async #closeHandle(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #removeState(): Promise<void> {
    const path = statePath(this.file);
    await Promise.all([path, temporaryPath(path)].map((each) => rm(each, { force: true })));
  }
}

/** Bytes between two moments at which all is on the disk: what a power failure costs at most. */
const SYNC_EVERY = 8 * 1024 * 1024;

const partPath = (file: string): string => `${file}.part`;
const statePath = (file: string): string => `${file}.part.json`;
const temporaryPath = (path: string): string => `${path}.tmp`;

async function readState(path: string): Promise<PartState | undefined> {
  try {
    return parsePartState(await readFile(path, 'utf8'));
  } catch {
    // Nothing that can be read is nothing to continue.
    return undefined;
  }
}

/** Whole or not at all, and for the eyes of this user only. */
async function writeState(path: string, state: PartState): Promise<void> {
  const temporary = temporaryPath(path);
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(state));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

/** So that the new name is on the disk too, where that can be asked for: not of a folder that may not be listed, or on every file system. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // The file has its name, and is whole.
  }
}
