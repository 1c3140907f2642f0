import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEBIAN_PACKAGES } from './debian-packages.mjs';
import { run } from './run.mjs';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Makes a fresh clone ready to run: the npm packages of the lock file, and, where this is Debian and we are root, the programs that are needed.
 * Uses nothing that is not in Node, and writes to stderr only, so that the demo's stdout stays its own.
 *
 * @param {typeof DEBIAN_PACKAGES} packages those of Debian that are needed.
 * @throws {Error} when there is no point in going on.
 */
export async function setUp(packages = DEBIAN_PACKAGES) {
  requireNode();
  // One loads, while the other unpacks.
  const installing = installDebianPackages(packages);
  await installNpmPackages();
  await installing;
}

function requireNode() {
  const { engines } = readJson('package.json');
  const wanted = engines.node.replace('>=', '');
  if (wanted.localeCompare(process.versions.node, 'en', { numeric: true }) > 0) {
    throw new Error(`Node ${wanted} or newer is needed, and this is ${process.versions.node}`);
  }
}

async function installNpmPackages() {
  const mismatch = mismatchWithLock();
  if (mismatch === undefined) return;
  note(`${mismatch}: running npm ci`);
  const outcome = await run('npm', ['ci', '--no-audit', '--no-fund'], { seconds: 300, stdout: process.stderr });
  if (!outcome.ok) throw new Error(`npm ci ${outcome.reason}`);
}

/** @returns {string | undefined} the first difference between what is installed and what the lock file says. */
function mismatchWithLock() {
  if (!existsSync(join(ROOT, 'node_modules/.package-lock.json'))) return 'node_modules is missing';
  const locked = readJson('package-lock.json').packages;
  // npm's own record of what it has installed.
  const installed = readJson('node_modules/.package-lock.json').packages;
  for (const [path, wanted] of Object.entries(locked)) {
    if (path === '') continue;
    const found = installed[path];
    if (found === undefined && wanted.optional) continue;
    if (found?.version !== wanted.version || !existsSync(join(ROOT, path, 'package.json'))) {
      return `${path} is not at ${wanted.version}`;
    }
  }
  const extra = Object.keys(installed).find((path) => !(path in locked));
  return extra && `${extra} is not in package-lock.json`;
}

async function installDebianPackages(packages) {
  const missing = missingDebianPackages(packages);
  if (missing.length === 0) return;
  for (const { name, why } of missing) note(`${name} is missing: it ${why}`);
  if (process.getuid?.() !== 0 || !hasCommand('apt-get')) {
    note(`to run everything, install ${missing.map(({ name }) => name).join(' ')}`);
    return;
  }
  const options = { seconds: 240, stdout: process.stderr, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  await run('apt-get', ['update', '-q'], options);
  const names = missing.map(({ name }) => name);
  const outcome = await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...names], options);
  // Not the end: what needs these programs says so itself, and the rest can run.
  if (!outcome.ok) note(`apt-get ${outcome.reason}`);
}

/** The packages of the list that this machine lacks a program of. */
export function missingDebianPackages(packages = DEBIAN_PACKAGES) {
  if (process.platform !== 'linux') return [];
  return packages.filter(({ commands }) => !commands.every(hasCommand));
}

function hasCommand(name) {
  // Debian leaves sbin out of an ordinary user's PATH.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => isExecutable(join(folder, name)));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function readJson(path) {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
}

function note(text) {
  process.stderr.write(`set-up: ${text}\n`);
}
