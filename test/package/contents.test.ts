import { readdir, readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';

const root = join(inject('installed'), 'node_modules/netpause');
let files: readonly string[];

beforeAll(async () => {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
});

describe('the tarball', () => {
  it('holds the build and what a user reads, nothing else', () => {
    const others = files.filter((file) => !/^dist\/(cli\/)?[\w.-]+(\.js|\.cjs|\.d\.ts|\.d\.cts)$/.test(file));
    expect(others).toContain('LICENSE');
    const allowed = [
      'package.json',
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
      'NETWORK_MONITORING.md',
      'dist/THIRD_PARTY_LICENSES.txt',
    ];
    expect(others.filter((file) => !allowed.includes(file))).toEqual([]);
  });

  it('has every file that package.json points at', async () => {
    const { bin, exports, main, types, typesVersions } = await readManifest();
    const paths = leaves({ bin, exports, main, types, typesVersions });
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter((path) => !files.includes(path.replace('./', '')))).toEqual([]);
  });

  it('carries the licences of what its bundles have inside', async () => {
    const text = await readFile(join(root, 'dist/THIRD_PARTY_LICENSES.txt'), 'utf8');
    const licenses = text.split(`${'-'.repeat(80)}\n\n`).map((section) => ({
      name: /^(\S+) \d\S*, bundled in /.exec(section)?.[1],
      grants: /permission/i.test(section) && /copyright/i.test(section),
    }));
    expect(licenses).toContainEqual({ name: 'p-retry', grants: true });
    expect(licenses).toContainEqual({ name: 'is-network-error', grants: true });
    expect(licenses.filter(({ name, grants }) => name === undefined || !grants)).toEqual([]);
  });

  it('imports only what package.json declares, and ES-only packages never from CommonJS', async () => {
    const { dependencies, peerDependencies = {} } = await readManifest();
    const esmOnly = ['p-retry', 'is-network-error'];
    for (const file of files.filter((name) => /\.(c?js|d\.c?ts)$/.test(name))) {
      const allowed = Object.keys({ ...dependencies, ...peerDependencies }).filter(
        (name) => !(/\.d?\.?cjs$|\.cts$/.test(file) && esmOnly.includes(name)),
      );
      const foreign = await packagesNamedIn(file);
      expect(
        foreign.filter((name) => !allowed.includes(name)),
        file,
      ).toEqual([]);
    }
  });

  it('imports nothing dynamically in CommonJS, for Jest and single executable applications cannot', async () => {
    for (const file of files.filter((name) => name.endsWith('.cjs'))) {
      expect(await specifiersIn(file, /\bimport\(([^)]*)/g), file).toEqual([]);
    }
  });

  it.each(['retry', 'testing'])('loads no netlink code for netpause/%s, and neither would a bundler', async (entry) => {
    const loaded = await staticGraph(`dist/${entry}.js`);
    const sources = await Promise.all(loaded.map((file) => readFile(join(root, file), 'utf8')));
    expect(loaded.filter((_, index) => /koffi|ERR_NETPAUSE_NETLINK/.test(sources[index] ?? ''))).toEqual([]);
  });
});

interface Manifest {
  readonly bin: unknown;
  readonly exports: unknown;
  readonly main: string;
  readonly types: string;
  readonly typesVersions: unknown;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

async function readManifest(): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
}

function leaves(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [];
}

const STATIC_IMPORT = /(?:\bfrom\s*|^import\s*)["']([^"']+)["']/gm;
const ANY_IMPORT = /(?:\bfrom\s*|^import\s*|\bimport\(\s*|\brequire\(\s*)["']([^"']+)["']/gm;

async function specifiersIn(file: string, pattern: RegExp): Promise<string[]> {
  const source = await readFile(join(root, file), 'utf8');
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(pattern)].flatMap((match) => match[1] ?? []);
}

async function packagesNamedIn(file: string): Promise<string[]> {
  const specifiers = await specifiersIn(file, ANY_IMPORT);
  // A string that stands behind a property `from` is no specifier.
  const packages = specifiers.filter((name) => /^(@[\w.-]+\/)?\w[\w./-]*$/.test(name));
  return packages.filter((name) => !builtinModules.includes(name));
}

/** The files that come along with one, save those behind a dynamic import. */
async function staticGraph(entry: string, seen = new Set<string>()): Promise<string[]> {
  if (seen.has(entry)) return [];
  seen.add(entry);
  const specifiers = await specifiersIn(entry, STATIC_IMPORT);
  for (const name of specifiers.filter((specifier) => specifier.startsWith('./'))) {
    await staticGraph(join('dist', name), seen);
  }
  return [...seen];
}
