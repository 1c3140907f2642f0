import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The releases of Node.js that the toolbox has, oldest first: the lowest that is supported, and the newest of each line after it. */
export type NodeRelease = '20.19.0' | '22' | '24' | '26';

/** None where nobody packs Node.js for npm: the tests then run with the Node.js that runs them. */
export const NODE_RELEASES: readonly NodeRelease[] =
  process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch) ? ['20.19.0', '22', '24', '26'] : [];

/** The executable of a release, once {@link installToolbox} has been awaited. */
export function nodePath(release: NodeRelease): string {
  return join(FOLDER, 'node_modules', `node-${release}-${process.arch}`, 'bin/node');
}

/** The path of a program in the toolbox, to be run by a Node.js: `toolPath('jest/bin/jest.js')`. */
export function toolPath(path: string): string {
  return join(FOLDER, 'node_modules', path);
}

/**
 * Installs the other versions of Node.js and the tools that users have, by the lock file in `toolbox/` and without a single install
 * script. Once installed they stay, until the lock file changes. Needs the npm registry, or npm's cache of it.
 */
export async function installToolbox(): Promise<void> {
  if (existsSync(FOLDER)) return;
  mkdirSync(CACHE, { recursive: true });
  // Elsewhere at first, so that a run that is cut off leaves no half of it, and two runs at the same time do not mix.
  const draft = mkdtempSync(join(CACHE, 'draft-'));
  try {
    for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(SOURCE, file), join(draft, file));
    const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
    await promisify(execFile)('npm', ['ci', ...options], { cwd: draft, timeout: INSTALL_WITHIN });
    renameSync(draft, FOLDER);
    removeOthers();
  } catch (error) {
    // Another run was faster.
    if (!existsSync(FOLDER)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** What earlier lock files have left: a gigabyte each. */
function removeOthers(): void {
  const others = readdirSync(CACHE).filter((name) => name.startsWith('toolbox-') && join(CACHE, name) !== FOLDER);
  for (const name of others) rmSync(join(CACHE, name), { recursive: true, force: true });
}

/** Milliseconds. Most of it is downloading four hundred megabytes, once. */
const INSTALL_WITHIN = 240_000;

const SOURCE = fileURLToPath(new URL('./toolbox/', import.meta.url));
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/netpause', import.meta.url));
const LOCK_HASH = createHash('sha256')
  .update(readFileSync(join(SOURCE, 'package-lock.json')))
  .digest('hex');
const FOLDER = join(CACHE, `toolbox-${LOCK_HASH.slice(0, 16)}`);
