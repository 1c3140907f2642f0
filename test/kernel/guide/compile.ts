import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { ROOT, SUBPATHS } from '../../docs/sources.js';
import type { Program } from './examples.js';

/** Programs as JavaScript, each in a folder of its own, with netpause made from the sources. */
export interface CompiledPrograms extends AsyncDisposable {
  /** The module to load before a program. */
  readonly preload: string;
  /** The folder of a program; its file is `main.js`. */
  folder(program: Program): string;
}

/** What a program prints once everything that it imports is loaded, and before it does anything. */
export const BEGUN = 'the example begins';

/** What package.json gives another name. */
const BY_IMPORTS = '#prom-client';

/** Compiles all at once: most of what there is to compile is netpause, which they share. */
export async function compilePrograms(programs: readonly Program[]): Promise<CompiledPrograms> {
  const folder = await mkdtemp(join(tmpdir(), 'netpause-guide-'));
  const outDir = join(folder, 'programs');
  // Packages that users install are those of the checkout.
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await mkdir(outDir);
  await writeFile(
    join(outDir, 'package.json'),
    JSON.stringify({ type: 'module', imports: { [BY_IMPORTS]: 'prom-client' } }),
  );
  await build({
    entry: {
      preload: fileURLToPath(new URL('./answering-fetch.ts', import.meta.url)),
      ...(await writeSources(join(folder, 'sources'), programs)),
    },
    outDir,
    format: 'esm',
    target: 'node20.19',
    platform: 'node',
    external: [/^(?!netpause)[@\w]/, BY_IMPORTS],
    esbuildOptions: (options) => {
      options.alias = { ...SUBPATHS };
    },
    config: false,
    dts: false,
    silent: true,
  });
  return {
    preload: join(outDir, 'preload.js'),
    folder: (program) => join(outDir, `${programs.indexOf(program)}`),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** @returns the sources, by the names of what is made of them. */
async function writeSources(folder: string, programs: readonly Program[]): Promise<Readonly<Record<string, string>>> {
  const entries: Record<string, string> = {};
  for (const [index, { code, files }] of programs.entries()) {
    await mkdir(join(folder, `${index}`), { recursive: true });
    // Imports are loaded first, wherever they stand.
    const sources = { ...files, 'main.js': `console.log('${BEGUN}'); ${code}` };
    for (const [name, source] of Object.entries(sources)) {
      const path = join(folder, `${index}`, name.replace(/\.js$/, '.ts'));
      await writeFile(path, source);
      entries[`${index}/${name.replace(/\.js$/, '')}`] = path;
    }
  }
  return entries;
}
