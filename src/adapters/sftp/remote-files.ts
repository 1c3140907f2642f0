import type { FileEntryWithStats, InputAttributes, SFTPWrapper, Stats } from 'ssh2';
import { orAborted, throwIfAborted } from '../../events/index.js';
import type { Answer, Session } from './session.js';

/** A file or directory that is open at the server. */
export type Handle = Buffer;

/** How a file is opened (draft-ietf-secsh-filexfer-02, section 6.3). */
export const OPEN = { read: 0x01, write: 0x02, create: 0x08, exclusive: 0x20 } as const;

/**
 * The files of a server, as one attempt sees them: each request ends with the session, and with the attempt's signal. What it throws otherwise is
 * the server's status, with the `path` that it is about.
 */
export class RemoteFiles {
  readonly #session: Session;
  readonly #signal: AbortSignal;

  constructor(session: Session, signal: AbortSignal) {
    this.#session = session;
    this.#signal = signal;
  }

  open(path: string, flags: number, attributes: InputAttributes = {}): Promise<Handle> {
    return this.#request((sftp, answer) => sftp.open(path, flags, attributes, answer), path);
  }

  /** @returns undefined where there is no such file. */
  openIfThere(path: string, flags: number): Promise<Handle | undefined> {
    return orNothing(this.open(path, flags));
  }

  /** Does not end with the signal, so that nothing is left open in a session that others use. Never rejects. */
  async close(handle: Handle): Promise<void> {
    await this.#session.request<void>((sftp, answer) => sftp.close(handle, done(answer))).catch(() => {});
  }

  /** Closes a file that was written: only now a server may find out that there is no room for it. */
  closeWritten(handle: Handle): Promise<void> {
    return this.#request((sftp, answer) => sftp.close(handle, done(answer)));
  }

  /** @returns what the server gives at once: as much as is asked for or less, and nothing at the end of the file. */
  read(handle: Handle, offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    return this.#request((sftp, answer) =>
      sftp.read(handle, buffer, 0, length, offset, (error, bytesRead) => answer(error, buffer.subarray(0, bytesRead))),
    );
  }

  write(handle: Handle, bytes: Buffer, offset: number): Promise<void> {
    return this.#request((sftp, answer) => sftp.write(handle, bytes, 0, bytes.length, offset, done(answer)));
  }

  fstat(handle: Handle): Promise<Stats> {
    return this.#request((sftp, answer) => sftp.fstat(handle, answer));
  }

  fsetstat(handle: Handle, attributes: InputAttributes): Promise<void> {
    return this.#request((sftp, answer) => sftp.fsetstat(handle, attributes, done(answer)));
  }

  /** Follows links. */
  setstat(path: string, attributes: InputAttributes): Promise<void> {
    return this.#request((sftp, answer) => sftp.setstat(path, attributes, done(answer)), path);
  }

  /** Has the server write the file to its disk, where it offers that. */
  async fsync(handle: Handle): Promise<void> {
    await this.#extension((sftp, answer) => sftp.ext_openssh_fsync(handle, (error) => answer(error, undefined)));
  }

  /** @returns undefined where there is no such file. */
  stat(path: string): Promise<Stats | undefined> {
    return orNothing(this.#request((sftp, answer) => sftp.stat(path, answer), path));
  }

  /** @returns undefined where there is no such file. */
  lstat(path: string): Promise<Stats | undefined> {
    return orNothing(this.#request((sftp, answer) => sftp.lstat(path, answer), path));
  }

  async mkdir(path: string): Promise<void> {
    return this.#request((sftp, answer) => sftp.mkdir(path, done(answer)), path);
  }

  unlink(path: string): Promise<void> {
    return this.#request((sftp, answer) => sftp.unlink(path, done(answer)), path);
  }

  /**
   * Puts a file in the place of another, at once where the server offers that. Without it a file cannot be renamed to a name that is taken, so
   * that one is removed first, and for a moment there is neither; but never for a file that is not there.
   */
  async replace(from: string, to: string): Promise<void> {
    const replaced = await this.#extension((sftp, answer) => sftp.ext_openssh_rename(from, to, done(answer)), to);
    if (replaced === 'offered') return;
    const [source, target] = await Promise.all([this.lstat(from), this.lstat(to)]);
    if (source !== undefined && target !== undefined) await this.unlink(to);
    await this.#request<void>((sftp, answer) => sftp.rename(from, to, done(answer)), to);
  }

  /** The entries of a directory, a page of the server's at a time. */
  async *list(path: string): AsyncGenerator<readonly FileEntryWithStats[]> {
    const handle = await this.#request<Handle>((sftp, answer) => sftp.opendir(path, answer), path);
    try {
      for (;;) {
        const page = await this.#request<readonly FileEntryWithStats[] | undefined>(
          (sftp, answer) =>
            sftp.readdir(handle, (error, list) =>
              hasCode(error, END_OF_FILE) ? answer(undefined, undefined) : answer(error, list),
            ),
          path,
        );
        if (page === undefined) return;
        yield page;
      }
    } finally {
      await this.close(handle);
    }
  }

  async #request<Value>(send: (sftp: SFTPWrapper, answer: Answer<Value>) => void, path?: string): Promise<Value> {
    throwIfAborted(this.#signal);
    try {
      return await orAborted(this.#session.request(send), this.#signal);
    } catch (error) {
      if (path !== undefined && hasCode(error) && !('path' in error)) Object.assign(error, { path });
      throw error;
    }
  }

  /** ssh2 knows which extensions the server offers, and tells only by throwing before it sends anything. */
  async #extension(
    send: (sftp: SFTPWrapper, answer: Answer<void>) => void,
    path?: string,
  ): Promise<'offered' | 'not offered'> {
    let isOffered = true;
    await this.#request<void>((sftp, answer) => {
      try {
        send(sftp, answer);
      } catch {
        isOffered = false;
        answer(undefined, undefined);
      }
    }, path);
    return isOffered ? 'offered' : 'not offered';
  }
}

/** Whether it is a file, or a server that tells no type says nothing else. */
export function mayBeFile({ mode }: Stats): boolean {
  const type = mode & 0o170000;
  return type === 0o100000 || type === 0;
}

/** Statuses (draft-ietf-secsh-filexfer-02, section 7). */
const END_OF_FILE = 1;
const NO_SUCH_FILE = 2;
export const PERMISSION_DENIED = 3;
/** Anything else, that a file exists included. */
export const FAILURE = 4;

function done(answer: Answer<void>): (error?: Error | null) => void {
  return (error) => answer(error, undefined);
}

async function orNothing<Value>(request: Promise<Value>): Promise<Value | undefined> {
  try {
    return await request;
  } catch (error) {
    if (hasCode(error, NO_SUCH_FILE)) return undefined;
    throw error;
  }
}

/** Whether it is a status of the server, or that very one. */
export function hasCode(error: unknown, code?: number): error is Error & { readonly code: number } {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') return false;
  return code === undefined || error.code === code;
}
