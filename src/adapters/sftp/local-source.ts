import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InvalidOptionError } from '../../errors/index.js';
import { SourceChangedError } from './source-changed-error.js';

/** A local file that is read for a transfer. It stays open through all attempts, so that they all read the same file, whatever its name is given to meanwhile. */
export class LocalSource {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Permissions, as in chmod(1). */
  readonly mode: number;
  /** Seconds since the epoch, as SFTP has it. */
  readonly mtime: number;
  /** Whatever changes when the content does: the time of modification can be set back, that of change cannot. */
  readonly identity: readonly (string | bigint)[];
  readonly #file: FileHandle;
  readonly #state: FileState;

  private constructor(path: string, file: FileHandle, state: FileState) {
    this.path = path;
    this.#file = file;
    this.#state = state;
    this.size = Number(state.size);
    this.mode = Number(state.mode & 0o7777n);
    this.mtime = Number(state.mtimeNs / 1_000_000_000n);
    this.identity = [resolve(path), state.size, state.mtimeNs, state.ctimeNs];
  }

  /** @throws what open(2) says; `InvalidOptionError` where it is no regular file. */
  static async open(path: string): Promise<LocalSource> {
    // Of a named pipe open(2) would wait for somebody who writes, and cannot be aborted.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const state = await file.stat({ bigint: true });
      if (!state.isFile()) throw new InvalidOptionError('upload: local', path, 'the path of a regular file');
      return new LocalSource(path, file, state);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** @returns exactly these bytes. @throws {SourceChangedError} where there are fewer. */
  async read(offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    for (let filled = 0; filled < length; ) {
      const { bytesRead } = await this.#file.read(buffer, filled, length - filled, offset + filled);
      if (bytesRead === 0) throw new SourceChangedError(this.path);
      filled += bytesRead;
    }
    return buffer;
  }

  /** @throws {SourceChangedError} where it was written to since it was opened. */
  async assertUnchanged(): Promise<void> {
    const { size, mtimeNs } = await this.#file.stat({ bigint: true });
    if (size !== this.#state.size || mtimeNs !== this.#state.mtimeNs) throw new SourceChangedError(this.path);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

interface FileState {
  readonly size: bigint;
  readonly mode: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}
