import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Programs as JavaScript, in a folder of their own, since a worker thread of Node 20 knows no loader for TypeScript. */
export interface Compiled extends AsyncDisposable {
  /** The path of a program, by the name of its file without extension. */
  path(name: string): string;
}

/** @param sources paths from the checkout's root. */
export async function compile(sources: readonly string[]): Promise<Compiled> {
  const folder = await mkdtemp(join(tmpdir(), 'netpause-service-'));
  const outDir = join(folder, 'programs');
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await build({
    entry: Object.fromEntries(sources.map((source) => [basename(source, '.ts'), join(ROOT, source)])),
    outDir,
    format: 'esm',
    outExtension: () => ({ js: '.mjs' }),
    target: 'node20.19',
    platform: 'node',
    config: false,
    dts: false,
    silent: true,
    external: ['koffi'],
  });
  return {
    path: (name) => join(outDir, `${name}.mjs`),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
