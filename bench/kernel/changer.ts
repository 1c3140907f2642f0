import { Dialogue } from '../../test/lab/dialogue.js';
import type { Host } from '../../test/lab/index.js';
import type { Stage } from '../stage/index.js';

/** When a change was made: CLOCK_MONOTONIC in nanoseconds. */
export interface ChangeTimes {
  /** Right before the kernel was asked. */
  readonly before: bigint;
  /** When it had answered. */
  readonly after: bigint;
}

/** A process in a host that changes its interfaces and knows exactly when; see changer.c. */
export class Changer {
  readonly #dialogue: Dialogue;

  static async open(stage: Stage, host: Host): Promise<Changer> {
    const program = await stage.cProgram(new URL('./changer.c', import.meta.url));
    return new Changer(
      new Dialogue(`the changer in ${host.name}`, host.namespace.command([program]), /^(\d+ \d+|failed: .*)$/),
    );
  }

  private constructor(dialogue: Dialogue) {
    this.#dialogue = dialogue;
  }

  /**
   * Makes one change, in the words of changer.c: `'link eth0 down'`.
   *
   * @throws {Error} with what the kernel said.
   */
  async change(words: string): Promise<ChangeTimes> {
    const { lastLine } = await this.#dialogue.ask(words);
    const [before, after] = lastLine.split(' ');
    if (before === undefined || after === undefined || before === 'failed:') throw new Error(lastLine);
    return { before: BigInt(before), after: BigInt(after) };
  }
}
