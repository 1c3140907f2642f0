import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { build, type Options } from 'tsup';
import { CHECKOUT } from './checkout.js';

/**
 * Compiles a program to one ES module inside the package's folder, from where Node finds the package by its own name and everything else in
 * its `node_modules`.
 *
 * @returns the module's path.
 */
export async function compileProgram(source: string, packageFolder: string): Promise<string> {
  const name = relative(CHECKOUT, source)
    .replace(/\.ts$/, '')
    .replaceAll(/[^\w-]+/g, '.');
  const outDir = join(packageFolder, 'programs');
  await build({
    config: false,
    silent: true,
    clean: false,
    entry: { [name]: source },
    outDir,
    format: 'esm',
    target: 'node20.19',
    platform: 'node',
    skipNodeModulesBundle: true,
    esbuildPlugins: [fromTheBuiltPackage(packageFolder)],
  });
  return join(outDir, `${name}.js`);
}

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/** Turns an import of the package's sources into one of the package. */
function fromTheBuiltPackage(packageFolder: string): Plugin {
  const doors = doorsOf(packageFolder);
  return {
    name: 'from-the-built-package',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, importer }) => {
        const wanted = relative(CHECKOUT, resolve(resolveDir, path)).replace(/\.js$/, '.ts');
        const isOurs = wanted.startsWith('src/') || wanted.startsWith('native/');
        // The lab's own tools may use what they like: they are not what is measured.
        if (!isOurs || !relative(CHECKOUT, dirname(importer)).startsWith('bench')) return undefined;
        const door = doors.get(wanted);
        if (door === undefined) throw new Error(`${importer} imports ${path}, which users cannot`);
        return { path: door, external: true };
      });
    },
  };
}

/** By which name users import each source that they can import. */
function doorsOf(packageFolder: string): ReadonlyMap<string, string> {
  const { name, exports }: { name: string; exports: Record<string, unknown> } = JSON.parse(
    readFileSync(join(packageFolder, 'package.json'), 'utf8'),
  );
  return new Map(
    Object.keys(exports).map((path) => [join('src', path, 'index.ts'), path === '.' ? name : join(name, path)]),
  );
}
