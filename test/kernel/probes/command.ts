import type { Host } from '../../lab/index.js';
import { CliProcess, NETPAUSE } from '../../unit/cli/cli-process.js';

/** The command in hosts of the lab, all of it ended by `end`. */
export class Commands {
  readonly #running: CliProcess[] = [];

  /** Runs it in a pipe. */
  start(host: Host, ...args: readonly string[]): CliProcess {
    const [program = '', ...words] = NETPAUSE;
    return this.#tracked(new CliProcess(host.namespace.command([program, ...words, ...args])));
  }

  /** Runs it on a terminal of 80 × 24, whose keys are our standard input; after it, it is told whether that echoes again. */
  onTerminal(host: Host, ...args: readonly string[]): CliProcess {
    const command = [...NETPAUSE, ...args].map((word) => `'${word}'`).join(' ');
    // The shell gets Ctrl-C too, and some shells end by it once their command has ended in its own way, if they do not trap it.
    const line = `trap : INT; stty cols 80 rows 24; ${command}; code=$?; stty -a | grep -o '[^-]\\becho\\b'; exit $code`;
    const words = ['script', '--quiet', '--return', '--command', line, '/dev/null'] as const;
    return this.#tracked(new CliProcess(host.namespace.command(words)));
  }

  end(): void {
    for (const { child } of this.#running.splice(0)) child.kill('SIGKILL');
  }

  #tracked(cli: CliProcess): CliProcess {
    this.#running.push(cli);
    return cli;
  }
}

/** What a terminal is told when a screen begins and when it ends. */
export const ENTER = '\u001b[?1049h';
export const LEAVE = '\u001b[?25h\u001b[?1049l';
