import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { installToolbox, toolPath } from './toolbox.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The packed package. */
    tarball: string;
    /** A folder in which it is installed from its tarball, without install scripts. */
    installed: string;
    /** The same, with koffi gone, as where it must not be installed. */
    installedWithoutKoffi: string;
    /** The same, with koffi there and its build for this platform gone, as after `npm install --omit=optional`. */
    installedWithoutKoffiBuild: string;
    /** Installed as npm does it by default. */
    installedWithScripts: string;
    /** Installed by pnpm, whose node_modules shows to each package what it has asked for and nothing else. */
    installedByPnpm: string;
  }
}

/** Builds, packs and installs the package once for all tests of this folder. It needs the npm registry, or npm's cache of it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'netpause-package-'));
  try {
    const [tarball] = await Promise.all([pack(folder), installToolbox()]);
    project.provide('tarball', tarball);
    await Promise.all([provideByNpm(project, folder, tarball), provideByPnpm(project, folder, tarball)]);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return () => rm(folder, { recursive: true, force: true });
}

const exec = promisify(execFile);

const INSTALL_WITHIN = 120_000;

async function pack(folder: string): Promise<string> {
  // Builds as well: package.json says so in "prepack". Where all tests run, it was just built.
  const isBuilt = process.env['NETPAUSE_BUILT'] === 'true';
  const args = ['pack', '--silent', ...(isBuilt ? ['--ignore-scripts'] : []), '--pack-destination', folder];
  const { stdout } = await exec('npm', args, { timeout: INSTALL_WITHIN });
  return join(folder, stdout.trim());
}

async function provideByNpm(project: TestProject, folder: string, tarball: string): Promise<void> {
  // Without install scripts, as careful users have it: nothing of ours may depend on one.
  const installed = await installByNpm(join(folder, 'installed'), tarball, ['--ignore-scripts']);
  project.provide('installed', installed);
  project.provide('installedWithoutKoffi', await copyWithout(installed, /node_modules\/@?ko(ffi|romix)/));
  project.provide('installedWithoutKoffiBuild', await copyWithout(installed, /node_modules\/@koromix/));
  project.provide('installedWithScripts', await installByNpm(join(folder, 'with-scripts'), tarball, []));
}

async function installByNpm(project: string, tarball: string, options: readonly string[]): Promise<string> {
  await makeProject(project);
  const common = ['--prefer-offline', '--no-audit', '--no-fund'];
  await exec('npm', ['install', ...common, ...options, tarball], { cwd: project, timeout: INSTALL_WITHIN });
  return project;
}

async function provideByPnpm(project: TestProject, folder: string, tarball: string): Promise<void> {
  const installed = join(folder, 'by-pnpm');
  await makeProject(installed);
  // A store of its own, so that nothing is left in that of the user.
  const options = ['--prefer-offline', '--store-dir', join(folder, 'pnpm-store')];
  const pnpm = [toolPath('pnpm/bin/pnpm.cjs'), 'add', ...options, tarball];
  await exec(process.execPath, pnpm, { cwd: installed, timeout: INSTALL_WITHIN });
  project.provide('installedByPnpm', installed);
}

async function makeProject(folder: string): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'service', private: true }));
}

async function copyWithout(installed: string, left: RegExp): Promise<string> {
  const copy = await mkdtemp(`${installed}-without-`);
  await cp(installed, copy, { recursive: true, filter: (path) => !left.test(path) });
  return copy;
}
