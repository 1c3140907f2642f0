import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The house, from the ground up: a folder imports only from those before it in this list, and only through their index.ts. */
const FLOORS = [
  'src/errors',
  'src/options',
  'src/events',
  'src/log',
  'native',
  'src/names',
  'src/netlink',
  'src/state',
  'src/monitor',
  'src/retry',
  'src/presets',
  'src/adapters',
  'src/testing',
  'src/service',
  'src/probes',
  'src/observe',
  'src/store',
  'src/server',
  'src/ring',
  'src/dashboard',
  'src/cli',
  'src',
];

interface Import {
  readonly from: string;
  /** A path from the checkout's root, or the name of a package. */
  readonly to: string;
}

const files = [...(await sourcesIn('native')), ...(await sourcesIn('src'))];
const imports = (await Promise.all(files.map(importsOf))).flat();
const crossings = imports.filter(({ from, to }) => to.endsWith('.ts') && folderOf(to) !== folderOf(from));

describe('the folders', () => {
  it('each have a place in the house', () => {
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !FLOORS.includes(folderOf(file)))).toEqual([]);
  });

  it('hold TypeScript and nothing else', () => {
    const isOfPages = (file: string) =>
      folderOf(file) === 'src/dashboard' && /\.(tsx|css)$|\/tsconfig\.json$/.test(file);
    expect(files.filter((file) => !file.endsWith('.ts') && !isOfPages(file))).toEqual([]);
  });

  it('import downwards only', () => {
    const floor = (path: string) => FLOORS.indexOf(folderOf(path));
    expect(crossings.length).toBeGreaterThan(0);
    expect(crossings.filter(({ from, to }) => floor(to) > floor(from))).toEqual([]);
  });

  it('are entered through their index.ts', () => {
    expect(crossings.filter(({ to }) => !to.endsWith('/index.ts'))).toEqual([]);
  });

  it('keep koffi behind native', () => {
    const users = imports.filter(({ to }) => to === 'koffi').map(({ from }) => folderOf(from));
    expect([...new Set(users)]).toEqual(['native']);
  });
});

async function sourcesIn(root: string): Promise<string[]> {
  const paths = await readdir(root, { recursive: true });
  return paths.filter((path) => extname(path) !== '').map((path) => join(root, path));
}

async function importsOf(file: string): Promise<Import[]> {
  const source = await readFile(file, 'utf8');
  return [...source.matchAll(/(?:\bfrom |^import |\bimport\()'([^']+)'/gm)].map(([, specifier = '']) => ({
    from: file,
    to: specifier.startsWith('.') ? join(dirname(file), specifier).replace(/\.js$/, '.ts') : specifier,
  }));
}

function folderOf(path: string): string {
  const [top = '', second] = path.split('/');
  return top === 'src' && second !== undefined && !second.endsWith('.ts') ? `src/${second}` : top;
}
