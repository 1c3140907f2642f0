import type { Row } from './row.js';
import type { Stage } from './stage/index.js';

/**
 * One thing that the bench measures. `npm run bench -- --only NAME` runs it alone; its rows are printed, written to `NAME.json` and drawn as
 * `NAME.svg`.
 */
export interface Part {
  readonly name: string;
  /** What is measured, as the heading of the table and of the picture. */
  readonly title: string;
  /**
   * Measures. Contenders are taken in turns within one run, so that what disturbs the machine disturbs them alike.
   *
   * @throws {PartUnavailableError} where this machine cannot measure it.
   */
  run(bench: Bench): Promise<readonly Row[]>;
  /** Which rows the picture shows. @default all */
  shown?(row: Row): boolean;
}

/** What a part is given to work with. */
export interface Bench {
  readonly scale: Scale;
  /** The package as it was built from this checkout, and the programs that use it. */
  readonly stage: Stage;
  /** Says on standard error what is going on, or why a contender is left out. */
  say(text: string): void;
}

/** `full` measures; `quick` only shows that everything works, in some seconds a part, and its figures mean nothing. */
export type Scale = 'full' | 'quick';

/** This machine lacks what a part needs. */
export class PartUnavailableError extends Error {
  override readonly name = 'PartUnavailableError';
}
