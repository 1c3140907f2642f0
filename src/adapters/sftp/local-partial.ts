import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UnsafePathError } from './unsafe-path-error.js';

/** The unfinished local file of a download. It stays open through all attempts. */
export class LocalPartial {
  readonly path: string;
  /** Bytes that were there when it was opened. */
  readonly size: number;
  readonly #file: FileHandle;

  private constructor(path: string, size: number, file: FileHandle) {
    this.path = path;
    this.size = size;
    this.#file = file;
  }

  /**
   * Opens it, or makes it.
   *
   * @param mode permissions that the target will have: it is not to be read by more than may read that. Undefined leaves it to the umask.
   * @throws {UnsafePathError} where something else than a file stands there: it may have been put there to be followed.
   */
  static async open(path: string, mode: number | undefined): Promise<LocalPartial> {
    const flags = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
    // A file that nobody may write could not be gone on with.
    const file = await open(path, flags, (mode ?? 0o666) | 0o600).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ELOOP' ? new UnsafePathError(path, NO_FILE) : error;
    });
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw new UnsafePathError(path, NO_FILE);
      return new LocalPartial(path, stats.size, file);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** @returns these bytes, or as many of them as there are. */
  async read(offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.#file.read(buffer, 0, length, offset);
    return buffer.subarray(0, bytesRead);
  }

  /** Writes all of it: write(2) may write less. */
  async write(bytes: Buffer, offset: number): Promise<void> {
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written, offset + written);
      written += bytesWritten;
    }
  }

  truncate(size: number): Promise<void> {
    return this.#file.truncate(size);
  }

  chmod(mode: number): Promise<void> {
    return this.#file.chmod(mode);
  }

  /** @param mtime seconds since the epoch. */
  utimes(mtime: number): Promise<void> {
    return this.#file.utimes(mtime, mtime);
  }

  /** Puts it in the place of the target, so that even a loss of power leaves the old file or the new one. */
  async replace(target: string): Promise<void> {
    await this.#file.sync();
    try {
      await rename(this.path, target);
    } catch (error) {
      // Another call with the same paths has the same unfinished file, and may have been quicker.
      if (!(await this.#isAt(target))) throw error;
    }
    await syncFolder(dirname(target));
  }

  async #isAt(path: string): Promise<boolean> {
    const here = await this.#file.stat();
    const there = await stat(path).catch(() => undefined);
    return here.dev === there?.dev && here.ino === there.ino;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

const NO_FILE = 'is where the unfinished file belongs, and no regular file: remove it';

/** The rename itself is on disk when the folder is. Not every file system lets a folder be synced; then it is as good as it gets. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch {
    // As said.
  }
}
