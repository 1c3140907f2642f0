import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Stats } from 'ssh2';
import { InvalidOptionError } from '../../errors/index.js';
import type { AttemptContext } from '../../retry/index.js';
import { agreement, readRegion } from './compare.js';
import { LocalPartial } from './local-partial.js';
import { Meter } from './meter.js';
import type { TransferResult } from './options.js';
import { partialName } from './partial-name.js';
import { type Handle, mayBeFile, OPEN, type RemoteFiles } from './remote-files.js';
import { comparisonFor, resumptionAfter } from './resume.js';
import type { TransferSettings } from './settings.js';
import { SourceChangedError } from './source-changed-error.js';
import { removeStaleHere } from './stale.js';

/** Where a download comes from and goes to. */
export interface DownloadPlan {
  /** Account, server and port: the same path in another account or at another server is another file. */
  readonly server: string;
  readonly remote: string;
  readonly local: string;
}

/**
 * One file on its way from the server, over as many attempts as it takes. It grows under a temporary name beside its target, and takes the
 * target's place when it is complete.
 */
export class Download {
  readonly #plan: DownloadPlan;
  readonly #settings: TransferSettings;
  readonly #meter: Meter;
  /** Of the file as it is now; a file that was changed between two attempts is begun anew. */
  #progress: Progress | undefined;

  constructor(plan: DownloadPlan, settings: TransferSettings) {
    this.#plan = plan;
    this.#settings = settings;
    this.#meter = new Meter(settings.onProgress);
  }

  async attempt(files: RemoteFiles, context: AttemptContext): Promise<TransferResult> {
    const { remote, local } = this.#plan;
    const handle = await files.open(remote, OPEN.read);
    try {
      const source = await files.fstat(handle);
      if (!mayBeFile(source)) throw new InvalidOptionError('downloadFile: remote', remote, 'the path of a file');
      if (!hasSize(source)) throw new InvalidOptionError('downloadFile: remote', remote, 'a file whose size is told');
      const mode = this.#mode(source, await modeAt(local));
      const progress = await this.#progressFor(source, mode);
      await this.#receive(files, handle, progress, context);
      await this.#assertUnchanged(files, handle, source);
      await this.#finish(progress, source, mode);
      return this.#meter.result;
    } finally {
      // Not waited for: it may not come to an end.
      void files.close(handle);
    }
  }

  /** Closes what is open, and removes the unfinished file where that is wanted. */
  async end(unfinished: 'keep' | 'remove'): Promise<void> {
    await this.#progress?.partial.close();
    if (unfinished === 'remove') await this.#progress?.partial.remove();
    this.#progress = undefined;
  }

  async #progressFor({ size, mtime }: Stats, mode: number | undefined): Promise<Progress> {
    const { server, remote, local } = this.#plan;
    const path = join(dirname(local), partialName(basename(local), [server, remote, size, mtime]));
    if (this.#progress?.partial.path === path) return this.#progress;
    await this.end('remove');
    const partial = await LocalPartial.open(path, mode);
    this.#progress = { partial, size, written: 0 };
    this.#meter.total = size;
    return this.#progress;
  }

  async #receive(files: RemoteFiles, handle: Handle, progress: Progress, context: AttemptContext): Promise<void> {
    const { partial, size } = progress;
    const { window } = this.#settings;
    let offset = await this.#resumeAt(files, handle, progress);
    context.progress(offset);
    for await (const piece of readRegion({ files, handle, from: offset, to: size, window })) {
      this.#meter.move(piece.length);
      await partial.write(piece, offset);
      offset += piece.length;
      progress.written = offset;
      this.#meter.reach(offset);
      context.progress(offset);
    }
    if (offset < size) throw new SourceChangedError(this.#plan.remote);
  }

  /** How far what is there is right. What this very call has written is known, whatever was before it. */
  async #resumeAt(files: RemoteFiles, handle: Handle, progress: Progress): Promise<number> {
    if (progress.written === 0) progress.written = await this.#verified(files, handle, progress);
    this.#meter.reach(progress.written);
    return progress.written;
  }

  /** What is behind it is written over, and cut off where it is too much: not always, for another call may be writing the same. */
  async #verified(files: RemoteFiles, handle: Handle, { partial, size: total }: Progress): Promise<number> {
    const { size } = partial;
    if (size > total) {
      await partial.truncate(0);
      return 0;
    }
    const comparison = comparisonFor(this.#settings.verify, { size, written: 0 });
    if (comparison.kind === 'none') return comparison.trusted;
    const region = { files, handle, from: comparison.from, to: size, window: this.#settings.window };
    const agreed = await agreement(region, (offset, length) => partial.read(offset, length));
    const { kind, offset } = resumptionAfter(comparison, agreed);
    if (kind === 'damaged') await partial.truncate(offset);
    return offset;
  }

  async #assertUnchanged(files: RemoteFiles, handle: Handle, { size, mtime }: Stats): Promise<void> {
    const now = await files.fstat(handle);
    if (now.size !== size || now.mtime !== mtime) throw new SourceChangedError(this.#plan.remote);
  }

  #mode(source: Stats, replaced: number | undefined): number | undefined {
    const { mode } = this.#settings;
    return mode === 'source' ? source.mode & 0o7777 : (mode ?? replaced);
  }

  async #finish({ partial }: Progress, source: Stats, mode: number | undefined): Promise<void> {
    const { preserveTimes, staleAfter } = this.#settings;
    const { local } = this.#plan;
    if (mode !== undefined) await partial.chmod(mode);
    if (preserveTimes && hasTime(source)) await partial.utimes(source.mtime);
    await partial.replace(local);
    if (staleAfter === Number.POSITIVE_INFINITY) return;
    // The file is where it should be, whatever comes of this.
    await removeStaleHere(dirname(local), { now: Date.now(), staleAfter }).catch(() => {});
  }
}

/** A server may leave out what it likes (draft-ietf-secsh-filexfer-02, section 5), of which the types know nothing. */
function hasSize({ size }: { readonly size?: number }): boolean {
  return size !== undefined;
}

function hasTime({ mtime }: { readonly mtime?: number }): boolean {
  return mtime !== undefined;
}

/** How far the file has got, as it is at the server now. */
interface Progress {
  readonly partial: LocalPartial;
  readonly size: number;
  /** So many of the first bytes were written by this call. */
  written: number;
}

/** The permissions of the local file that is to be replaced, as in chmod(1); undefined where there is none. */
async function modeAt(path: string): Promise<number | undefined> {
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (stats?.isDirectory()) {
    throw new InvalidOptionError('downloadFile: local', path, 'the path of a file: there is a directory');
  }
  return stats === undefined ? undefined : stats.mode & 0o7777;
}
