import { type FSWatcher, watch } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WatchedFile } from '../../../src/probes/watched-file.js';

vi.mock('node:fs', async (original) => {
  const actual = await original<typeof import('node:fs')>();
  return { ...actual, watch: vi.fn(actual.watch) };
});
vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof import('node:fs/promises')>();
  return { ...actual, stat: vi.fn(actual.stat) };
});

let folder: string;
let watched: WatchedFile | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpause-watched-'));
});
afterEach(async () => {
  watched?.close();
  vi.mocked(stat).mockReset();
  vi.mocked(watch).mockClear();
  await rm(folder, { recursive: true });
});

/** Puts a file in the place of another: nobody ever sees half of it. */
async function put(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}

async function watching(path: string): Promise<{ readonly changes: () => number }> {
  let changes = 0;
  watched = new WatchedFile(path, () => {
    changes += 1;
  });
  await watched.open();
  return { changes: () => changes };
}

it('tells of a file that another takes the place of, once', async () => {
  const path = join(folder, 'file');
  await put(path, 'one');
  const { changes } = await watching(path);
  await put(path, 'two');
  await vi.waitUntil(() => changes() === 1);
});

it('tells of a link on the way that leads elsewhere, as Kubernetes swaps it', async () => {
  for (const version of ['..1', '..2']) {
    await mkdir(join(folder, version));
    await writeFile(join(folder, version, 'file'), version);
  }
  await symlink('..1', join(folder, '..data'));
  await symlink('..data/file', join(folder, 'file'));
  const { changes } = await watching(join(folder, 'file'));
  await symlink('..2', join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  await vi.waitUntil(() => changes() === 1);
});

it('misses no change in the middle of a look, without waiting for the next one', async () => {
  const path = join(folder, 'file');
  await put(path, 'one');
  const { changes } = await watching(path);
  await put(path, 'two');
  // The second look, which would tell of it, sees the file as it is now, and before it ends there is another one.
  const actual = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');
  vi.mocked(stat).mockImplementationOnce(actual.stat);
  vi.mocked(stat).mockImplementationOnce(async (...given) => {
    const seen = await actual.stat(...given);
    const watcher: FSWatcher = vi.mocked(watch).mock.results.at(-1)?.value;
    const told = new Promise<void>((resolve) => {
      watcher.on('change', (_, name) => name === 'file' && resolve());
    });
    await put(path, 'three');
    await told;
    return seen;
  });
  await vi.waitUntil(() => changes() === 2, { timeout: 4000 });
});

it('tells once more of what has not changed, when that is wanted', async () => {
  const path = join(folder, 'file');
  await put(path, 'one');
  const { changes } = await watching(path);
  await put(path, 'two');
  await vi.waitUntil(() => changes() === 1);
  watched?.tellAgain();
  // It is looked when anything happens nearby, and every few seconds.
  await put(join(folder, 'other'), 'one');
  await vi.waitUntil(() => changes() === 2);
});

it('has one watch at a time, and none when it is closed', async () => {
  const path = join(folder, 'file');
  await put(path, 'one');
  const { changes } = await watching(path);
  for (const [index, content] of ['two', 'three', 'four'].entries()) {
    await put(path, content);
    await vi.waitUntil(() => changes() === index + 1);
  }
  watched?.close();
  const watchers = vi.mocked(watch).mock.results.map(({ value }) => value);
  expect(watchers.length).toBeGreaterThan(3);
  const closings = watchers.map((each) => vi.spyOn(each, 'emit'));
  await put(path, 'five');
  await actualRest();
  for (const closing of closings)
    expect(closing).not.toHaveBeenCalledWith('change', expect.anything(), expect.anything());
  expect(changes()).toBe(3);
});

/** Until a watch of another's has been told of something. */
async function actualRest(): Promise<void> {
  const other = join(folder, 'other');
  await put(other, 'one');
  let isTold = false;
  const watching = new WatchedFile(other, () => {
    isTold = true;
  });
  await watching.open();
  await put(other, 'two');
  await vi.waitUntil(() => isTold);
  watching.close();
}
