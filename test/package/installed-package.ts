import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder in which the package is installed from its tarball, as a user would have it. */
    installed: string;
    /** The same, with koffi gone, as on a system that it has no build for. */
    installedWithoutKoffi: string;
  }
}

/** Builds, packs and installs the package once for all tests of this folder. It needs the npm registry, or npm's cache of it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'netpause-package-'));
  try {
    project.provide('installed', await install(join(folder, 'installed'), await pack(folder)));
    project.provide('installedWithoutKoffi', await copyWithoutKoffi(folder));
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return () => rm(folder, { recursive: true, force: true });
}

const exec = promisify(execFile);

async function pack(folder: string): Promise<string> {
  // Builds as well: package.json says so in "prepack".
  const { stdout } = await exec('npm', ['pack', '--silent', '--pack-destination', folder], { timeout: 120_000 });
  return join(folder, stdout.trim());
}

async function install(project: string, tarball: string): Promise<string> {
  await mkdir(project);
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'service', private: true }));
  // Without install scripts, as careful users have it: nothing of ours may depend on one.
  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  await exec('npm', ['install', ...options, tarball], { cwd: project, timeout: 120_000 });
  return project;
}

async function copyWithoutKoffi(folder: string): Promise<string> {
  const copy = join(folder, 'without-koffi');
  await cp(join(folder, 'installed'), copy, {
    recursive: true,
    filter: (path) => !/node_modules\/@?ko(ffi|romix)/.test(path),
  });
  return copy;
}
