import { closeSync, openSync, readlinkSync } from 'node:fs';
import { PATIENCE, within } from './bounded.js';
import type { Argv } from './command.js';
import { Dialogue } from './dialogue.js';
import { endProcessesIn } from './processes.js';

/**
 * How a namespace is come by.
 *
 * - `root`: with the rights of root.
 * - `user-namespace`: within a new user namespace, in which anybody is root.
 * - `within`: beside another one, in the same user namespace.
 */
export type NamespaceOrigin =
  | { readonly kind: 'root' }
  | { readonly kind: 'user-namespace' }
  | { readonly kind: 'within'; readonly outer: Namespace };

/**
 * A network namespace of its own, and a mount namespace in which /sys belongs to it.
 *
 * It has no name, so that nothing can clash: it lives as long as a process is in it. A small shell holds it open, which reads from our pipe.
 * When our process ends, in whatever way, the pipe ends, the shell kills what is left in here and ends, and the kernel takes everything away.
 */
export class Namespace {
  /** The holder's process id, by which others find the namespace. */
  readonly pid: number;
  /** What `/proc/<pid>/ns/net` of every process within says. */
  readonly id: string;
  readonly #inUserNamespace: boolean;
  readonly #holder: Dialogue;
  readonly #fd: number;
  #closing: Promise<void> | undefined;

  /** @throws {Error} with what the system said, when there can be none. */
  static async open(origin: NamespaceOrigin): Promise<Namespace> {
    const holder = new Dialogue('the holder of a namespace', holderCommand(origin), /^(ready|done|failed)$/);
    try {
      await holder.greeting();
      return new Namespace(holder, origin.kind !== 'root');
    } catch (error) {
      holder.end();
      throw error;
    }
  }

  private constructor(holder: Dialogue, inUserNamespace: boolean) {
    const path = `/proc/${holder.pid}/ns/net`;
    this.pid = holder.pid;
    this.#holder = holder;
    this.#inUserNamespace = inUserNamespace;
    // An open descriptor keeps the kernel from giving the number to another namespace while we look for processes by it.
    this.#fd = openSync(path, 'r');
    this.id = readlinkSync(path);
    // Everything in it is killed in the end.
    if (this.id === readlinkSync('/proc/self/ns/net')) throw new Error('the new network namespace is our own');
  }

  get alive(): boolean {
    return this.#closing === undefined && this.#holder.alive;
  }

  /** The command that runs a program in here. The program replaces the command, so it has the process id of what was started. */
  command(argv: Argv): Argv {
    return [...this.entry(), ...endingWithUs(argv)];
  }

  /** What is to stand before a command, so that it runs in here. */
  entry(): Argv {
    const user = this.#inUserNamespace ? ['--user', '--preserve-credentials'] : [];
    return ['nsenter', '--target', `${this.pid}`, '--net', '--mount', ...user, '--'];
  }

  /** Writes a file below /proc/sys as a process in here sees it. @returns CLOCK_MONOTONIC in nanoseconds, right before. */
  async writeSysctl(path: string, value: string): Promise<bigint> {
    const { askedAt, text, lastLine } = await this.#holder.ask(`${path} ${value}`);
    if (lastLine !== 'done') throw new Error(`/proc/sys/${path} does not take ${value}: ${text}`);
    return askedAt;
  }

  /** A file as a process in here sees it. */
  file(path: string): string {
    return `/proc/${this.pid}/root${path}`;
  }

  /** Kills every process in here, and waits until they are gone. May be repeated. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await endProcessesIn(this.id);
    } finally {
      closeSync(this.#fd);
    }
    await within(PATIENCE, () => `the end of the holder ${this.pid}`, this.#holder.ended);
  }
}

// `read` is no shell evaluation: the two words are data. The last part is for when we are gone; it has nobody to write to.
const HOLDER_SCRIPT = `
exec 2>&1
set -e
mount -t sysfs sysfs /sys
ip link set dev lo up
echo ready
while read -r path value; do
  if echo "$value" > "/proc/sys/$path"; then echo done; else echo failed; fi
done
exec >/dev/null 2>&1
mine=$(readlink /proc/$$/ns/net)
for each in /proc/[0-9]*; do
  pid=\${each#/proc/}
  if [ "$pid" != $$ ] && [ "$(readlink "$each/ns/net")" = "$mine" ]; then kill -KILL "$pid" || true; fi
done
`;

function holderCommand(origin: NamespaceOrigin): Argv {
  const holder: Argv = ['sh', '-c', HOLDER_SCRIPT];
  // Not shared with the outer mount namespace, or our /sys would be everyone's.
  const unshare = ['--net', '--mount', '--propagation', 'private', '--'];
  switch (origin.kind) {
    case 'root':
      return ['unshare', ...unshare, ...holder];
    case 'user-namespace':
      return ['unshare', '--user', '--map-root-user', ...unshare, ...holder];
    case 'within':
      return [...origin.outer.entry(), 'unshare', ...unshare, ...holder];
  }
}

/**
 * Has the kernel kill the program when our thread ends, even if that is by SIGKILL, and gives it our working folder (entering a mount
 * namespace goes to its root). To come last: a change of credentials clears the signal (PR_SET_PDEATHSIG, prctl(2)).
 */
function endingWithUs(argv: Argv): Argv {
  return ['setpriv', '--pdeathsig', 'KILL', '--', 'env', `--chdir=${process.cwd()}`, '--', ...argv];
}
