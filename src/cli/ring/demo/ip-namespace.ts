import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { orAborted } from '../../../events/index.js';
import { printable } from '../../text/fit.js';
import { explain } from '../../text/words.js';
import { atMost } from './pause.js';
import { withSystemTools } from './system-tools.js';

/**
 * How a network namespace is come by.
 *
 * - `user`: within a user namespace of its own, in which anybody is root (user_namespaces(7)).
 * - `root`: with the rights of root.
 * - `beside`: in the same user namespace as another one.
 */
export type NamespaceOrigin =
  | { readonly kind: 'user' }
  | { readonly kind: 'root' }
  | { readonly kind: 'beside'; readonly other: IpNamespace };

/** The words of one command of ip(8). */
export type IpCommand = readonly string[];

/** Milliseconds for what takes the kernel a few. */
const PATIENCE = 10_000;

/**
 * A network namespace without a name: it is there as long as a process is in it. That is an ip(8) which takes commands from our pipe. When our
 * process ends, in whatever way, the pipe ends, ip ends, and the kernel takes the namespace away with all that is in it.
 */
export class IpNamespace {
  readonly #isInUserNamespace: boolean;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<void>;
  #heard = '';
  #listener = (): void => {};
  #hasEnded = false;
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param settings files below /proc/sys that must take a value.
   * @throws {Error} with what the system said, where there can be none; the signal's reason.
   */
  static async open(
    origin: NamespaceOrigin,
    settings: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<IpNamespace> {
    const namespace = new IpNamespace(origin, settings);
    try {
      await orAborted(namespace.configure(), signal);
      return namespace;
    } catch (error) {
      await namespace.close();
      throw error;
    }
  }

  private constructor(origin: NamespaceOrigin, settings: Readonly<Record<string, string>>) {
    const [program = '', ...args] = [...entryOf(origin), 'sh', '-c', scriptFor(settings)];
    this.#isInUserNamespace = origin.kind === 'beside' ? origin.other.#isInUserNamespace : origin.kind === 'user';
    // Ctrl-C of a terminal is not for it.
    this.#child = spawn(program, args, {
      env: withSystemTools(process.env),
      stdio: 'pipe',
      detached: true,
    });
    this.#ended = new Promise((resolve) => {
      const end = (why: string): void => {
        this.#hasEnded = true;
        this.#hear(why);
        resolve();
      };
      this.#child.once('error', (error) => end(explainStart(error, program)));
      this.#child.once('close', () => end(''));
    });
    this.#child.stdout.on('data', (chunk: Buffer) => this.#hear(chunk.toString()));
    // Of what stands before the shell.
    this.#child.stderr.on('data', (chunk: Buffer) => this.#hear(chunk.toString()));
    // It has ended, which is told of otherwise.
    this.#child.stdin.on('error', () => {});
  }

  /** By which others find the namespace. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What is to stand before a command, so that it runs in here. The command replaces it, and keeps the process id and the working folder. */
  get entry(): readonly string[] {
    const user = this.#isInUserNamespace ? ['--user', '--preserve-credentials'] : [];
    return ['nsenter', '--target', `${this.pid}`, ...user, '--net', '--mount', `--wd=${process.cwd()}`, '--'];
  }

  /**
   * Runs commands one after the other.
   *
   * @returns milliseconds since 1970, right before the kernel was asked.
   * @throws {Error} with what ip and the kernel said.
   */
  configure(...commands: readonly IpCommand[]): Promise<number> {
    const answer = this.#turn.then(() => this.#ask(commands));
    this.#turn = answer.catch(() => {});
    return answer;
  }

  /** Ends it, and waits until it is gone. May be called again. */
  async close(): Promise<void> {
    if (this.#hasEnded) return;
    this.#child.kill('SIGKILL');
    await atMost(PATIENCE, this.#ended);
  }

  async #ask(commands: readonly IpCommand[]): Promise<number> {
    this.#heard = '';
    const at = Date.now();
    // ip says nothing about a command that succeeds: so it is asked for something that it always knows.
    this.#child.stdin.write([...commands.map((words) => words.join(' ')), 'link show dev lo', ''].join('\n'));
    const said = await this.#answer();
    if (said !== '') throw new Error(said);
    return at;
  }

  /** What was said before the line that ends every answer. */
  #answer(): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`ip says nothing for ${PATIENCE} ms`)), PATIENCE);
      this.#listener = () => {
        const [text = '', ...rest] = this.#heard.split(LOOPBACK_LINE);
        if (rest.length === 0 && !this.#hasEnded) return;
        clearTimeout(timer);
        this.#listener = () => {};
        if (rest.length > 0) resolve(oneLine(text));
        else reject(new Error(oneLine(text) || 'ip has ended'));
      };
      this.#listener();
    });
  }

  #hear(text: string): void {
    this.#heard += text;
    this.#listener();
  }
}

function explainStart(error: Error, program: string): string {
  return 'code' in error && error.code === 'ENOENT' ? `the program ${program} is not installed` : explain(error);
}

/** The loopback interface is the first of every namespace. */
const LOOPBACK_LINE = /^1: lo: .*\n/m;

function oneLine(text: string): string {
  return printable(text.trim().replaceAll(/\s*\n\s*/g, '; '));
}

/** Where /sys may not be mounted anew, it is that of the host: members go by netlink, which is that of the namespace. */
function scriptFor(settings: Readonly<Record<string, string>>): string {
  const writes = Object.entries(settings).map(([path, value]) => `echo '${value}' > /proc/sys/${path}`);
  return [
    'exec 2>&1',
    'set -e',
    'mount -t sysfs sysfs /sys >/dev/null 2>&1 || true',
    ...writes,
    'ip link set dev lo up',
    'exec ip -oneline -force -batch -',
  ].join('\n');
}

function entryOf(origin: NamespaceOrigin): readonly string[] {
  const unshare = ['unshare', '--net', '--mount'];
  if (origin.kind === 'root') return [...unshare, '--'];
  if (origin.kind === 'user') return [...unshare, '--user', '--map-root-user', '--'];
  return [...origin.other.entry, ...unshare, '--'];
}
