import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SourceChangedError, type TransferProgress, UnsafePathError } from '../../../../src/adapters/sftp/index.js';
import { isPartialName } from '../../../../src/adapters/sftp/partial-name.js';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { retryReport } from '../../../../src/retry/index.js';
import { cutAt, makeFile, namesIn, sha256, stage } from './support.js';

const KIB = 1024;
const MIB = 1024 * KIB;

describe('a download', () => {
  it.each([0, 1, 32 * KIB, 3 * MIB + 17])('arrives whole and leaves nothing else: %i bytes', async (bytes) => {
    const { sftp, server, local, remote } = await stage();
    makeFile(remote('a'), bytes);
    await expect(sftp.downloadFile('a', local('a'))).resolves.toEqual({ bytes, moved: bytes });
    expect(sha256(local('a'))).toBe(sha256(remote('a')));
    expect(namesIn(local('.'))).toEqual(['a']);
    await server.idle();
  });

  it('goes on where it stopped after an outage, without spending an attempt', async () => {
    const { sftp, server, network, local, remote } = await stage({ retries: 0 });
    makeFile(remote('a'), 8 * MIB);
    const spent: boolean[] = [];
    sftp.retryer.on('failure', (event) => spent.push(event.spent));
    server.setFault(cutAt('READ', 4 * MIB, () => network.down()));
    sftp.retryer.on('pause', () => network.up());
    const { moved, bytes } = await sftp.downloadFile('a', local('a'));
    expect(spent).toEqual([false]);
    expect(moved - bytes).toBeLessThanOrEqual(512 * KIB);
    expect(sha256(local('a'))).toBe(sha256(remote('a')));
    expect(namesIn(local('.'))).toEqual(['a']);
  });

  it('puts pieces in their place whatever the server gives of each', async () => {
    const { sftp, local, remote } = await stage({}, { mostPerRead: 10_000 });
    makeFile(remote('a'), MIB + 17);
    await expect(sftp.downloadFile('a', local('a'))).resolves.toMatchObject({ moved: MIB + 17 });
    expect(sha256(local('a'))).toBe(sha256(remote('a')));
  });

  it('is done once where two calls do the same at the same time', async () => {
    const { connect, local, remote } = await stage();
    makeFile(remote('a'), 2 * MIB);
    await Promise.all([connect().downloadFile('a', local('a')), connect().downloadFile('a', local('a'))]);
    expect(sha256(local('a'))).toBe(sha256(remote('a')));
    expect(namesIn(local('.'))).toEqual(['a']);
  });

  it('tells how it gets on', async () => {
    const { sftp, local, remote } = await stage();
    makeFile(remote('a'), MIB);
    const seen: TransferProgress[] = [];
    await sftp.downloadFile('a', local('a'), { onProgress: (progress) => seen.push(progress) });
    expect(seen.at(0)).toEqual({ bytes: 0, total: MIB, moved: 0 });
    expect(seen.at(-1)).toEqual({ bytes: MIB, total: MIB, moved: MIB });
  });

  it('begins anew where the file was replaced during the outage, and leaves nothing of the old one', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(remote('a'), 4 * MIB);
    server.setFault(
      cutAt('READ', 2 * MIB, () => {
        makeFile(remote('b'), 3 * MIB);
        renameSync(remote('b'), remote('a'));
      }),
    );
    await expect(sftp.downloadFile('a', local('a'))).resolves.toMatchObject({ bytes: 3 * MIB });
    expect(sha256(local('a'))).toBe(sha256(remote('a')));
    expect(namesIn(local('.'))).toEqual(['a']);
  });

  it.each([
    ['longer', (path: string) => appendFileSync(path, 'more')],
    ['shorter', (path: string) => writeFileSync(path, 'less')],
  ])('leaves the target as it was where the file becomes %s meanwhile', async (_how, change) => {
    const { sftp, server, local, remote } = await stage();
    makeFile(remote('a'), 4 * MIB);
    writeFileSync(local('a'), 'old');
    let isChanged = false;
    server.setFault(({ name, offset = 0 }) => {
      if (name !== 'READ' || offset < 2 * MIB || isChanged) return undefined;
      isChanged = true;
      change(remote('a'));
      return undefined;
    });
    await expect(sftp.downloadFile('a', local('a'))).rejects.toBeInstanceOf(SourceChangedError);
    expect(readFileSync(local('a'), 'utf8')).toBe('old');
  });
});

describe('a download that another process has begun', () => {
  /** As a process leaves it that was killed: so many bytes are there. */
  async function begun(bytes: number, at: number) {
    const set = await stage();
    makeFile(set.remote('a'), bytes);
    utimesSync(set.remote('a'), 1_000_000_000, 1_000_000_000);
    const abort = new AbortController();
    const download = set.connect().downloadFile('a', set.local('a'), {
      signal: abort.signal,
      onProgress: (progress) => progress.bytes >= at && abort.abort(new Error('killed')),
    });
    await expect(download).rejects.toThrow('killed');
    const [partial = ''] = namesIn(set.local('.'));
    expect(isPartialName(partial)).toBe(true);
    return { ...set, partial: set.local(partial) };
  }

  it('is gone on with', async () => {
    const { sftp, local, remote } = await begun(6 * MIB, 4 * MIB);
    const { moved } = await sftp.downloadFile('a', local('a'));
    expect(moved).toBeLessThanOrEqual(2 * MIB);
    expect(sha256(local('a'))).toBe(sha256(remote('a')));
    expect(namesIn(local('.'))).toEqual(['a']);
  });

  it('is gone on with where its end is not what it should be', async () => {
    const { sftp, local, remote, partial } = await begun(6 * MIB, 4 * MIB);
    appendFileSync(partial, Buffer.alloc(50 * KIB));
    const { moved } = await sftp.downloadFile('a', local('a'));
    expect(moved).toBeLessThanOrEqual(2 * MIB);
    expect(sha256(local('a'))).toBe(sha256(remote('a')));
  });

  it('is begun anew where the file has another time', async () => {
    const { sftp, local, remote } = await begun(6 * MIB, 4 * MIB);
    utimesSync(remote('a'), 1_000_000_001, 1_000_000_001);
    await expect(sftp.downloadFile('a', local('a'))).resolves.toMatchObject({ moved: 6 * MIB });
    expect(sha256(local('a'))).toBe(sha256(remote('a')));
  });

  it('is begun anew where it has become longer than the file', async () => {
    const { sftp, local, remote, partial } = await begun(2 * MIB, MIB);
    appendFileSync(partial, Buffer.alloc(2 * MIB));
    await expect(sftp.downloadFile('a', local('a'))).resolves.toMatchObject({ moved: 2 * MIB });
    expect(sha256(local('a'))).toBe(sha256(remote('a')));
  });

  it('is compared from the beginning with verify: full', async () => {
    const { sftp, local, remote, partial } = await begun(6 * MIB, 4 * MIB);
    const file = openSync(partial, 'r+');
    writeSync(file, 'something else', MIB);
    closeSync(file);
    await expect(sftp.downloadFile('a', local('a'), { verify: 'full' })).resolves.toMatchObject({ moved: 5 * MIB });
    expect(sha256(local('a'))).toBe(sha256(remote('a')));
  });

  it('is not followed where it has become a link', async () => {
    const { sftp, local, partial } = await begun(2 * MIB, MIB);
    rmSync(partial);
    writeFileSync(local('victim'), 'precious');
    symlinkSync('victim', partial);
    await expect(sftp.downloadFile('a', local('a'))).rejects.toBeInstanceOf(UnsafePathError);
    expect(readFileSync(local('victim'), 'utf8')).toBe('precious');
  });
});

describe('a download that another account has begun', () => {
  it('is not gone on with: the same path is another file there', async () => {
    const { connect, server, local, remote } = await stage();
    makeFile(remote('a'), 4 * MIB);
    server.setFault(({ name, offset = 0 }) => (name === 'READ' && offset >= 2 * MIB ? 4 : undefined));
    const as = (username: string) =>
      connect({ connect: { host: '127.0.0.1', port: server.port, username, password: 'secret' } });
    await expect(as('one').downloadFile('a', local('a'))).rejects.toMatchObject({ code: 4 });
    server.setFault(undefined);
    await expect(as('another').downloadFile('a', local('a'))).resolves.toMatchObject({ moved: 4 * MIB });
  });
});

describe('a download that fails', () => {
  it('does so before it writes anything where the server does not tell the size', async () => {
    const { sftp, local, remote } = await stage({}, { tells: ({ mode }) => ({ mode }) });
    makeFile(remote('a'), 10);
    await expect(sftp.downloadFile('a', local('a'))).rejects.toBeInstanceOf(InvalidOptionError);
    expect(namesIn(local('.'))).toEqual([]);
  });

  it('does so at once where the target is no path of a file', async () => {
    const { sftp, server, local } = await stage();
    await expect(sftp.downloadFile('a', `${local('a')}/`)).rejects.toBeInstanceOf(InvalidOptionError);
    expect(server.connections).toBe(0);
  });

  it('leaves nothing where the file was changed, for it can not be gone on with', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(remote('a'), MIB);
    server.setFault(({ name }) => {
      if (name === 'READ') utimesSync(remote('a'), 1_000_000_000, 1_000_000_000);
      return undefined;
    });
    await expect(sftp.downloadFile('a', local('a'))).rejects.toBeInstanceOf(SourceChangedError);
    expect(namesIn(local('.'))).toEqual([]);
  });

  it('is not repeated where the server answers that there is no such file', async () => {
    const { sftp, local, server } = await stage();
    const error: unknown = await sftp.downloadFile('none', local('a')).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 2, path: 'none' });
    expect(retryReport(error)?.attempts).toHaveLength(1);
    expect(server.connections).toBe(1);
    expect(namesIn(local('.'))).toEqual([]);
  });

  it('is not repeated where the local folder is not there', async () => {
    const { sftp, local, remote, server } = await stage();
    makeFile(remote('a'), 1);
    await expect(sftp.downloadFile('a', local('none/a'))).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open' });
    expect(server.connections).toBe(1);
  });

  it('is refused where there is a directory on either side', async () => {
    const { sftp, local, remote } = await stage();
    makeFile(remote('a'), 1);
    mkdirSync(remote('folder'));
    mkdirSync(local('folder'));
    await expect(sftp.downloadFile('a', local('folder'))).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(sftp.downloadFile('folder', local('a'))).rejects.toBeInstanceOf(InvalidOptionError);
  });

  it('leaves the unfinished file, or takes it away where that is wanted', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(remote('a'), 2 * MIB);
    server.setFault(({ name, offset = 0 }) => (name === 'READ' && offset >= MIB ? 4 : undefined));
    await expect(sftp.downloadFile('a', local('a'))).rejects.toMatchObject({ code: 4 });
    expect(namesIn(local('.')).map(isPartialName)).toEqual([true]);
    await expect(sftp.downloadFile('a', local('a'), { partial: 'remove' })).rejects.toMatchObject({ code: 4 });
    expect(namesIn(local('.'))).toEqual([]);
  });
});

describe('the local target', () => {
  const modeOf = (path: string) => statSync(path).mode & 0o7777;

  it('keeps the permissions of the file that it replaces, or gets those that are given', async () => {
    const { sftp, local, remote } = await stage();
    makeFile(remote('a'), 1);
    chmodSync(remote('a'), 0o751);
    writeFileSync(local('a'), 'old');
    chmodSync(local('a'), 0o640);
    await sftp.downloadFile('a', local('a'));
    expect(modeOf(local('a'))).toBe(0o640);
    await sftp.downloadFile('a', local('a'), { mode: 0o604 });
    expect(modeOf(local('a'))).toBe(0o604);
    await sftp.downloadFile('a', local('a'), { mode: 'source' });
    expect(modeOf(local('a'))).toBe(0o751);
  });

  it('is never open to more than it will be', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(remote('a'), 100_000);
    writeFileSync(local('a'), 'old', { mode: 0o600 });
    const seen = new Set<number>();
    server.setFault(({ name }) => {
      const partial = namesIn(local('.')).find(isPartialName);
      if (name === 'READ' && partial !== undefined) seen.add(modeOf(local(partial)));
      return undefined;
    });
    await sftp.downloadFile('a', local('a'));
    expect([...seen]).toEqual([0o600]);
  });

  it('gets the time of the source where that is wanted', async () => {
    const { sftp, local, remote } = await stage();
    makeFile(remote('a'), 1);
    utimesSync(remote('a'), 1_000_000_000, 1_000_000_000);
    await sftp.downloadFile('a', local('a'), { preserveTimes: true });
    expect(statSync(local('a')).mtimeMs).toBe(1_000_000_000_000);
  });

  it('stands in a folder that is freed of what transfers have left there long ago', async () => {
    const { sftp, local, remote } = await stage();
    makeFile(remote('a'), 1);
    const [old, young] = ['b', 'c'].map((name) => `.${name}.netpause-0123456789abcdef.part`);
    for (const name of [old, young]) writeFileSync(local(name ?? ''), '');
    utimesSync(local(old ?? ''), 1_000_000_000, 1_000_000_000);
    await sftp.downloadFile('a', local('a'));
    expect(namesIn(local('.'))).toEqual([young, 'a']);
  });

  it('is freed of them although one of them cannot be looked at', async () => {
    const { sftp, local, remote } = await stage();
    makeFile(remote('a'), 1);
    const [dangling = '', folder = '', old = ''] = ['b', 'c', 'd'].map(
      (name) => `.${name}.netpause-0123456789abcdef.part`,
    );
    symlinkSync('nothing', local(dangling));
    mkdirSync(local(folder));
    writeFileSync(local(old), '');
    for (const name of [folder, old]) utimesSync(local(name), 1_000_000_000, 1_000_000_000);
    await sftp.downloadFile('a', local('a'));
    expect(namesIn(local('.'))).toEqual([dangling, folder, 'a']);
  });

  it('gets no time where the server tells none', async () => {
    const { sftp, local, remote } = await stage({}, { tells: ({ mode, size }) => ({ mode, size }) });
    makeFile(remote('a'), 10);
    await sftp.downloadFile('a', local('a'), { preserveTimes: true });
    expect(sha256(local('a'))).toBe(sha256(remote('a')));
  });
});
