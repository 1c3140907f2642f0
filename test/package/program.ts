import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NODE_RELEASES, nodePath } from './toolbox.js';

export type ModuleFormat = 'ESM' | 'CommonJS';

/** What a program has printed. It has ended by itself and with code 0, or running it would have thrown. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** A Node.js to run programs with, and what to call it. */
export interface Node {
  readonly title: string;
  readonly path: string;
}

/** The one that runs the tests, the lowest that is supported, and one of each line after it; or only that of NETPAUSE_TEST_NODE. */
export const NODES: readonly Node[] = nodes();

function nodes(): readonly Node[] {
  const chosen = process.env['NETPAUSE_TEST_NODE'];
  if (chosen !== undefined) return [{ title: chosen, path: chosen }];
  const others = NODE_RELEASES.map((release) => ({ title: `Node.js ${release}`, path: nodePath(release) }));
  return [{ title: 'the Node.js of the tests', path: process.execPath }, ...others];
}

/**
 * Runs a program in a project of its own under `folder`, so that it finds the packages that are installed there. The program is the body of
 * an async function with an `imports(specifier)`, which stands for `await import` or `require`.
 */
export async function runProgram(node: Node, folder: string, format: ModuleFormat, body: string): Promise<Output> {
  const project = await mkdtemp(join(folder, 'project-'));
  const file = join(project, format === 'ESM' ? 'main.mjs' : 'main.cjs');
  const imports = format === 'ESM' ? '(specifier) => import(specifier)' : 'async (specifier) => require(specifier)';
  await writeFile(file, `const imports = ${imports};\n(async () => {${body}\n})();\n`);
  return run(node, project, [file]);
}

/**
 * Runs Node.js in a folder.
 *
 * @throws {Error} with all that it has printed, unless it exits with code 0.
 */
export async function run(
  node: Node,
  cwd: string,
  args: readonly string[],
  extraEnv: Readonly<Record<string, string>> = {},
): Promise<Output> {
  try {
    return await promisify(execFile)(node.path, args, {
      cwd,
      env: { ...bareEnvironment(), ...extraEnv },
      timeout: 50_000,
    });
  } catch (error) {
    const printed = error instanceof Error && 'stdout' in error ? `\n${error.stdout}` : '';
    throw new Error(`${error}${printed}`, { cause: error });
  }
}

/** Not the options of the test run, which could silence a warning or cause one; nor what makes other test runners believe they are part of it. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(NODE_OPTIONS|NODE_TEST_CONTEXT|VITEST.*|TEST|JEST_.*|npm_.*)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}
