/** What happens in a process, in order, for a test that asks from time to time what has come since. */
export class Journal<Entry> {
  readonly #entries: Entry[] = [];

  add(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** @param count how many are known already. */
  since(count: number): readonly Entry[] {
    return this.#entries.slice(count);
  }
}

/** That a check of one member by another has another verdict than before. */
export interface VerdictChange {
  readonly source: string;
  readonly target: string;
  /** `'tcp'`, `'ping'`, `'http /health'` … */
  readonly check: string;
  /** `'none'` where nothing is told of it any more. */
  readonly verdict: 'ok' | 'failed' | 'inconclusive' | 'none';
  readonly reason?: string | undefined;
  /** Milliseconds of CLOCK_MONOTONIC, which is one clock for all processes. */
  readonly at: number;
}

/** Milliseconds of CLOCK_MONOTONIC. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
