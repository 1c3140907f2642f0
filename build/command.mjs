import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Bundles the command into generated/command/main.mjs, from where the tests run it: it starts faster than from its sources. What is published is made
 * by tsup.config.ts.
 */
export async function buildCommand() {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/cli/main.ts'],
    bundle: true,
    splitting: true,
    keepNames: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    external: ['#dashboard'],
    outdir: 'generated/command',
    outExtension: { '.js': '.mjs' },
    write: false,
    logLevel: 'warning',
  });
  await mkdir(join(ROOT, 'generated/command'), { recursive: true });
  // Another run of tests may be using what is there: its parts have names of their own, and the one that names them comes last.
  for (const { path, contents } of outputFiles.toSorted((a, b) => rank(a) - rank(b))) {
    const unfinished = join(dirname(path), `.${process.pid}`);
    await writeFile(unfinished, contents);
    await rename(unfinished, path);
  }
}

function rank({ path }) {
  return path.endsWith('/main.mjs') ? 1 : 0;
}
