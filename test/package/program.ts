import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type ModuleFormat = 'ESM' | 'CommonJS';

/** What a program has printed. It has ended by itself and with code 0, or running it would have thrown. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program in a project of its own under `folder`, so that it finds the packages that are installed there. The program is the body of
 * an async function with an `imports(specifier)`, which stands for `await import` or `require`.
 *
 * @param nodePath the Node to run it with. Default: NETPAUSE_TEST_NODE, or the one that runs the tests.
 */
export async function runProgram(
  folder: string,
  format: ModuleFormat,
  body: string,
  nodePath = process.env['NETPAUSE_TEST_NODE'] ?? process.execPath,
): Promise<Output> {
  const project = await mkdtemp(join(folder, 'project-'));
  const file = join(project, format === 'ESM' ? 'main.mjs' : 'main.cjs');
  const imports = format === 'ESM' ? '(specifier) => import(specifier)' : 'async (specifier) => require(specifier)';
  await writeFile(file, `const imports = ${imports};\n(async () => {${body}\n})();\n`);
  // Not the options of the test run, which could silence a warning or cause one.
  const { NODE_OPTIONS: _, ...env } = process.env;
  return promisify(execFile)(nodePath, [file], { cwd: project, env, timeout: 30_000 });
}
