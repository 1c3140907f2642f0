import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:net';
import { orAborted } from '../../../events/index.js';
import { CliError } from '../../cli-error.js';
import { EXIT } from '../../exit-codes.js';
import { printable } from '../../text/fit.js';
import { PROCESS_COMMAND } from './demo-command.js';
import { atMost } from './pause.js';
import { withSystemTools } from './system-tools.js';

/** What a process of a demo is started with. */
export interface DemoProcessOptions {
  /** What it is, in errors: `'the registry'`. */
  readonly name: string;
  /** The words of its command. */
  readonly words: readonly string[];
  /** Variables of its environment, beside ours. */
  readonly env?: Readonly<Record<string, string>>;
  /** What leads into its network namespace. @default [] */
  readonly entry?: readonly string[];
  /** Is told when it ends by itself. */
  readonly onLost: (error: CliError) => void;
}

/** Milliseconds for a process that was killed to be gone. */
const TO_END = 5_000;
/** Characters of its standard error that are kept. */
const LAST_WORDS = 2_000;

/** A process of the demo: this command once more, with other words. */
export class DemoProcess {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #lastWords = '';
  #isStopped = false;

  constructor({ name, words, env = {}, entry = [], onLost }: DemoProcessOptions) {
    const [program, ...args] = [...entry, ...ourCommand(), 'ring', PROCESS_COMMAND, ...words];
    this.#name = name;
    this.#child = spawn(program ?? '', args, {
      env: environmentWith(env),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Ctrl-C of a terminal goes to its whole foreground process group; what becomes of our processes is ours to say.
      detached: true,
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#lastWords = `${this.#lastWords}${chunk}`.slice(-LAST_WORDS);
    });
    this.#ended = new Promise((resolve) => {
      const end = (why: string): void => {
        resolve();
        if (!this.#isStopped) onLost(this.#lossOf(why));
      };
      this.#child.once('error', (error) => end(error.message));
      this.#child.once('close', (code, signal) => end(signal === null ? `exit code ${code}` : signal));
    });
  }

  /** Hands a listening socket over, and waits until it is taken. @throws the signal's reason. */
  async hand(server: Server, signal: AbortSignal): Promise<void> {
    const taken = once(this.#child, 'message', { signal });
    // Where it cannot be sent, the process has ended, which is told of otherwise.
    this.#child.send('the page', server, () => {});
    await orAborted(taken, signal);
  }

  /** Kills it, and waits until it is gone. May be called again. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#child.kill('SIGKILL');
    await atMost(TO_END, this.#ended);
  }

  #lossOf(why: string): CliError {
    const said = printable(this.#lastWords.trim().split('\n').at(-1) ?? '');
    return new CliError(`${this.#name} has ended (${why})${said && `: ${said}`}`, EXIT.failed);
  }
}

/** The words by which we were started ourselves, as the package or from its sources; without a debugger, whose port is taken. */
function ourCommand(): readonly string[] {
  const options = process.execArgv.filter((each) => !each.startsWith('--inspect'));
  return [process.execPath, ...options, ...process.argv.slice(1, 2)];
}

/** Ours, without what the user has set for a ring of his own. */
function environmentWith(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(NETRING|REDIS)_|^LOG_LEVEL$/.test(name));
  return { ...withSystemTools(Object.fromEntries(own)), ...env };
}
