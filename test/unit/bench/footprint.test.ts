import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { installedFootprint } from '../../../bench/install/footprint.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpause-footprint-test-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Installs a package whose manifest is as long as that text and whose other file has so many bytes. */
async function install(path: string, manifest: object, bytes: number): Promise<number> {
  const text = JSON.stringify(manifest);
  const to = join(folder, 'node_modules', path);
  await mkdir(join(to, 'lib'), { recursive: true });
  await writeFile(join(to, 'package.json'), text);
  await writeFile(join(to, 'lib/index.js'), Buffer.alloc(bytes));
  return text.length + bytes;
}

it('counts a package and all that it needs, each once', async () => {
  const bytes = [
    await install('top', { dependencies: { left: '1', right: '1' } }, 100),
    await install('left', { dependencies: { '@scope/shared': '1' } }, 20),
    await install('right', { dependencies: { '@scope/shared': '1', left: '1' } }, 3),
    await install('@scope/shared', {}, 4_000),
  ];
  await install('stranger', {}, 50_000);
  expect(await installedFootprint('top', folder)).toEqual({ packages: 4, bytes: bytes.reduce((a, b) => a + b) });
});

it('counts a version that is nested in a package by itself', async () => {
  const bytes = [
    await install('top', { dependencies: { shared: '1' } }, 100),
    await install('top/node_modules/shared', {}, 20),
  ];
  await install('shared', {}, 3);
  expect(await installedFootprint('top', folder)).toEqual({ packages: 2, bytes: bytes.reduce((a, b) => a + b) });
});

it('leaves out what is optional and for other systems, and fails where something else is missing', async () => {
  const bytes = await install('top', { optionalDependencies: { windows: '1' } }, 100);
  expect(await installedFootprint('top', folder)).toEqual({ packages: 1, bytes });
  await install('broken', { dependencies: { missing: '1' } }, 100);
  await expect(installedFootprint('broken', folder)).rejects.toThrow('missing');
});
