/** In which folders stale files have been looked for lately, so that it is not done for each of a thousand files. */
export class SweptFolders {
  readonly #sweptAt = new Map<string, number>();

  /** Whether it is time to look there. Whoever is told so is expected to do it. */
  claim(folder: string): boolean {
    const now = performance.now();
    const last = this.#sweptAt.get(folder);
    if (last !== undefined && now - last < INTERVAL) return false;
    // Of more folders than this nobody remembers anything, which costs a listing and no more.
    if (this.#sweptAt.size >= MOST_FOLDERS) this.#sweptAt.clear();
    this.#sweptAt.set(folder, now);
    return true;
  }
}

/** Milliseconds. What is stale is so for days. */
const INTERVAL = 60 * 60 * 1000;

const MOST_FOLDERS = 1_000;
