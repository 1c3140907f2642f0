import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GeoFiles } from '../../../../src/probes/annotate/geo-files.js';
import { until } from '../../../lab/bounded.js';
import { type Writable, writeMmdb } from '../geo/write-mmdb.js';
import { watchedFiles } from './watched-files.js';

const ADDRESS = '203.0.113.9';
const cityOf = (name: string): Writable => ({ city: { names: { en: name } } });
const asnOf = (number: number): Writable => ({ autonomous_system_number: number });

let folder: string;
let files: GeoFiles;
let problems: Problems;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpause-geo-files-'));
  problems = new Problems();
});
afterEach(async () => {
  vi.restoreAllMocks();
  files.close();
  await rm(folder, { recursive: true });
});

function use(...names: readonly string[]): GeoFiles {
  files = new GeoFiles(
    names.map((name) => join(folder, name)),
    (path, error) => problems.add(path, error),
  );
  return files;
}

/** As whoever updates such a file should: nobody ever sees half of it. */
async function put(name: string, value: Writable): Promise<void> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, writeMmdb({ networks: [['203.0.113.0/24', value]] }));
  await rename(`${path}.new`, path);
}

describe('geography files', () => {
  it('are used together, the first before the others', async () => {
    await put('city', { ...Object(cityOf('Vienna')), autonomous_system_number: 1 });
    await put('asn', asnOf(64_500));
    await use('city', 'asn').open();
    expect(files.locate(ADDRESS)).toEqual({ city: 'Vienna', asn: 1 });
    expect(files.locate('192.0.2.1')).toBeUndefined();
    expect(problems.all).toEqual([]);
  });

  it('know nothing before they are opened', async () => {
    await put('city', cityOf('Vienna'));
    expect(use('city').locate(ADDRESS)).toBeUndefined();
  });

  it('do without one that is missing, say so, and use it as soon as it is there', async () => {
    await put('asn', asnOf(64_500));
    await use('city', 'asn').open();
    expect(files.locate(ADDRESS)).toEqual({ asn: 64_500 });
    expect(problems.all).toEqual([[join(folder, 'city'), expect.stringContaining('ENOENT')]]);
    await put('city', cityOf('Vienna'));
    await until(
      () => files.locate(ADDRESS)?.city === 'Vienna',
      () => 'the file',
    );
    expect(problems.all).toHaveLength(1);
  });

  it('do without one that is broken, and say so again where it is replaced by another that is', async () => {
    await writeFile(join(folder, 'city'), 'no database');
    await use('city').open();
    await writeFile(join(folder, 'city'), 'no database either');
    await problems.until(2);
    expect(new Set(problems.all.map(([path]) => path))).toEqual(new Set([join(folder, 'city')]));
    await put('city', cityOf('Vienna'));
    await until(
      () => files.locate(ADDRESS)?.city === 'Vienna',
      () => 'the file',
    );
  });

  it('are read again when they are replaced, and go on as they were where that is broken', async () => {
    await put('city', cityOf('Vienna'));
    await use('city').open();
    await put('city', cityOf('Graz'));
    await until(
      () => files.locate(ADDRESS)?.city === 'Graz',
      () => 'the file',
    );
    await writeFile(join(folder, 'city'), 'no database');
    await problems.until(1);
    expect(files.locate(ADDRESS)?.city).toBe('Graz');
  });

  it('are watched no longer once they are closed, missing ones neither; what was read can still be asked', async () => {
    await put('city', cityOf('Vienna'));
    await use('city', 'asn').open();
    files.close();
    await put('city', cityOf('Graz'));
    await put('asn', asnOf(64_500));
    // Whoever watches sees the same folder, and so would have by the time that this one has.
    const witness = new GeoFiles([join(folder, 'other')], () => {});
    await witness.open();
    await put('other', asnOf(1));
    await until(
      () => witness.locate(ADDRESS) !== undefined,
      () => 'the file',
    );
    witness.close();
    expect(files.locate(ADDRESS)).toEqual({ city: 'Vienna' });
  });

  it('are read anew when they are opened again', async () => {
    await put('city', cityOf('Vienna'));
    await use('city').open();
    files.close();
    await put('city', cityOf('Graz'));
    await files.open();
    expect(files.locate(ADDRESS)?.city).toBe('Graz');
    await put('city', cityOf('Linz'));
    await until(
      () => files.locate(ADDRESS)?.city === 'Linz',
      () => 'the file',
    );
  });

  it('stay closed where that comes in the middle of opening', async () => {
    await put('city', cityOf('Vienna'));
    const opening = use('city').open();
    files.close();
    await opening;
    expect(files.locate(ADDRESS)).toBeUndefined();
    await Promise.all([files.open(), files.open()]);
    expect(files.locate(ADDRESS)?.city).toBe('Vienna');
  });

  it('leave nothing open where they are closed in the middle of reading', async () => {
    await put('city', cityOf('Vienna'));
    // The first waits for the file, the second is that of the file itself.
    const watched = watchedFiles((open) => {
      if (open === 2) files.close();
    });
    await use('city').open();
    expect(watched.size).toBe(0);
    expect(files.locate(ADDRESS)).toBeUndefined();
    expect(problems.all).toEqual([]);
  });
});

class Problems {
  readonly all: (readonly [path: string, message: string])[] = [];

  add(path: string, error: unknown): void {
    this.all.push([path, error instanceof Error ? error.message : String(error)]);
  }

  until(count: number): Promise<void> {
    return until(
      () => this.all.length >= count,
      () => `${count} problems`,
    );
  }
}
