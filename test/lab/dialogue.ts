import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { PATIENCE, within } from './bounded.js';
import { type Argv, environment, unreference } from './command.js';

/** What a {@link Dialogue} answered. */
export interface Answer {
  /** CLOCK_MONOTONIC in nanoseconds, right before the question was handed to the program. */
  readonly askedAt: bigint;
  /** What it said before the line that ends every answer. */
  readonly text: string;
  /** The line that ends the answer. */
  readonly lastLine: string;
}

/**
 * A program that stays, reads lines and answers each. Asking it takes a pipe write instead of the start of a program (0.1 ms instead of
 * some), so that the moment at which something is asked of the kernel is known exactly.
 */
export class Dialogue {
  readonly #title: string;
  readonly #endOfAnswer: RegExp;
  readonly #child: ChildProcessWithoutNullStreams;
  #heard = '';
  #listener: (() => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  /** Resolves when the program has ended. */
  readonly ended: Promise<void>;
  #alive = true;

  /**
   * @param title names it in errors.
   * @param endOfAnswer matches the last line of each answer, and no other line.
   */
  constructor(title: string, argv: Argv, endOfAnswer: RegExp) {
    const [program, ...args] = argv;
    this.#title = title;
    this.#endOfAnswer = endOfAnswer;
    this.#child = spawn(program, args, { env: environment(), stdio: 'pipe' });
    this.ended = new Promise((resolve) => {
      const end = (why: string) => {
        this.#alive = false;
        this.#hear(why);
        resolve();
      };
      this.#child.once('error', (error) => end(error.message));
      this.#child.once('close', () => end(''));
    });
    this.#child.stdout.on('data', (chunk: Buffer) => this.#hear(chunk.toString()));
    this.#child.stderr.on('data', (chunk: Buffer) => this.#hear(chunk.toString()));
    // Writing to a program that has just ended: `ended` tells of it.
    this.#child.stdin.on('error', () => {});
    unreference(this.#child);
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** The program's process id. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#title} could not be started`);
    return this.#child.pid;
  }

  /** Waits for an answer that needs no question. */
  greeting(): Promise<Answer> {
    return this.#inTurn('');
  }

  /** Hands lines to the program and waits for its next answer. Questions are put one after the other. */
  ask(...lines: readonly string[]): Promise<Answer> {
    return this.#inTurn(lines.map((line) => `${line}\n`).join(''));
  }

  /** Ends the program by the end of its input, behind the questions that were put before. */
  end(): void {
    void this.#turn.then(() => this.#child.stdin.end());
  }

  #inTurn(question: string): Promise<Answer> {
    const answer = this.#turn.then(async () => {
      const askedAt = process.hrtime.bigint();
      if (question !== '') this.#child.stdin.write(question);
      const describe = () => `${this.#title} does not answer ${JSON.stringify(question)}; it said: ${this.#heard}`;
      return { askedAt, ...(await within(PATIENCE, describe, this.#nextAnswer())) };
    });
    // What comes too late would be taken for the answer to the next question.
    this.#turn = answer.catch(() => this.#child.stdin.end());
    return answer;
  }

  #nextAnswer(): Promise<Omit<Answer, 'askedAt'>> {
    return new Promise((resolve, reject) => {
      this.#listener = () => {
        const answer = this.#takeAnswer();
        if (answer !== undefined) resolve(answer);
        else if (!this.#alive) reject(new Error(`${this.#title} has ended: ${this.#heard.trim()}`));
        else return;
        this.#listener = undefined;
      };
      this.#listener();
    });
  }

  #takeAnswer(): Omit<Answer, 'askedAt'> | undefined {
    const lines = this.#heard.split('\n');
    // What follows the last newline is not a whole line yet.
    const last = lines.slice(0, -1).findIndex((line) => this.#endOfAnswer.test(line));
    if (last === -1) return undefined;
    this.#heard = lines.slice(last + 1).join('\n');
    return { text: lines.slice(0, last).join('\n'), lastLine: lines[last] ?? '' };
  }

  #hear(text: string): void {
    this.#heard += text;
    this.#listener?.();
  }
}
