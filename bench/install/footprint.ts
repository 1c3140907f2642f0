import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from '../../test/lab/command.js';

/** What `npm install` of one package brings. */
export interface Footprint {
  /** The package itself, and everything that it depends on. */
  readonly packages: number;
  readonly bytes: number;
}

/** Of a package that is installed in a folder's `node_modules`. */
export async function installedFootprint(name: string, folder: string): Promise<Footprint> {
  const found = await locate(name, folder);
  return footprintOf([found, ...(await dependenciesOf(found))], 0);
}

/** Of a package in its own folder: what of it is published, and what is installed with it. */
export async function publishedFootprint(folder: string): Promise<Footprint> {
  const command = ['env', `--chdir=${folder}`, 'npm', 'pack', '--dry-run', '--json', '--ignore-scripts'] as const;
  const [packed]: readonly { readonly unpackedSize: number }[] = JSON.parse((await runCommand(command)).stdout);
  if (packed === undefined) throw new Error(`npm would pack nothing of ${folder}`);
  const { packages, bytes } = await footprintOf(await dependenciesOf(folder), packed.unpackedSize);
  return { packages: packages + 1, bytes };
}

async function footprintOf(folders: readonly string[], bytes: number): Promise<Footprint> {
  const sizes = await Promise.all(folders.map(sizeOf));
  return { packages: folders.length, bytes: sizes.reduce((sum, size) => sum + size, bytes) };
}

/** The folders of everything that a package needs, itself left out; each once. Peers are not npm's to bring where they are optional. */
async function dependenciesOf(folder: string, known = new Set<string>()): Promise<readonly string[]> {
  const { dependencies = {}, optionalDependencies = {} } = await manifestOf(folder);
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    // Of those for other systems and processors npm installs none.
    const found = locateOrNone(name, folder);
    if (found === undefined && name in optionalDependencies) continue;
    const dependency = found ?? (await locate(name, folder));
    if (known.has(dependency)) continue;
    known.add(dependency);
    await dependenciesOf(dependency, known);
  }
  return [...known];
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
}

async function locate(name: string, folder: string): Promise<string> {
  const found = locateOrNone(name, folder);
  if (found === undefined) throw new Error(`${name}, which ${folder} needs, is not installed`);
  return found;
}

/** As Node does: the nearest `node_modules` upwards that has it. */
function locateOrNone(name: string, folder: string): string | undefined {
  const candidate = join(folder, 'node_modules', name);
  if (existsSync(join(candidate, 'package.json'))) return candidate;
  return dirname(folder) === folder ? undefined : locateOrNone(name, dirname(folder));
}

/** What its files hold, in bytes; packages that are nested in it are counted by themselves. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true });
  const sizes = entries
    .filter(({ name }) => name !== 'node_modules')
    .map(async (entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? sizeOf(path) : (await stat(path)).size;
    });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
