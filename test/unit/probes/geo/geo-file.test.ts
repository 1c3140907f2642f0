import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openGeo } from '../../../../src/probes/geo/index.js';
import { writeMmdb } from './write-mmdb.js';

/** What calls back when a file changes: here when the test says so. */
const watches = vi.hoisted((): (() => void)[] => []);
const toldAgain = vi.hoisted(() => vi.fn());

vi.mock('../../../../src/probes/watched-file.js', async (original) => ({
  ...(await original<object>()),
  WatchedFile: class {
    constructor(_: string, onChange: () => void) {
      watches.push(onChange);
    }
    async open(): Promise<void> {}
    tellAgain = toldAgain;
    close(): void {}
  },
}));
vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof import('node:fs/promises')>();
  return { ...actual, readFile: vi.fn(actual.readFile) };
});

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpause-geo-file-'));
  path = join(folder, 'file.mmdb');
  watches.length = 0;
});
afterEach(async () => {
  vi.mocked(readFile).mockReset();
  await rm(folder, { recursive: true });
});

const countryFile = (code: string) =>
  writeMmdb({ networks: [['203.0.113.0/24', { country: { iso_code: code } }]], ipVersion: 4 });

it('is never half of one file and half of another', async () => {
  await writeFile(path, countryFile('AT'));
  // In place, while it is read: what is read is the old beginning with the new end.
  const whileRead = async (code: string) => {
    const before = countryFile('AT');
    const after = countryFile(code);
    await writeFile(path, after);
    return Buffer.concat([before.subarray(0, before.length / 2), after.subarray(before.length / 2)]);
  };
  vi.mocked(readFile).mockImplementationOnce(() => whileRead('CH'));
  vi.mocked(readFile).mockImplementationOnce(() => whileRead('DE'));
  const geo = await openGeo(path);
  expect(geo.locate('203.0.113.9')?.country?.code).toBe('DE');
  expect(readFile).toHaveBeenCalledTimes(3);
});

it('is refused while somebody goes on writing it', async () => {
  await writeFile(path, countryFile('AT'));
  let size = 0;
  vi.mocked(readFile).mockImplementation(async () => {
    size += 1;
    await writeFile(path, Buffer.alloc(size));
    return Buffer.from(countryFile('AT'));
  });
  await expect(openGeo(path)).rejects.toThrow(/being written/);
});

it.each(['a pipe', 'a device', 'a folder'])('is not read where it is %s, which may have no end', async (kind) => {
  if (kind === 'a pipe') await promisify(execFile)('mkfifo', [path]);
  const file = { 'a pipe': path, 'a device': '/dev/zero', 'a folder': folder }[kind] ?? '';
  await expect(openGeo(file)).rejects.toMatchObject({ code: 'ERR_NETPAUSE_GEO_FILE', problem: 'it is no file' });
  expect(readFile).not.toHaveBeenCalled();
});

it('is read once more, however often it has changed meanwhile', async () => {
  await writeFile(path, countryFile('AT'));
  const reloads: string[] = [];
  const geo = await openGeo(path, { onReload: (file) => reloads.push(file) });
  const actual = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');
  let letRead: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    letRead = resolve;
  });
  vi.mocked(readFile).mockImplementation(async (...given) => {
    await gate;
    return actual.readFile(...given);
  });
  vi.mocked(readFile).mockClear();
  watches[0]?.();
  await vi.waitUntil(() => vi.mocked(readFile).mock.calls.length === 1);
  for (let changes = 0; changes < 20; changes += 1) watches[0]?.();
  letRead();
  await vi.waitUntil(() => reloads.length === 2);
  watches[0]?.();
  await vi.waitUntil(() => reloads.length === 3);
  expect(readFile).toHaveBeenCalledTimes(3);
  geo.close();
});

it('need not change to be read once more where something else was short', async () => {
  await writeFile(path, countryFile('AT'));
  const errors: unknown[] = [];
  const geo = await openGeo(path, { onError: (error) => errors.push(error) });
  vi.mocked(readFile).mockRejectedValueOnce(
    Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' }),
  );
  watches[0]?.();
  await vi.waitUntil(() => errors.length === 1);
  expect(toldAgain).toHaveBeenCalledTimes(1);
  await writeFile(path, 'no database');
  watches[0]?.();
  await vi.waitUntil(() => errors.length === 2);
  expect(toldAgain).toHaveBeenCalledTimes(1);
  geo.close();
});

it('is not read any more after close', async () => {
  await writeFile(path, countryFile('AT'));
  const geo = await openGeo(path);
  vi.mocked(readFile).mockClear();
  watches[0]?.();
  geo.close();
  const other = await openGeo(path);
  expect(readFile).toHaveBeenCalledTimes(1);
  other.close();
});
