import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PATIENCE } from '../../test/lab/bounded.js';
import { environment, runCommand, unreference } from '../../test/lab/command.js';
import { Actor, type Argv, type Host } from '../../test/lab/index.js';
import { PartUnavailableError } from '../part.js';
import { buildPackage, type PackageForm } from './build-package.js';
import { compileProgram } from './compile-program.js';

/** A folder of its own with the built package and compiled programs. It is removed when it is disposed, or this process exits. */
export interface Stage extends AsyncDisposable {
  /**
   * The package's folder: package.json, `dist`, and a `node_modules` with the dependencies and the contenders. `npm pack --ignore-scripts` in
   * it gives the tarball that users would install.
   */
  readonly packageFolder: string;
  /** Makes an empty folder for files of a part's own. */
  folder(name: string): Promise<string>;
  /**
   * Compiles a TypeScript program of the bench to an ES module for plain Node, and gives its path. What it imports from the sources of the
   * package is imported from the built package instead: `../../src/retry/index.js` becomes `netpause/retry`. So it is type-checked as a test
   * is, and runs what users run, without a loader in the process.
   */
  program(source: URL): Promise<string>;
  /** Compiles a C program with the system's compiler, and gives its path. @throws {PartUnavailableError} where there is none. */
  cProgram(source: URL): Promise<string>;
  /** Runs a program that calls `serveActor` in a plain Node. It ends with the lab of its host, or with the stage. */
  spawn<Contract>(source: URL, options?: ProgramOptions): Promise<Actor<Contract>>;
}

export interface ProgramOptions {
  /** In which host of a lab it runs. @default the bench's own surroundings */
  readonly host?: Host;
  /** What the program finds in `process.argv` behind its own path. */
  readonly args?: readonly string[];
  /** Options of Node itself, such as `--expose-gc`. */
  readonly execArgv?: readonly string[];
}

/** @param form whether the package is built as users get it, or without its declarations, which is quicker. */
export async function openStage(form: PackageForm): Promise<Stage> {
  const root = await mkdtemp(join(tmpdir(), 'netpause-bench-'));
  const remove = () => rmSync(root, { recursive: true, force: true });
  process.once('exit', remove);
  const packageFolder = join(root, 'package');
  await buildPackage(packageFolder, form);
  return new BuiltStage(root, packageFolder, () => {
    process.off('exit', remove);
    remove();
  });
}

class BuiltStage implements Stage {
  readonly packageFolder: string;
  readonly #root: string;
  readonly #remove: () => void;
  /** Each source is compiled once, however often it is asked for. */
  readonly #compiled = new Map<string, Promise<string>>();
  readonly #actors: { stop(): Promise<void> }[] = [];

  constructor(root: string, packageFolder: string, remove: () => void) {
    this.#root = root;
    this.packageFolder = packageFolder;
    this.#remove = remove;
  }

  async folder(name: string): Promise<string> {
    const path = join(this.#root, name);
    await mkdir(path);
    return path;
  }

  program(source: URL): Promise<string> {
    return this.#once(source, (path) => compileProgram(path, this.packageFolder));
  }

  cProgram(source: URL): Promise<string> {
    return this.#once(source, async (path) => {
      const output = join(this.#root, basename(path, '.c'));
      await compileC(path, output);
      return output;
    });
  }

  async spawn<Contract>(source: URL, options: ProgramOptions = {}): Promise<Actor<Contract>> {
    const { host, args = [], execArgv = [] } = options;
    const node: Argv = [process.execPath, ...execArgv, await this.program(source), ...args];
    const [program, ...rest] = host === undefined ? node : host.namespace.command(node);
    const child = spawn(program, rest, {
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    unreference(child);
    child.channel?.unref();
    const actor = await Actor.start<Contract>(child, fileURLToPath(source), PATIENCE);
    this.#actors.push(actor);
    return actor;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#actors.map((actor) => actor.stop()));
    this.#remove();
  }

  #once(source: URL, compile: (path: string) => Promise<string>): Promise<string> {
    const path = fileURLToPath(source);
    const compiled = this.#compiled.get(path) ?? compile(path);
    this.#compiled.set(path, compiled);
    return compiled;
  }
}

async function compileC(source: string, output: string): Promise<void> {
  try {
    await runCommand(['cc', '--version']);
  } catch {
    throw new PartUnavailableError('there is no C compiler (cc; Debian: gcc and libc6-dev)');
  }
  await runCommand(['cc', '-O2', '-Wall', '-Wextra', '-Werror', '-o', output, source]);
}
