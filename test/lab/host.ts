import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { InvalidOptionError } from '../../src/errors/index.js';
import { Actor } from './actor/index.js';
import { PATIENCE } from './bounded.js';
import { type Argv, type CommandOptions, type CommandOutput, environment, runCommand, unreference } from './command.js';
import { type IpCommand, IpSession } from './ip-session.js';
import type { Namespace } from './namespace.js';

export interface SpawnOptions {
  /** What the module finds in `process.argv` behind its own path. */
  readonly args?: readonly string[];
  /** Added to the environment of the test process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Options of Node itself, such as `--expose-gc`. */
  readonly execArgv?: readonly string[];
  /** Another Node than the one that runs the test. */
  readonly nodePath?: string;
  /** Milliseconds until the module must be loaded. @default 20_000 */
  readonly timeout?: number;
}

/** A record of `ip -json`. */
export type IpRecord = Readonly<Record<string, unknown>>;

/** A machine of the lab: a network namespace of its own, with a /sys that shows it. */
export class Host {
  readonly name: string;
  readonly namespace: Namespace;
  readonly #ip: IpSession;
  readonly #actors: Pick<Actor<unknown>, 'exited'>[] = [];
  #interfaces = 0;

  constructor(name: string, namespace: Namespace) {
    this.name = name;
    this.namespace = namespace;
    this.#ip = new IpSession(namespace);
  }

  /** Runs a program inside the host. @throws {CommandError} with what it said, unless it exits with code 0. */
  async exec(program: string, args: readonly string[] = [], options?: CommandOptions): Promise<CommandOutput> {
    return runCommand(this.#inside([program, ...args]), options);
  }

  /** Runs `ip -json -details` with these words, and gives back what it prints: `host.ip('address', 'show', 'dev', 'eth0')`. */
  async ip(...words: IpCommand): Promise<readonly IpRecord[]> {
    const { stdout } = await this.exec('ip', ['-json', '-details', ...words]);
    const parsed: unknown = stdout.trim() === '' ? [] : JSON.parse(stdout);
    if (!Array.isArray(parsed)) throw new Error(`ip ${words.join(' ')} printed no list: ${stdout}`);
    // With a filter, ip prints an empty object for each record that it has left out.
    return parsed.filter((record) => Object.keys(record).length > 0);
  }

  /**
   * Changes links, addresses and routes: `host.configure(['link', 'set', 'dev', 'eth0', 'down'])`.
   *
   * @returns CLOCK_MONOTONIC in nanoseconds (`process.hrtime.bigint()`), right before the kernel was asked.
   */
  async configure(...commands: readonly IpCommand[]): Promise<bigint> {
    this.#assertAlive();
    return this.#ip.run(commands);
  }

  /** Sets a kernel parameter, such as `'net.ipv4.ip_forward'`. @returns the time, as {@link configure} does. */
  async sysctl(key: string, value: string | number): Promise<bigint> {
    if (!/^[\w.-]+$/.test(key)) throw new InvalidOptionError('sysctl: key', key, "dotted, as 'net.ipv4.ip_forward'");
    if (!/^[\w. -]+$/.test(`${value}`)) throw new InvalidOptionError('sysctl: value', value, 'numbers or plain words');
    this.#assertAlive();
    return this.namespace.writeSysctl(key.replaceAll('.', '/'), `${value}`);
  }

  /** Sends what has no other route to a neighbour; the address says whether IPv4 or IPv6. */
  async defaultRoute(gateway: string): Promise<void> {
    await this.configure(['route', 'add', 'default', 'via', gateway]);
  }

  /**
   * Runs a module that calls `serveActor` in a Node inside the host, and resolves when it takes calls. It may be TypeScript.
   *
   * `const watcher = await client.spawn<Watcher>(new URL('./watcher.ts', import.meta.url))`
   */
  async spawn<Contract>(module: string | URL, options: SpawnOptions = {}): Promise<Actor<Contract>> {
    const { args = [], env, execArgv = [], nodePath = process.execPath, timeout = PATIENCE } = options;
    const path = module instanceof URL ? fileURLToPath(module) : module;
    const loader = path.endsWith('.mjs') ? [] : ['--import', TYPESCRIPT];
    const [program, ...rest] = this.#inside([nodePath, ...execArgv, ...loader, path, ...args]);
    const child = spawn(program, rest, {
      env: environment(env),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    unreference(child);
    child.channel?.unref();
    const actor = await Actor.start<Contract>(child, `${this.name}: ${path}`, timeout);
    this.#actors.push(actor);
    return actor;
  }

  /** Reserves the next of eth0, eth1 … */
  nextInterface(): string {
    return `eth${this.#interfaces++}`;
  }

  /** Whether an interface can carry frames, as the kernel has it now. */
  isOperational(interfaceName: string): boolean {
    const read = (file: string) =>
      readFileSync(this.namespace.file(`/sys/class/net/${interfaceName}/${file}`), 'utf8').trim();
    // A device that has never lost its carrier says unknown for good.
    return read('carrier') === '1' && ['up', 'unknown'].includes(read('operstate'));
  }

  /** Resolves when everything that was spawned here is known to have ended. */
  async emptied(): Promise<void> {
    await Promise.all(this.#actors.map((actor) => actor.exited));
  }

  #inside(argv: Argv): Argv {
    this.#assertAlive();
    return this.namespace.command(argv);
  }

  #assertAlive(): void {
    if (!this.namespace.alive) throw new Error(`the host ${this.name} is gone`);
  }
}

const TYPESCRIPT = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
