import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname } from 'node:path';
import { defineConfig, type Options } from 'tsup';

export default defineConfig(async () => {
  // Not by tsup's own `clean`: the two builds run side by side, and each would delete what the other has written.
  await rm(OUT_DIR, { recursive: true, force: true });
  return [
    {
      ...SHARED,
      format: 'esm',
      dts: { compilerOptions: { stripInternal: true } },
      esbuildPlugins: [BUILTINS_BY_IMPORT, ENGLISH_ONLY, NO_EXEMPLARS, bundledLicenses('the ES modules')],
    },
    {
      ...SHARED,
      format: 'cjs',
      // Its declarations are made from the other build's: see build/commonjs-types.mjs.
      dts: false,
      noExternal: ESM_ONLY,
      // With it, Rollup turns the chunks into CommonJS. Without it Sucrase would, which rewrites classes and thereby loses their names.
      treeshake: true,
      esbuildPlugins: [ENGLISH_ONLY, NO_EXEMPLARS, bundledLicenses('the CommonJS build')],
      plugins: [REQUIRED_ON_DEMAND],
    },
    {
      ...SHARED,
      outDir: `${OUT_DIR}/cli`,
      entry: { main: 'src/cli/main.ts' },
      format: 'esm',
      dts: false,
      // Users of the library bring these themselves; the command works with nothing else installed.
      noExternal: ['prom-client', '@opentelemetry/api', 'ioredis'],
      // Nobody imports it, and it carries what it is built on.
      minify: true,
      keepNames: true,
      // commander is CommonJS inside.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      esbuildPlugins: [ENGLISH_ONLY, bundledLicenses('the command')],
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
    'aws-sdk': 'src/adapters/aws-sdk/index.ts',
    axios: 'src/adapters/axios/index.ts',
    fetch: 'src/adapters/fetch/index.ts',
    got: 'src/adapters/got/index.ts',
    ky: 'src/adapters/ky/index.ts',
    sftp: 'src/adapters/sftp/index.ts',
    undici: 'src/adapters/undici/index.ts',
    monitor: 'src/monitor/index.ts',
    netlink: 'src/netlink/index.ts',
    observe: 'src/observe/index.ts',
    probes: 'src/probes/index.ts',
    retry: 'src/retry/index.ts',
    ring: 'src/ring/index.ts',
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

/** A CommonJS package that is bundled into an ES module calls `require` for what Node.js has built in, and there is no `require`. */
const BUILTINS_BY_IMPORT: Plugin = {
  name: 'builtins-by-import',
  setup(build) {
    build.onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'require-call' && isBuiltin(path) ? { path, namespace: 'builtin' } : undefined,
    );
    build.onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: `export * from 'node:${path.replace(/^node:/, '')}';`,
    }));
  },
};

/** zod brings its messages in some fifty languages, which cannot be left out otherwise: they are a property of what it exports. */
const ENGLISH_ONLY: Plugin = {
  name: 'english-only',
  setup(build) {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, ({ path }) => ({
      contents: "export { default as en } from './en.js';",
      resolveDir: dirname(path),
    }));
  },
};

/** What prom-client reads trace ids from, for exemplars of default metrics. There are none of these here, and users need not install it. */
const NO_EXEMPLARS: Plugin = {
  name: 'no-exemplars',
  setup(build) {
    build.onLoad({ filter: /[\\/]prom-client[\\/]lib[\\/]metrics[\\/]processCpuTotal\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const contents = source.replace("require('@opentelemetry/api')", '{}');
      if (contents === source) throw new Error(`${path} does without @opentelemetry/api now`);
      return { contents };
    });
  },
};

/** Which packages are inside of what; filled by both builds. */
const BUNDLED = new Map<string, Set<string>>();

/** Whoever copies MIT code into a bundle has to ship its licence too. */
function bundledLicenses(bundle: string): Plugin {
  return {
    name: 'bundled-licenses',
    setup(build) {
      build.onEnd(async ({ metafile }) => {
        for (const name of bundledPackages(await withPages(Object.keys(metafile?.inputs ?? {})))) {
          BUNDLED.set(name, (BUNDLED.get(name) ?? new Set()).add(bundle));
        }
        // Whichever build ends last knows all.
        const licenses = [...BUNDLED]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, bundles]) => licenseOf(name, bundles));
        const text = (await Promise.all(licenses)).join(`\n${'-'.repeat(80)}\n\n`);
        await mkdir(OUT_DIR, { recursive: true });
        await writeFile(`${OUT_DIR}/THIRD_PARTY_LICENSES.txt`, text);
      });
    },
  };
}

/** The pages of the dashboard are one file, which was bundled before. */
async function withPages(inputs: readonly string[]): Promise<readonly string[]> {
  if (!inputs.includes('generated/dashboard.js')) return inputs;
  const pages: readonly string[] = JSON.parse(await readFile('generated/dashboard.inputs.json', 'utf8'));
  return [...inputs, ...pages];
}

function bundledPackages(inputs: readonly string[]): string[] {
  const names = inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(names)];
}

async function licenseOf(name: string, bundles: ReadonlySet<string>): Promise<string> {
  const { version }: { version: string } = JSON.parse(await readFile(`node_modules/${name}/package.json`, 'utf8'));
  const folder = `node_modules/${LICENSE_OF[name] ?? name}`;
  const file = (await readdir(folder)).find((each) => /^licen[sc]e/i.test(each));
  if (file === undefined) throw new Error(`${name} is bundled and has no licence file`);
  return `${name} ${version}, bundled in ${[...bundles].join(' and ')}\n\n${await readFile(`${folder}/${file}`, 'utf8')}`;
}

/** Packages that are published without the file, under the licence of another one of the same project. */
const LICENSE_OF: Readonly<Record<string, string>> = { '@hono/zod-openapi': 'hono', '@hono/zod-validator': 'hono' };
