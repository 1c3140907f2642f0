import { callSafely, linkSignals, throwIfAborted } from '../../events/index.js';
import type { DirectoryEvent, DirectoryResult, TransferResult } from './options.js';
import type { DirectorySettings } from './settings.js';
import type { Entry } from './trees.js';

/**
 * The two sides of the transfer of a directory. Paths are relative, with `/` between their parts; `''` is the directory itself. Everything ends
 * with the signal.
 */
export interface DirectorySides {
  /** What stands in a directory of the source. */
  entries(path: string, signal: AbortSignal): Promise<readonly Entry[]>;
  /** Makes a directory of the target unless it is there. */
  makeFolder(path: string, signal: AbortSignal): Promise<void>;
  /** Transfers a file; undefined where it was there already. */
  transfer(path: string, signal: AbortSignal): Promise<TransferResult | undefined>;
}

/**
 * Transfers everything in a directory, several files at a time. One directory is listed after the other, when its turn comes: of a tree of millions
 * of files, no more is in memory than the names in the directories that lead to where it is.
 *
 * The first failure ends it: what is under way is aborted, and what was done stays done.
 */
export async function transferDirectory(
  sides: DirectorySides,
  settings: DirectorySettings,
  signal: AbortSignal | undefined,
): Promise<DirectoryResult> {
  const count = { transferred: 0, unchanged: 0, skipped: 0, bytes: 0 };
  const tell = (event: DirectoryEvent): void => {
    count[event.outcome] += 1;
    if (event.outcome === 'transferred') count.bytes += event.result.bytes;
    const { onEntry } = settings;
    if (onEntry !== undefined) callSafely(() => onEntry(Object.freeze(event)));
  };
  const failed = new AbortController();
  const linked = linkSignals(signal, failed.signal);
  try {
    const files = walk(sides, settings, tell, linked.signal);
    await inLanes(settings.concurrency, failed, async () => {
      for (;;) {
        const { done, value: path } = await files.next();
        if (done) return;
        // Between two files nothing else looks at it.
        throwIfAborted(linked.signal);
        const result = await sides.transfer(path, linked.signal);
        tell(result === undefined ? { path, outcome: 'unchanged' } : { path, outcome: 'transferred', result });
      }
    });
    return Object.freeze(count);
  } finally {
    linked.release();
  }
}

/** The files, each after the directory that it is in was made. */
async function* walk(
  sides: DirectorySides,
  { filter }: DirectorySettings,
  tell: (event: DirectoryEvent) => void,
  signal: AbortSignal,
): AsyncGenerator<string, undefined> {
  const folders: string[] = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    await sides.makeFolder(folder, signal);
    const inside: string[] = [];
    for (const { name, type } of await sides.entries(folder, signal)) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (type === 'other') tell({ path, outcome: 'skipped' });
      else if (filter !== undefined && !filter({ path, type })) continue;
      else if (type === 'directory') inside.push(path);
      else yield path;
    }
    folders.push(...inside.reverse());
  }
  return undefined;
}

/** Has so many go on at a time. The first that fails ends the others; its error is thrown when all have ended. */
async function inLanes(count: number, failed: AbortController, work: () => Promise<void>): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  await Promise.all(
    Array.from({ length: count }, async () => {
      try {
        await work();
      } catch (error) {
        failure ??= { error };
        failed.abort(error);
      }
    }),
  );
  if (failure !== undefined) throw failure.error;
}
