import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileEntry } from 'ssh2';
import { describe, expect, it } from 'vitest';
import { type DirectoryEvent, UnsafePathError } from '../../../../src/adapters/sftp/index.js';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { cutAt, makeFile, namesIn, stage, upWhenAllWait } from './support.js';

const MIB = 2 ** 20;

const TREE = ['a', 'b', 'empty/', 'sub/c', 'sub/deep/d', 'sub/deep/e', 'z'];

describe.each(['upload', 'download'] as const)('the %s of a directory', (direction) => {
  const isUpload = direction === 'upload';

  /** A directory at the source. `transfer` transfers it. */
  async function tree(options: Parameters<typeof stage>[0] = {}, serverOptions: Parameters<typeof stage>[1] = {}) {
    const set = await stage(options, serverOptions);
    const [source, target] = isUpload ? [set.local('from'), set.remote('to')] : [set.remote('from'), set.local('to')];
    for (const path of TREE) {
      const full = join(source, path);
      mkdirSync(path.endsWith('/') ? full : dirname(full), { recursive: true });
      if (!path.endsWith('/')) makeFile(full, 100_000);
    }
    const { sftp } = set;
    const transfer = (more: Parameters<typeof sftp.uploadDirectory>[2] = {}) =>
      isUpload ? sftp.uploadDirectory(source, 'to', more) : sftp.downloadDirectory('from', target, more);
    return { ...set, source, target, transfer };
  }

  it('copies all that is in it, over one session', async () => {
    const { server, source, target, transfer } = await tree();
    await expect(transfer()).resolves.toEqual({ transferred: 6, unchanged: 0, skipped: 0, bytes: 600_000 });
    expect(contentOf(target)).toEqual(contentOf(source));
    expect(server.connections).toBe(1);
    await server.idle();
  });

  it('leaves alone what is there already', async () => {
    const { source, target, transfer } = await tree();
    await transfer();
    makeFile(join(source, 'sub/c'), 50_000);
    rmSync(join(target, 'b'));
    await expect(transfer()).resolves.toEqual({ transferred: 2, unchanged: 4, skipped: 0, bytes: 150_000 });
    expect(contentOf(target)).toEqual(contentOf(source));
    await expect(transfer({ skipUnchanged: false })).resolves.toMatchObject({ transferred: 6, unchanged: 0 });
  });

  it('takes over the times, unless they are not wanted', async () => {
    const { source, target, transfer } = await tree();
    utimesSync(join(source, 'a'), 1_000_000_000, 1_000_000_000);
    await transfer();
    expect(statSync(join(target, 'a')).mtimeMs).toBe(1_000_000_000_000);
    await transfer({ preserveTimes: false, skipUnchanged: false });
    expect(statSync(join(target, 'a')).mtimeMs).not.toBe(1_000_000_000_000);
  });

  it('takes what the filter lets through, and enters no directory that it does not', async () => {
    const { target, transfer } = await tree();
    const asked: string[] = [];
    await transfer({
      filter: ({ path, type }) => {
        asked.push(`${type} ${path}`);
        return path !== 'sub/deep' && path !== 'z';
      },
    });
    expect(Object.keys(contentOf(target))).toEqual(['a', 'b', 'empty/', 'sub/', 'sub/c']);
    expect(asked).toEqual([
      'file a',
      'file b',
      'directory empty',
      'directory sub',
      'file z',
      'file sub/c',
      'directory sub/deep',
    ]);
  });

  it('passes over links, and says so', async () => {
    const { source, target, transfer } = await tree();
    symlinkSync('/etc', join(source, 'link'));
    const events: DirectoryEvent[] = [];
    await expect(transfer({ onEntry: (event) => events.push(event) })).resolves.toMatchObject({ skipped: 1 });
    expect(events).toContainEqual({ path: 'link', outcome: 'skipped' });
    expect(events).toContainEqual({ path: 'a', outcome: 'transferred', result: { bytes: 100_000, moved: 100_000 } });
    expect(existsSync(join(target, 'link'))).toBe(false);
  });

  it('passes over what other transfers have not finished', async () => {
    const { source, target, transfer } = await tree();
    writeFileSync(join(source, '.a.netpause-0123456789abcdef.part'), 'half');
    await transfer();
    expect(namesIn(target)).toEqual(['a', 'b', 'empty', 'sub', 'z']);
  });

  it('has so many files under way at a time', async () => {
    const { transfer } = await tree();
    const underWay = new Set<string>();
    let most = 0;
    await transfer({
      concurrency: 2,
      onProgress: ({ path, bytes, total }) => {
        if (bytes < total) underWay.add(path);
        else underWay.delete(path);
        most = Math.max(most, underWay.size);
      },
    });
    expect(most).toBe(2);
  });

  it('goes on with each file where it stopped after an outage, without spending an attempt', async () => {
    const { server, network, sftp, source, target, transfer } = await tree({ retries: 0 });
    for (const name of ['a', 'b', 'z']) makeFile(join(source, name), 3 * MIB);
    const spent: boolean[] = [];
    sftp.retryer.on('failure', (event) => spent.push(event.spent));
    server.setFault(cutAt(isUpload ? 'WRITE' : 'READ', 2 * MIB, () => network.down()));
    upWhenAllWait(sftp, network);
    let moved = 0;
    const { bytes } = await transfer({
      onEntry: (event) => {
        if (event.outcome === 'transferred') moved += event.result.moved;
      },
    });
    expect(new Set(spent)).toEqual(new Set([false]));
    expect(moved - bytes).toBeLessThanOrEqual(4 * 512 * 1024);
    expect(contentOf(target)).toEqual(contentOf(source));
    expect(server.connections).toBe(2);
  });

  it('ends with the first failure, and what is under way with it', async () => {
    const { server, transfer, source } = await tree();
    for (const name of ['b', 'z']) makeFile(join(source, name), 3 * MIB);
    server.setFault(({ name, path }) => {
      if (name === (isUpload ? 'WRITE' : 'READ')) return path.includes('a') ? 4 : 'hang';
      return undefined;
    });
    await expect(transfer()).rejects.toMatchObject({ code: 4 });
    await server.idle();
  });

  it('is ended by its signal', async () => {
    const { server, transfer } = await tree();
    const abort = new AbortController();
    server.setFault(({ name }) => (name === (isUpload ? 'WRITE' : 'READ') ? 'hang' : undefined));
    const transferring = transfer({ signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) });
    await expect(transferring).rejects.toThrow('enough');
    await server.idle();
  });

  it('fails where it is not there', async () => {
    const { sftp, local } = await tree();
    const transferring = isUpload
      ? sftp.uploadDirectory(local('none'), 'to')
      : sftp.downloadDirectory('none', local('to'));
    await expect(transferring).rejects.toMatchObject({ code: isUpload ? 'ENOENT' : 2 });
  });

  it.each([[{ concurrency: 0 }], [{ filter: 'a' }], [{ window: 1 }], [{ network: {} }]])(
    'refuses %j',
    async (options) => {
      const { sftp, local } = await stage();
      const method = isUpload ? sftp.uploadDirectory : sftp.downloadDirectory;
      await expect(Reflect.apply(method, sftp, [local('.'), 'to', options])).rejects.toBeInstanceOf(InvalidOptionError);
    },
  );
});

describe('the download of a directory', () => {
  it.each(['../evil', '', 'a/b', '/etc/passwd', 'a\0b'])(
    'refuses a name by which the server would have it write elsewhere: %j',
    async (filename) => {
      const { sftp, local } = await stage({}, { names: () => [entry(filename)] });
      mkdirSync(local('to'));
      await expect(sftp.downloadDirectory('from', local('to'))).rejects.toBeInstanceOf(UnsafePathError);
      expect(namesIn(local('.'))).toEqual(['to']);
      expect(namesIn(local('to'))).toEqual([]);
    },
  );

  it('does not take a directory for something in itself', async () => {
    const { sftp, local } = await stage({}, { names: () => [entry('.'), entry('..')] });
    await expect(sftp.downloadDirectory('from', local('to'))).resolves.toMatchObject({ transferred: 0, skipped: 0 });
  });

  it('refuses a name that stands there twice', async () => {
    const { sftp, local } = await stage({}, { names: () => [entry('a'), entry('a')] });
    await expect(sftp.downloadDirectory('from', local('to'))).rejects.toBeInstanceOf(UnsafePathError);
  });

  it('follows a link that the caller names', async () => {
    const { sftp, local, remote } = await stage();
    mkdirSync(remote('from'));
    makeFile(remote('from/a'), 10);
    mkdirSync(local('real'));
    symlinkSync('real', local('to'));
    await sftp.downloadDirectory('from', local('to'));
    expect(namesIn(local('real'))).toEqual(['a']);
  });

  it('does not write through a local link in the place of a directory', async () => {
    const { sftp, local, remote } = await stage();
    mkdirSync(remote('from/sub'), { recursive: true });
    makeFile(remote('from/sub/a'), 10);
    mkdirSync(local('to'));
    mkdirSync(local('elsewhere'));
    symlinkSync('../elsewhere', local('to/sub'));
    await expect(sftp.downloadDirectory('from', local('to'))).rejects.toBeInstanceOf(UnsafePathError);
    expect(namesIn(local('elsewhere'))).toEqual([]);
  });
});

/** What is in a directory: the paths, and what each file holds. */
function contentOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .map((each): [string, string] => {
        const full = join(each.parentPath, each.name);
        const path = full.slice(folder.length + 1);
        return each.isDirectory() ? [`${path}/`, ''] : [path, readFileSync(full, 'base64')];
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function entry(filename: string): FileEntry {
  const attrs = { mode: 0o100644, uid: 0, gid: 0, size: 1, atime: 0, mtime: 0 };
  return { filename, longname: `-rw-r--r-- 1 0 0 1 Jan 1 1970 ${filename}`, attrs };
}
