import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { until } from '../lab/bounded.js';
import { type Argv, environment } from '../lab/command.js';

/** An HTTP server of somebody else's, with a folder of its own, which is removed with it. */
export class ServerProcess {
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly #name: string;

  private constructor(folder: string, [program, ...args]: Argv) {
    this.#folder = folder;
    this.#name = program;
    this.#process = spawn(program, args, {
      env: environment({ HOME: folder }),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  /**
   * Starts a program, and waits until it answers.
   *
   * @param prepare writes what it needs into the folder, and says how it is called.
   * @param readyUrl where it answers with a status of 2xx once it is ready.
   */
  static async start(prepare: (folder: string) => Promise<Argv>, readyUrl: string): Promise<ServerProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'netpause-server-'));
    const server = new ServerProcess(folder, await prepare(folder));
    try {
      await until(
        () => server.#isReady(readyUrl),
        () => `for ${basename(server.#name)} to be ready`,
      );
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGTERM');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #isReady(url: string): Promise<boolean> {
    if (this.#process.exitCode !== null) throw new Error(`${this.#name} exited with code ${this.#process.exitCode}`);
    try {
      return (await fetch(url)).ok;
    } catch {
      return false;
    }
  }
}

/** For servers that do not tell which port they got. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen on a port');
  return address.port;
}
