import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { defineConfig, type Options } from 'tsup';

export default defineConfig(async () => {
  // Not by tsup's own `clean`: the two builds run side by side, and each would delete what the other has written.
  await rm(OUT_DIR, { recursive: true, force: true });
  return [
    { ...SHARED, format: 'esm', dts: { compilerOptions: { stripInternal: true } } },
    {
      ...SHARED,
      format: 'cjs',
      // Its declarations are made from the other build's: see build/commonjs-types.mjs.
      dts: false,
      noExternal: ESM_ONLY,
      // With it, Rollup turns the chunks into CommonJS. Without it Sucrase would, which rewrites classes and thereby loses their names.
      treeshake: true,
      esbuildPlugins: [BUNDLED_LICENSES],
      plugins: [REQUIRED_ON_DEMAND],
    },
  ];
});

const OUT_DIR = 'dist';

/** Published as ES modules only, whose `require` is experimental in Node 20 and 22; so the CommonJS build carries them inside. */
const ESM_ONLY = ['p-retry', 'is-network-error'];

const SHARED = {
  outDir: OUT_DIR,
  entry: {
    index: 'src/index.ts',
    monitor: 'src/monitor/index.ts',
    netlink: 'src/netlink/index.ts',
    observe: 'src/observe/index.ts',
    retry: 'src/retry/index.ts',
    service: 'src/service/index.ts',
    testing: 'src/testing/index.ts',
  },
  target: 'node20.19',
  platform: 'node',
  // What two entries share goes into a chunk, so that a class is one class whichever entry it is imported from.
  splitting: true,
  // Neither minified nor mapped: the output reads like the source, and so does a stack trace, at half the size.
  minify: false,
  sourcemap: false,
} satisfies Options;

/**
 * What the sources import when it is first needed, the CommonJS build requires when it is first needed. A dynamic import works in CommonJS too,
 * but not in the sandbox that Jest runs it in, nor in a single executable application: both know no loader of ES modules.
 */
const REQUIRED_ON_DEMAND: NonNullable<Options['plugins']>[number] = {
  name: 'required-on-demand',
  renderChunk: (code) => ({
    code: code.replaceAll(/\bimport\(("[^"]+"|'[^']+')\)/g, 'Promise.resolve().then(() => require($1))'),
  }),
};

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/** Whoever copies MIT code into a bundle has to ship its licence too. */
const BUNDLED_LICENSES: Plugin = {
  name: 'bundled-licenses',
  setup(build) {
    build.onEnd(async ({ metafile }) => {
      const licenses = bundledPackages(Object.keys(metafile?.inputs ?? {})).map(licenseOf);
      await mkdir(OUT_DIR, { recursive: true });
      await writeFile(
        `${OUT_DIR}/THIRD_PARTY_LICENSES.txt`,
        (await Promise.all(licenses)).join(`\n${'-'.repeat(80)}\n\n`),
      );
    });
  },
};

function bundledPackages(inputs: readonly string[]): string[] {
  const names = inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(names)].sort();
}

async function licenseOf(name: string): Promise<string> {
  const { version }: { version: string } = JSON.parse(await readFile(`node_modules/${name}/package.json`, 'utf8'));
  return `${name} ${version}, bundled in the CommonJS build\n\n${await readFile(`node_modules/${name}/license`, 'utf8')}`;
}
