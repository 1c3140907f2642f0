import { posix } from 'node:path';
import type { InputAttributes, Stats } from 'ssh2';
import { InvalidOptionError } from '../../errors/index.js';
import type { AttemptContext } from '../../retry/index.js';
import { agreement } from './compare.js';
import type { LocalSource } from './local-source.js';
import { Meter } from './meter.js';
import type { TransferResult } from './options.js';
import { partialName } from './partial-name.js';
import { Pipeline } from './pipeline.js';
import { FAILURE, type Handle, hasCode, mayBeFile, OPEN, PERMISSION_DENIED, type RemoteFiles } from './remote-files.js';
import { comparisonFor, type Resumption, resumptionAfter } from './resume.js';
import { CHUNK, type TransferSettings } from './settings.js';
import { removeStaleAtServer } from './stale.js';
import { TransferMismatchError } from './transfer-mismatch-error.js';
import { UnsafePathError } from './unsafe-path-error.js';

/**
 * One file on its way to the server, over as many attempts as it takes. It grows under a temporary name beside its target, and takes the target's
 * place when it is complete.
 */
export class Upload {
  readonly #source: LocalSource;
  readonly #target: string;
  readonly #partial: string;
  readonly #settings: TransferSettings;
  readonly #meter: Meter;
  /** So many of the first bytes were acknowledged, in whatever session. */
  #acknowledged = 0;
  /** Whether the server has been asked to rename it: if no answer came, it may have been done. */
  #renameSent = false;

  constructor(source: LocalSource, target: string, settings: TransferSettings) {
    this.#source = source;
    this.#target = target;
    this.#partial = posix.join(posix.dirname(target), partialName(posix.basename(target), source.identity));
    this.#settings = settings;
    this.#meter = new Meter(settings.onProgress);
    this.#meter.total = source.size;
  }

  async attempt(files: RemoteFiles, context: AttemptContext): Promise<TransferResult> {
    for (let roundsLeft = MOST_ROUNDS; ; roundsLeft -= 1) {
      const outcome = await this.#round(files, context);
      if (outcome.kind === 'done') return this.#meter.result;
      if (roundsLeft === 1) throw outcome.error;
    }
  }

  /** Removes what is there of it; but not where the old target had to make room for it already: it is all that is left of the file. */
  async discard(files: RemoteFiles): Promise<void> {
    if (this.#renameSent && (await files.lstat(this.#target)) === undefined) return;
    await files.unlink(this.#partial);
  }

  async #round(files: RemoteFiles, context: AttemptContext): Promise<Outcome> {
    const [target, partial] = await Promise.all([files.stat(this.#target), files.lstat(this.#partial)]);
    if (target?.isDirectory()) {
      throw new InvalidOptionError('uploadFile: remote', this.#target, 'the path of a file: there is a directory');
    }
    if (this.#renameSent && partial === undefined && (await this.#hasArrived(files))) return DONE;
    const now = await this.#complete(files, context, { target, partial });
    const outcome = await this.#replaceTarget(files);
    if (outcome.kind === 'done') await this.#removeStale(files, now);
    return outcome;
  }

  /** @returns the time at the server in milliseconds since the epoch, about. */
  async #complete(files: RemoteFiles, context: AttemptContext, found: Found): Promise<number> {
    const { handle, origin } = await this.#open(files, found);
    let isOpen = true;
    try {
      // Asked of what is open: since the name was looked at, it may have been given to another file.
      const size = origin === 'made' ? 0 : (await files.fstat(handle)).size;
      const offset = await this.#resumeAt(files, handle, size);
      await this.#send(files, handle, offset, context);
      const stats = await this.#check(files, handle);
      await this.#source.assertUnchanged();
      await this.#setAttributes(files, handle, stats, found.target);
      await files.fsync(handle);
      // Never twice, whatever comes of it: by then the server may have given this handle to another file.
      isOpen = false;
      await files.closeWritten(handle);
      return stats.mtime * 1000;
    } finally {
      // In a session that others use it would stay open. Not waited for: it may not come to an end.
      if (isOpen) void files.close(handle);
    }
  }

  async #open(files: RemoteFiles, { target, partial }: Found): Promise<OpenPartial> {
    const opened = partial && (await this.#openAgain(files, partial));
    if (opened !== undefined) return opened;
    try {
      return { handle: await this.#create(files, target), origin: 'made' };
    } catch (error) {
      // Another call with the same paths may have been quicker.
      const found = hasCode(error, FAILURE) ? await files.lstat(this.#partial) : undefined;
      const openedAgain = found && (await this.#openAgain(files, found));
      if (openedAgain === undefined) throw error;
      return openedAgain;
    }
  }

  /** Undefined where it is gone: another call with the same paths may have been quicker. */
  async #openAgain(files: RemoteFiles, partial: Stats): Promise<OpenPartial | undefined> {
    if (!mayBeFile(partial)) throw new UnsafePathError(this.#partial, NO_FILE);
    const handle = await files.openIfThere(this.#partial, this.#access).catch(async (error: unknown) => {
      // Interrupted between the change of its permissions and the rename, it has those of the target, which nobody may write perhaps.
      if (!hasCode(error, PERMISSION_DENIED) || (partial.mode & 0o600) === 0o600) throw error;
      await files.setstat(this.#partial, { mode: 0o600 });
      return files.openIfThere(this.#partial, this.#access);
    });
    return handle && { handle, origin: 'found' };
  }

  #create(files: RemoteFiles, target: Stats | undefined): Promise<Handle> {
    const mode = this.#mode(target);
    // Not to be read by more than the target is; and a file that nobody may write could not be gone on with.
    const attributes = mode === undefined ? {} : { mode: mode | 0o600 };
    // Exclusively, so that no link is followed that somebody puts there at this moment.
    return files.open(this.#partial, this.#access | OPEN.create | OPEN.exclusive, attributes);
  }

  get #access(): number {
    return this.#settings.verify === 'size' ? OPEN.write : OPEN.write | OPEN.read;
  }

  /** How far what is there is right. What is behind that is cut off where it is too much. */
  async #resumeAt(files: RemoteFiles, handle: Handle, size: number): Promise<number> {
    const isTooLong = size > this.#source.size;
    const { kind, offset } = isTooLong ? ANEW : await this.#verified(files, handle, size);
    if (kind === 'damaged') await files.fsetstat(handle, { size: offset });
    this.#acknowledged = offset;
    this.#meter.reach(offset);
    return offset;
  }

  async #verified(files: RemoteFiles, handle: Handle, size: number): Promise<Resumption> {
    const comparison = comparisonFor(this.#settings.verify, { size, written: this.#acknowledged });
    if (comparison.kind === 'none') return { kind: 'sound', offset: comparison.trusted };
    return resumptionAfter(comparison, await this.#agreement(files, handle, comparison.from, size));
  }

  async #send(files: RemoteFiles, handle: Handle, from: number, context: AttemptContext): Promise<void> {
    const { size } = this.#source;
    const writing = new Pipeline<number>(this.#settings.window);
    let sent = from;
    context.progress(from);
    do {
      while (sent < size && writing.hasRoomFor(CHUNK)) {
        const bytes = await this.#source.read(sent, Math.min(CHUNK, size - sent));
        const end = sent + bytes.length;
        writing.add(
          bytes.length,
          files.write(handle, bytes, sent).then(() => end),
        );
        this.#meter.move(bytes.length);
        sent = end;
      }
      const acknowledged = await writing.next();
      if (acknowledged !== undefined) {
        this.#acknowledged = acknowledged;
        this.#meter.reach(acknowledged);
        context.progress(acknowledged);
      }
    } while (!writing.isEmpty || sent < size);
  }

  /** Whether the server has all of it. @throws {TransferMismatchError} */
  async #check(files: RemoteFiles, handle: Handle): Promise<Stats> {
    const stats = await files.fstat(handle);
    const { size } = this.#source;
    if (stats.size !== size) {
      return this.#mismatch(files, `it has ${stats.size} bytes, and should have ${size}`);
    }
    if (this.#settings.verify === 'full') {
      const agreed = await this.#agreement(files, handle, 0, size);
      if (agreed < size) return this.#mismatch(files, `byte ${agreed} is another`);
    }
    return stats;
  }

  /** What is wrong would be wrong at the next call, too. */
  async #mismatch(files: RemoteFiles, difference: string): Promise<never> {
    await files.unlink(this.#partial).catch(() => {});
    throw new TransferMismatchError(this.#target, difference);
  }

  async #replaceTarget(files: RemoteFiles): Promise<Outcome> {
    this.#renameSent = true;
    try {
      await files.replace(this.#partial, this.#target);
      return DONE;
    } catch (error) {
      // Another call with the same paths has the same unfinished file, and may have been quicker.
      const isGone = hasCode(error) && (await files.lstat(this.#partial)) === undefined;
      if (!isGone) throw error;
      // Or it has removed that; and without `posix-rename` we may have removed what it had put in the place of the target.
      return (await this.#hasArrived(files)) ? DONE : { kind: 'gone', error };
    }
  }

  /** Whether the target is what was to be put there, by as much as is compared of an unfinished file. */
  async #hasArrived(files: RemoteFiles): Promise<boolean> {
    const { size } = this.#source;
    if ((await files.stat(this.#target))?.size !== size) return false;
    const comparison = comparisonFor(this.#settings.verify, { size, written: 0 });
    if (comparison.kind === 'none') return true;
    const handle = await files.open(this.#target, OPEN.read);
    try {
      return (await this.#agreement(files, handle, comparison.from, size)) === size;
    } finally {
      void files.close(handle);
    }
  }

  #agreement(files: RemoteFiles, handle: Handle, from: number, to: number): Promise<number> {
    const { window } = this.#settings;
    return agreement({ files, handle, from, to, window }, (offset, length) => this.#source.read(offset, length));
  }

  async #setAttributes(files: RemoteFiles, handle: Handle, now: Stats, replaced: Stats | undefined): Promise<void> {
    const { mode: wanted, preserveTimes } = this.#settings;
    const mode = this.#mode(replaced);
    if (wanted === undefined && mode !== undefined && (now.mode & 0o7777) !== mode) {
      // Nobody has asked for it, and not every server has permissions to set.
      await files.fsetstat(handle, { mode }).catch(() => {});
    }
    const { mtime } = this.#source;
    const attributes: InputAttributes = {
      ...(wanted !== undefined && mode !== undefined && { mode }),
      ...(preserveTimes && { atime: mtime, mtime }),
    };
    if (Object.keys(attributes).length > 0) await files.fsetstat(handle, attributes);
  }

  #mode(replaced: Stats | undefined): number | undefined {
    const { mode } = this.#settings;
    if (mode === 'source') return this.#source.mode;
    return mode ?? (replaced?.isFile() ? replaced.mode & 0o7777 : undefined);
  }

  /** The file is where it should be, whatever comes of this. */
  async #removeStale(files: RemoteFiles, now: number): Promise<void> {
    const { staleAfter } = this.#settings;
    if (staleAfter === Number.POSITIVE_INFINITY) return;
    await removeStaleAtServer(files, posix.dirname(this.#target), { now, staleAfter }).catch(() => {});
  }
}

/** What stands at the server at the beginning of an attempt. */
interface Found {
  readonly target: Stats | undefined;
  readonly partial: Stats | undefined;
}

/** `gone`: the unfinished file was taken away before it could be renamed, and the target is something else. */
type Outcome = { readonly kind: 'done' } | { readonly kind: 'gone'; readonly error: unknown };

const DONE: Outcome = { kind: 'done' };

/** How often it is sent again in one attempt when somebody else takes it away. */
const MOST_ROUNDS = 3;

/** It is another file, or somebody has added to it. */
const ANEW: Resumption = { kind: 'damaged', offset: 0 };

interface OpenPartial {
  readonly handle: Handle;
  readonly origin: 'made' | 'found';
}

const NO_FILE = 'is where the unfinished file belongs, and no regular file: remove it';
