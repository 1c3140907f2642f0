import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';

/** Of what README.md says by how much the truth may differ: koffi's builds for other platforms are larger or smaller than this one's. */
const TOLERANCE = 0.15;

it('is as large as README.md says, and brings as many packages', async () => {
  const measured = {
    packages: (await installedPackages()).length,
    installed: await sizeOf(join(inject('installed'), 'node_modules')),
    tarball: (await stat(inject('tarball'))).size,
  };
  const sentence = `adds ${measured.packages} packages and ${(measured.installed / MEGABYTE).toFixed(1)} MB; the tarball of netpause itself has ${Math.round(measured.tarball / KILOBYTE)} kB.`;
  const stated = statedIn(await readFile('README.md', 'utf8'));
  if (stated === undefined) throw new Error(`README.md does not say that it ${sentence}`);
  expect(stated.packages, sentence).toBe(measured.packages);
  expect(Math.abs(stated.installed / measured.installed - 1), sentence).toBeLessThan(TOLERANCE);
  expect(Math.abs(stated.tarball / measured.tarball - 1), sentence).toBeLessThan(TOLERANCE);
});

interface Figures {
  readonly packages: number;
  /** Bytes. */
  readonly installed: number;
  /** Bytes. */
  readonly tarball: number;
}

function statedIn(readme: string): Figures | undefined {
  const text = readme.replaceAll(/\s+/g, ' ');
  const found = /adds (\d+) packages and ([\d.]+) MB; the tarball of netpause itself has (\d+) kB/.exec(text);
  if (found === null) return undefined;
  const [packages = Number.NaN, installed = Number.NaN, tarball = Number.NaN] = found.slice(1).map(Number);
  return { packages, installed: installed * MEGABYTE, tarball: tarball * KILOBYTE };
}

const KILOBYTE = 1_000;
const MEGABYTE = 1_000_000;

async function installedPackages(): Promise<readonly string[]> {
  const lock: { readonly packages: Readonly<Record<string, unknown>> } = JSON.parse(
    await readFile(join(inject('installed'), 'node_modules/.package-lock.json'), 'utf8'),
  );
  return Object.keys(lock.packages);
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
