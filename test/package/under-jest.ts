import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Node, run } from './program.js';
import { toolPath } from './toolbox.js';

/**
 * Runs test files under Jest in a project of their own, and gives back the lines of JSON that they have written to `process.stdout`: not by
 * `console.log()`, which Jest decorates; its own report goes to stderr.
 *
 * @param files their names and contents; those that are tests end in `.test.js` or `.test.mjs`.
 * @throws {Error} with Jest's report, when a test fails.
 */
export async function printedUnderJest(
  node: Node,
  folder: string,
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly unknown[]> {
  const project = await mkdtemp(join(folder, 'jest-'));
  const all = { ...files, 'package.json': '{ "private": true }' };
  for (const [name, content] of Object.entries(all)) await writeFile(join(project, name), content);
  const { stdout } = await run(node, project, [toolPath('jest/bin/jest.js'), ...OPTIONS], env);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** In one process, where each file has a sandbox of its own, but native code is loaded once. */
const OPTIONS = ['--runInBand', '--no-cache', '--testMatch', '**/*.test.{js,mjs}'];
