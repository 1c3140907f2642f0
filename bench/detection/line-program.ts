import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { PATIENCE, within } from '../../test/lab/bounded.js';
import { environment, unreference } from '../../test/lab/command.js';
import type { Argv } from '../../test/lab/index.js';
import { isWord, type Said, type Word } from './watcher.js';

/** A running program that writes `ready`, then lines of a word and a time, and that ends with its standard input. */
export class LineProgram {
  /** Resolves when it has said that it is ready. */
  readonly ready: Promise<void>;
  readonly #title: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<void>;
  #heard: readonly Said[] = [];
  #stderr = '';
  #onLine = () => {};
  #isReady = false;
  #isClosed = false;

  constructor(title: string, [program, ...args]: Argv) {
    this.#title = title;
    this.#child = spawn(program, args, { env: environment(), stdio: 'pipe' });
    unreference(this.#child);
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr += chunk;
    });
    this.#child.stdin.on('error', () => {});
    this.#closed = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#stderr += error.message;
      });
      this.#child.once('close', () => {
        this.#isClosed = true;
        this.#onLine();
        resolve();
      });
    });
    createInterface(this.#child.stdout).on('line', (line) => this.#hear(line));
    this.ready = this.#until(PATIENCE, () => this.#isReady || undefined).then((isReady) => {
      if (isReady === undefined) throw new Error(`${title} does not begin: ${this.#stderr}`);
    });
  }

  /** When it first said a word at or after a moment; undefined when it has not within so many milliseconds. */
  async said(word: Word, since: bigint, ms: number): Promise<bigint | undefined> {
    return this.#until(ms, () => this.#heard.find((said) => said.word === word && said.at >= since)?.at);
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    await within(PATIENCE, () => `the end of ${this.#title}`, this.#closed);
  }

  #hear(line: string): void {
    const [word = '', at = '0'] = line.split(' ');
    if (word === 'ready') this.#isReady = true;
    else if (isWord(word)) this.#heard = [...this.#heard, { word, at: BigInt(at) }];
    this.#onLine();
  }

  #until<Found>(ms: number, find: () => Found | undefined): Promise<Found | undefined> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        this.#onLine = () => {};
        finish();
      };
      const look = () => {
        const found = find();
        if (found !== undefined) settle(() => resolve(found));
        else if (this.#isClosed) settle(() => reject(new Error(`${this.#title} has ended: ${this.#stderr}`)));
      };
      const timer = setTimeout(() => settle(() => resolve(undefined)), ms);
      this.#onLine = look;
      look();
    });
  }
}
