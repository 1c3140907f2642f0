import { InvalidOptionError } from '../../src/errors/index.js';
import type { Argv } from './command.js';
import { Dialogue } from './dialogue.js';
import type { Namespace } from './namespace.js';

/** The words of one command of ip(8), such as `['link', 'set', 'dev', 'eth0', 'down']`. */
export type IpCommand = readonly string[];

/**
 * One ip(8) that stays in a namespace and takes commands line by line, so that the kernel is asked within 0.1 ms after the time that is
 * given back, without the start of a program in between.
 */
export class IpSession {
  readonly #namespace: Namespace;
  #dialogue: Dialogue | undefined;

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  /**
   * Runs commands one after the other, in one go.
   *
   * @returns CLOCK_MONOTONIC in nanoseconds, right before the first.
   * @throws {Error} with what ip and the kernel said. The commands behind the one that failed are run all the same.
   */
  async run(commands: readonly IpCommand[]): Promise<bigint> {
    const lines = commands.map(line);
    const dialogue = await this.#open();
    // ip says nothing about a command that succeeds. So it is asked for something that it always knows, and whose end it flushes.
    const { askedAt, text } = await dialogue.ask(...lines, 'link show dev lo');
    if (text === '') return askedAt;
    // It remembers which name has which index; where that has gone wrong, a new one looks afresh.
    this.#dialogue = undefined;
    dialogue.end();
    throw new Error(`ip ${lines.join('; ip ')}: ${text.replaceAll('\n', '; ')}`);
  }

  /** One that is ready before the clock starts. A mistake in a command's words ends ip, so there may be none any more. */
  async #open(): Promise<Dialogue> {
    if (this.#dialogue?.alive) return this.#dialogue;
    const dialogue = new Dialogue('ip', this.#namespace.command(IP), LOOPBACK_LINE);
    this.#dialogue = dialogue;
    await dialogue.ask('link show dev lo');
    return dialogue;
  }
}

// The shell joins the two outputs, so that an error stands before the end of its answer.
const IP: Argv = ['sh', '-c', 'exec ip -oneline -force -batch - 2>&1'];

/** The loopback device is the first of every namespace. */
const LOOPBACK_LINE = /^1: lo: /;

/** A line of a batch file. ip splits it at blanks and knows quotes and comments: words that need them are none of ours. */
function line(words: IpCommand): string {
  for (const word of words) {
    if (!/^[\w.:/@%+,=-]+$/.test(word))
      throw new InvalidOptionError('a word of an ip command', word, 'made of letters, digits and . : / @ % + , = -');
  }
  return words.join(' ');
}
