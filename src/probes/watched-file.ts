import { type BigIntStats, type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Where the kernel tells of nothing, as over NFS, and where it is another folder that changes, a file is looked at this often. Milliseconds. */
const POLL_INTERVAL = 5_000;

/** What is written in several pieces is read when it has not changed for this long, in milliseconds. */
const REST = 100;

/**
 * Calls back when what a path leads to has changed: by writing, by a rename over it (as editors do), or by the swap of a link on the way (as with a
 * ConfigMap of Kubernetes).
 */
export class WatchedFile {
  readonly #path: string;
  readonly #onChange: () => void;
  #signature: string | undefined;
  /** What it has been since the last look, if that is something new. */
  #news: string | undefined;
  #watcher: FSWatcher | undefined;
  #poll: NodeJS.Timeout | undefined;
  #rest: NodeJS.Timeout | undefined;
  #isLooking = false;
  /** Something has changed during the look: what is seen may be what was before. */
  #isOutdated = false;
  #isOpen = false;

  constructor(path: string, onChange: () => void) {
    this.#path = path;
    this.#onChange = onChange;
  }

  /** From now on; what has changed before is not told. */
  async open(): Promise<void> {
    this.#isOpen = true;
    this.#watch();
    this.#poll = setInterval(() => this.#poke(), POLL_INTERVAL).unref();
    this.#signature = await signatureAt(this.#path);
  }

  /** Has it told once more at one of the next looks, for what could not be done now though the file is all right. */
  tellAgain(): void {
    this.#signature = undefined;
  }

  close(): void {
    this.#isOpen = false;
    this.#unwatch();
    clearInterval(this.#poll);
    clearTimeout(this.#rest);
    this.#rest = undefined;
  }

  /** The folder, not the file: a file that another takes the place of is told of no more. */
  #watch(): void {
    try {
      this.#watcher = watch(dirname(this.#path), { persistent: false }, () => this.#poke());
      this.#watcher.on('error', () => this.#unwatch());
    } catch {
      // No such folder now, or no more watches to be had (inotify(7), max_user_watches): looking now and then is left.
      this.#watcher = undefined;
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** Something has changed nearby: in a busy folder all the time. */
  #poke(): void {
    if (this.#isLooking) this.#isOutdated = true;
    else this.#rest ??= setTimeout(() => void this.#look(), REST).unref();
  }

  async #look(): Promise<void> {
    this.#rest = undefined;
    this.#isLooking = true;
    this.#isOutdated = false;
    // Before the look, so that what changes meanwhile is told of. The folder may be another by now.
    this.#unwatch();
    this.#watch();
    const signature = await signatureAt(this.#path);
    this.#isLooking = false;
    if (!this.#isOpen) return;
    if (this.#isOutdated) this.#poke();
    if (signature === this.#signature) return;
    if (signature !== this.#news) {
      this.#news = signature;
      return this.#poke();
    }
    this.#signature = signature;
    this.#onChange();
  }
}

/** What changes with a file. */
export function signatureOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

async function signatureAt(path: string): Promise<string> {
  try {
    return signatureOf(await stat(path, { bigint: true }));
  } catch {
    return 'none';
  }
}
