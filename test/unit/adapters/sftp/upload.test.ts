import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  SourceChangedError,
  TransferMismatchError,
  type TransferProgress,
  UnsafePathError,
} from '../../../../src/adapters/sftp/index.js';
import { isPartialName } from '../../../../src/adapters/sftp/partial-name.js';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { retryReport } from '../../../../src/retry/index.js';
import type { SftpRequest } from '../../../fixtures/sftp/index.js';
import { cutAt, makeFile, namesIn, sha256, stage } from './support.js';

const KIB = 1024;
const MIB = 1024 * KIB;

describe('an upload', () => {
  it.each([0, 1, 32 * KIB, 3 * MIB + 17])('arrives whole and leaves nothing else: %i bytes', async (bytes) => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), bytes);
    await expect(sftp.uploadFile(local('a'), 'a')).resolves.toEqual({ bytes, moved: bytes });
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
    expect(namesIn(remote('.'))).toEqual(['a']);
    await server.idle();
  });

  it('grows under another name, so that the target is never half of it', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), 2 * MIB);
    writeFileSync(remote('a'), 'old');
    const seen = new Set<string>();
    server.setFault(({ name }) => {
      if (name === 'WRITE') seen.add(readFileSync(remote('a'), 'utf8'));
      return undefined;
    });
    await sftp.uploadFile(local('a'), 'a');
    expect([...seen]).toEqual(['old']);
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
  });

  it('goes on where it stopped after an outage, without spending an attempt', async () => {
    const { sftp, server, network, local, remote } = await stage({ retries: 0 });
    makeFile(local('a'), 8 * MIB);
    const spent: boolean[] = [];
    sftp.retryer.on('failure', (event) => spent.push(event.spent));
    server.setFault(cutAt('WRITE', 4 * MIB, () => network.down()));
    sftp.retryer.on('pause', () => network.up());
    const { moved, bytes } = await sftp.uploadFile(local('a'), 'a');
    expect(spent).toEqual([false]);
    expect(moved - bytes).toBeLessThanOrEqual(512 * KIB);
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
    expect(namesIn(remote('.'))).toEqual(['a']);
    expect(server.connections).toBe(2);
  });

  it('is interrupted where it hangs on a network that is lost, and goes on in another session', async () => {
    const { sftp, server, network, local, remote } = await stage({ retries: 0 });
    makeFile(local('a'), 4 * MIB);
    let hangs = true;
    server.setFault(({ name, offset = 0 }) => {
      if (!hangs || name !== 'WRITE' || offset < 2 * MIB) return undefined;
      if (network.state === 'up') setImmediate(() => network.down());
      return 'hang';
    });
    sftp.retryer.on('pause', () => {
      hangs = false;
      network.up();
    });
    const { moved, bytes } = await sftp.uploadFile(local('a'), 'a');
    expect(moved - bytes).toBeLessThanOrEqual(512 * KIB);
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
  });

  it('gets its attempts back as long as it gets on', async () => {
    const { sftp, server, local, remote } = await stage({ retries: 1 });
    makeFile(local('a'), 8 * MIB);
    let cuts = 0;
    server.setFault(({ name, offset = 0 }) => {
      if (name !== 'WRITE' || offset < (cuts + 1) * MIB || cuts === 5) return undefined;
      cuts += 1;
      return 'cut';
    });
    await sftp.uploadFile(local('a'), 'a');
    expect(cuts).toBe(5);
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
  });

  it('fails with what the connection ended with when no retries are left', async () => {
    const { sftp, server, local } = await stage({ retries: 2 });
    makeFile(local('a'), MIB);
    server.setFault(({ name }) => (name === 'WRITE' ? 'cut' : undefined));
    const error: unknown = await sftp.uploadFile(local('a'), 'a').catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_NETPAUSE_SFTP_CONNECTION_LOST', cause: { code: 'ECONNRESET' } });
    expect(retryReport(error)?.attempts.map(({ spent }) => spent)).toEqual([true, true, true]);
  });

  it('fills the holes that a server has left which wrote later pieces first', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), 4 * MIB);
    let isFirst = true;
    server.setFault(({ name, offset = 0 }) => {
      if (!isFirst || name !== 'WRITE') return undefined;
      // Of this one nothing is done, though it is asked for first; the later ones are.
      if (offset === 2 * MIB) return 'hang';
      if (offset < 2 * MIB + 384 * KIB) return undefined;
      isFirst = false;
      return 'cut';
    });
    const { moved, bytes } = await sftp.uploadFile(local('a'), 'a');
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
    expect(moved - bytes).toBeLessThanOrEqual(512 * KIB);
  });

  it('knows that it was renamed although the answer was lost, and sends nothing again', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), 2 * MIB);
    let cuts = 0;
    server.setFault(({ name }) => (name === 'RENAME' && cuts++ === 0 ? 'late-cut' : undefined));
    await expect(sftp.uploadFile(local('a'), 'a')).resolves.toEqual({ bytes: 2 * MIB, moved: 2 * MIB });
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
    expect(namesIn(remote('.'))).toEqual(['a']);
  });

  it('sends it again where another file of that size stands there in the end', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), MIB);
    let cuts = 0;
    server.setFault(({ name }) => {
      if (name !== 'RENAME' || cuts++ > 0) return undefined;
      for (const partial of namesIn(remote('.')).filter(isPartialName)) rmSync(remote(partial));
      makeFile(remote('a'), MIB);
      return 'cut';
    });
    await expect(sftp.uploadFile(local('a'), 'a')).resolves.toMatchObject({ moved: 2 * MIB });
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
  });

  it('is done once where two calls do the same at the same time', async () => {
    const { connect, local, remote } = await stage();
    makeFile(local('a'), 2 * MIB);
    await Promise.all([connect().uploadFile(local('a'), 'a'), connect().uploadFile(local('a'), 'a')]);
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
    expect(namesIn(remote('.'))).toEqual(['a']);
  });

  it('is done once where one of two removes what the other has put there, in a server that cannot rename over a file', async () => {
    const { connect, server, local, remote } = await stage();
    makeFile(local('a'), 2 * MIB);
    writeFileSync(remote('a'), 'old');
    let isDone = (): void => {};
    const held = new Promise<void>((resolve) => {
      isDone = resolve;
    });
    let removals = 0;
    let quick: Promise<unknown> | undefined;
    server.setFault(({ name }) => {
      if (name !== 'REMOVE' || removals++ > 0) return undefined;
      quick = connect().uploadFile(local('a'), 'a').finally(isDone);
      return held;
    });
    await connect().uploadFile(local('a'), 'a');
    await quick;
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
    expect(namesIn(remote('.'))).toEqual(['a']);
  });

  it('begins anew where the unfinished file is taken away before it can be opened', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), MIB);
    server.setFault(({ name, offset = 0 }) => (name === 'WRITE' && offset >= MIB / 2 ? 4 : undefined));
    await expect(sftp.uploadFile(local('a'), 'a')).rejects.toMatchObject({ code: 4 });
    let isRemoved = false;
    server.setFault(({ name, path }) => {
      if (name === 'OPEN' && !isRemoved) rmSync(remote(path));
      isRemoved ||= name === 'OPEN';
      return undefined;
    });
    await sftp.uploadFile(local('a'), 'a');
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
  });

  it('begins anew where another stands in its place when it is opened', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), 4 * MIB);
    server.setFault(({ name, offset = 0 }) => (name === 'WRITE' && offset >= 3 * MIB ? 4 : undefined));
    await expect(sftp.uploadFile(local('a'), 'a')).rejects.toMatchObject({ code: 4 });
    server.setFault(({ name, path }) => {
      if (name === 'OPEN') writeFileSync(remote(path), '');
      return undefined;
    });
    await sftp.uploadFile(local('a'), 'a', { verify: 'size' });
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
  });

  it('fails where the unfinished file is taken away each time', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), 1);
    server.setFault(({ name, path }) => {
      if (name === 'RENAME') rmSync(remote(path));
      return undefined;
    });
    await expect(sftp.uploadFile(local('a'), 'a')).rejects.toMatchObject({ code: 2 });
    expect(server.requests.filter(({ name }) => name === 'RENAME')).toHaveLength(3);
  });

  it('is gone on with where its permissions are those of a target that nobody may write', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), MIB);
    const cut = cutAt('RENAME', 0);
    server.setFault((request) => {
      // As for an account that is not root.
      const stats = statSync(remote(request.path), { throwIfNoEntry: false });
      return request.name === 'OPEN' && stats?.mode === 0o100444 ? 3 : cut?.(request);
    });
    await expect(sftp.uploadFile(local('a'), 'a', { mode: 0o444 })).resolves.toMatchObject({ moved: MIB });
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
    expect(statSync(remote('a')).mode & 0o7777).toBe(0o444);
  });

  it('tells how it gets on', async () => {
    const { sftp, local } = await stage();
    makeFile(local('a'), MIB);
    const seen: TransferProgress[] = [];
    await sftp.uploadFile(local('a'), 'a', { onProgress: (progress) => seen.push(progress) });
    expect(seen.at(0)).toEqual({ bytes: 0, total: MIB, moved: 0 });
    expect(seen.at(-1)).toEqual({ bytes: MIB, total: MIB, moved: MIB });
    expect(seen.map(({ bytes }) => bytes)).toEqual(seen.map(({ bytes }) => bytes).toSorted((a, b) => a - b));
  });

  it('never has more on its way than the window', async () => {
    const { sftp, local } = await stage();
    makeFile(local('a'), 2 * MIB);
    const underWay: number[] = [];
    await sftp.uploadFile(local('a'), 'a', {
      window: 64 * KIB,
      onProgress: ({ moved, bytes }) => underWay.push(moved - bytes),
    });
    expect(Math.max(...underWay)).toBe(64 * KIB);
  });
});

describe('an upload that another process has begun', () => {
  /** As a process leaves it that was killed: so many bytes are there. */
  async function begun(bytes: number, at: number) {
    const set = await stage();
    makeFile(set.local('a'), bytes);
    const abort = new AbortController();
    const first = set.connect();
    const upload = first.uploadFile(set.local('a'), 'a', {
      signal: abort.signal,
      onProgress: (progress) => progress.bytes >= at && abort.abort(new Error('killed')),
    });
    await expect(upload).rejects.toThrow('killed');
    const [partial = ''] = namesIn(set.remote('.'));
    expect(isPartialName(partial)).toBe(true);
    return { ...set, partial: set.remote(partial) };
  }

  it('is gone on with', async () => {
    const { sftp, local, remote } = await begun(6 * MIB, 4 * MIB);
    const { moved } = await sftp.uploadFile(local('a'), 'a');
    expect(moved).toBeLessThanOrEqual(2 * MIB);
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
    expect(namesIn(remote('.'))).toEqual(['a']);
  });

  it('is gone on with where its end is not what it should be', async () => {
    const { sftp, local, remote, partial } = await begun(6 * MIB, 4 * MIB);
    overwrite(partial, statSync(partial).size - 100 * KIB, 50 * KIB);
    const { moved } = await sftp.uploadFile(local('a'), 'a');
    expect(moved).toBeLessThanOrEqual(2 * MIB + 100 * KIB);
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
  });

  it('is begun anew where nothing of its end is right', async () => {
    const { sftp, local, remote, partial } = await begun(6 * MIB, 4 * MIB);
    const { size } = statSync(partial);
    overwrite(partial, size - 2 * MIB, 2 * MIB);
    await expect(sftp.uploadFile(local('a'), 'a')).resolves.toMatchObject({ moved: 6 * MIB });
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
  });

  it('is begun anew where a server has lost its end, whichever bytes are the same by chance', async () => {
    const { sftp, server, local, remote } = await stage();
    writeFileSync(local('a'), Buffer.alloc(6 * MIB, Buffer.alloc(KIB, 1).fill(0, 0, 1)));
    server.setFault(({ name, offset = 0 }) => (name === 'WRITE' && offset >= 4 * MIB ? 4 : undefined));
    await expect(sftp.uploadFile(local('a'), 'a')).rejects.toMatchObject({ code: 4 });
    const [partial = ''] = namesIn(remote('.'));
    const { size } = statSync(remote(partial));
    truncateSync(remote(partial), size - 2 * MIB);
    truncateSync(remote(partial), size);
    server.setFault(undefined);
    await sftp.uploadFile(local('a'), 'a');
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
  });

  it('is cut off where it is begun anew, so that it is not taken for longer than it is when that is interrupted, too', async () => {
    const { sftp, server, local, partial } = await begun(6 * MIB, 4 * MIB);
    const { size } = statSync(partial);
    overwrite(partial, size - 2 * MIB, 2 * MIB);
    server.setFault(({ name, offset = 0 }) => (name === 'WRITE' && offset >= MIB ? 4 : undefined));
    await expect(sftp.uploadFile(local('a'), 'a')).rejects.toMatchObject({ code: 4 });
    expect(statSync(partial).size).toBe(MIB);
  });

  it('is begun anew where it has become longer than the file', async () => {
    const { sftp, local, remote, partial } = await begun(2 * MIB, MIB);
    appendFileSync(partial, Buffer.alloc(2 * MIB));
    await expect(sftp.uploadFile(local('a'), 'a')).resolves.toMatchObject({ moved: 2 * MIB });
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
  });

  it('is not gone on with where the file was changed since, of whatever time it says that it is', async () => {
    const { sftp, local, remote } = await begun(6 * MIB, 4 * MIB);
    const { atime, mtime } = statSync(local('a'));
    overwrite(local('a'), 0, KIB);
    utimesSync(local('a'), atime, mtime);
    await expect(sftp.uploadFile(local('a'), 'a')).resolves.toMatchObject({ moved: 6 * MIB });
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
  });

  it('is compared from the beginning with verify: full, so that what was lost in the middle is sent again', async () => {
    const { sftp, local, remote, partial } = await begun(6 * MIB, 4 * MIB);
    overwrite(partial, MIB, KIB);
    await expect(sftp.uploadFile(local('a'), 'a', { verify: 'full' })).resolves.toMatchObject({ moved: 5 * MIB });
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
  });

  it('is not read with verify: size', async () => {
    const { sftp, server, local, remote } = await begun(6 * MIB, 4 * MIB);
    server.setFault(({ name }) => (name === 'READ' ? 3 : undefined));
    const { moved } = await sftp.uploadFile(local('a'), 'a', { verify: 'size' });
    expect(moved).toBeLessThanOrEqual(3 * MIB);
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
  });
});

describe('what a server answers', () => {
  it.each([
    ['there is no such folder', 2, 'OPEN'],
    ['it may not be written', 3, 'OPEN'],
    ['the disk is full', 4, 'WRITE'],
    ['it cannot be renamed', 4, 'RENAME'],
  ])('is not asked for again: %s', async (_what, status, at) => {
    const { sftp, server, local } = await stage({ retries: 5 });
    makeFile(local('a'), MIB);
    server.setFault(({ name }) => (name === at ? status : undefined));
    const error: unknown = await sftp.uploadFile(local('a'), 'a').catch((thrown) => thrown);
    expect(error).toMatchObject({ code: status });
    expect(retryReport(error)?.attempts).toHaveLength(1);
    expect(server.connections).toBe(1);
  });

  it('is heard also where it comes when the file is closed, which is not tried twice', async () => {
    const { sftp, server, local } = await stage();
    makeFile(local('a'), MIB);
    server.setFault(({ name }) => (name === 'CLOSE' ? 4 : undefined));
    await expect(sftp.uploadFile(local('a'), 'a')).rejects.toMatchObject({ code: 4 });
    expect(server.requests.filter(({ name }) => name === 'CLOSE')).toHaveLength(1);
    await server.idle();
  });

  it('names the file that it is about', async () => {
    const { sftp, local } = await stage();
    makeFile(local('a'), 1);
    await expect(sftp.uploadFile(local('a'), 'none/a')).rejects.toMatchObject({
      code: 2,
      path: expect.stringMatching(/^none\/\.a\.netpause-/),
    });
  });

  it('leaves the unfinished file, or takes it away where that is wanted', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), 2 * MIB);
    server.setFault(({ name, offset = 0 }) => (name === 'WRITE' && offset >= MIB ? 4 : undefined));
    await expect(sftp.uploadFile(local('a'), 'a')).rejects.toMatchObject({ code: 4 });
    expect(namesIn(remote('.')).map(isPartialName)).toEqual([true]);
    await expect(sftp.uploadFile(local('a'), 'a', { partial: 'remove' })).rejects.toMatchObject({ code: 4 });
    expect(namesIn(remote('.'))).toEqual([]);
  });
});

describe('an upload whose target had to make room before the rename', () => {
  it('keeps the unfinished file where that fails, since nothing else is left', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), MIB);
    writeFileSync(remote('a'), 'old');
    server.setFault(({ name }) => (name === 'RENAME' ? 3 : undefined));
    await expect(sftp.uploadFile(local('a'), 'a', { partial: 'remove' })).rejects.toMatchObject({ code: 3 });
    const [partial = ''] = namesIn(remote('.'));
    expect(sha256(remote(partial))).toBe(sha256(local('a')));
  });
});

describe('an upload that cannot be right', () => {
  it('does not wait for somebody who writes into a named pipe', async () => {
    const { sftp, server, local } = await stage();
    execFileSync('mkfifo', [local('pipe')]);
    await expect(sftp.uploadFile(local('pipe'), 'a')).rejects.toBeInstanceOf(InvalidOptionError);
    expect(server.connections).toBe(0);
  });

  it('is refused at once where the target is no path of a file', async () => {
    const { sftp, server, local } = await stage();
    makeFile(local('a'), 1);
    await expect(sftp.uploadFile(local('a'), 'new/')).rejects.toBeInstanceOf(InvalidOptionError);
    expect(server.connections).toBe(0);
  });

  it('leaves the target as it was where the file is changed meanwhile', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), 2 * MIB);
    writeFileSync(remote('a'), 'old');
    let isChanged = false;
    server.setFault(({ name }) => {
      if (name === 'WRITE' && !isChanged) overwrite(local('a'), 0, 1);
      isChanged ||= name === 'WRITE';
      return undefined;
    });
    await expect(sftp.uploadFile(local('a'), 'a')).rejects.toBeInstanceOf(SourceChangedError);
    expect(readFileSync(remote('a'), 'utf8')).toBe('old');
    // No call would ever go on with what was there of it.
    expect(namesIn(remote('.'))).toEqual(['a']);
  });

  it('goes on reading the file that it began with where its name is given to another', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), 2 * MIB);
    makeFile(local('b'), 2 * MIB);
    const expected = sha256(local('a'));
    let isReplaced = false;
    server.setFault(({ name, offset }) => {
      if (name !== 'WRITE' || offset !== MIB || isReplaced) return undefined;
      isReplaced = true;
      renameSync(local('b'), local('a'));
      return 'cut';
    });
    await sftp.uploadFile(local('a'), 'a');
    expect(sha256(remote('a'))).toBe(expected);
  });

  it('is noticed by its size', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), MIB);
    server.setFault(onEnd((partial) => appendFileSync(remote(partial), 'more')));
    const upload = sftp.uploadFile(local('a'), 'a');
    await expect(upload).rejects.toBeInstanceOf(TransferMismatchError);
    await expect(upload).rejects.toThrow(/1048580 bytes, and should have 1048576/);
    expect(namesIn(remote('.'))).toEqual([]);
  });

  it('is noticed by every byte with verify: full', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), MIB);
    server.setFault(onEnd((partial) => overwrite(remote(partial), 1000, 1)));
    await expect(sftp.uploadFile(local('a'), 'a', { verify: 'full' })).rejects.toThrow(/byte 1000 is another/);
    expect(namesIn(remote('.'))).toEqual([]);
  });

  it('never follows a link that stands where the unfinished file belongs', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), MIB);
    server.setFault(({ name }) => (name === 'WRITE' ? 4 : undefined));
    await sftp.uploadFile(local('a'), 'a').catch(() => {});
    const [partial = ''] = namesIn(remote('.'));
    rmSync(remote(partial));
    writeFileSync(remote('victim'), 'precious');
    symlinkSync('victim', remote(partial));
    server.setFault(undefined);
    await expect(sftp.uploadFile(local('a'), 'a')).rejects.toBeInstanceOf(UnsafePathError);
    expect(readFileSync(remote('victim'), 'utf8')).toBe('precious');
  });

  it('is refused where a directory has the name of the target', async () => {
    const { sftp, local } = await stage();
    makeFile(local('a'), 1);
    await sftp.withSession((client) => client.mkdir('folder'));
    await expect(sftp.uploadFile(local('a'), 'folder')).rejects.toBeInstanceOf(InvalidOptionError);
  });

  it('fails with the error of the system where the local file cannot be opened, and connects to nothing', async () => {
    const { sftp, server, local } = await stage();
    await expect(sftp.uploadFile(local('none'), 'a')).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open' });
    await expect(sftp.uploadFile(local('.'), 'a')).rejects.toBeInstanceOf(InvalidOptionError);
    expect(server.connections).toBe(0);
  });
});

describe('the target', () => {
  const modeOf = (path: string) => statSync(path).mode & 0o7777;

  it('keeps the permissions of the file that it replaces', async () => {
    const { sftp, local, remote } = await stage();
    makeFile(local('a'), 1);
    writeFileSync(remote('a'), 'old');
    chmodSync(remote('a'), 0o640);
    await sftp.uploadFile(local('a'), 'a');
    expect(modeOf(remote('a'))).toBe(0o640);
  });

  it('is never open to more than it will be, and can be gone on with whatever they will be', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), 1);
    chmodSync(local('a'), 0o440);
    const seen: number[] = [];
    server.setFault(({ name, path }) => {
      if (name === 'WRITE') seen.push(modeOf(remote(path)));
      return undefined;
    });
    await sftp.uploadFile(local('a'), 'a', { mode: 'source' });
    expect(seen).toEqual([0o640]);
    expect(modeOf(remote('a'))).toBe(0o440);
  });

  it('gets those that are given, or those of the source', async () => {
    const { sftp, local, remote } = await stage();
    makeFile(local('a'), 1);
    chmodSync(local('a'), 0o751);
    await sftp.uploadFile(local('a'), 'a', { mode: 0o604 });
    expect(modeOf(remote('a'))).toBe(0o604);
    await sftp.uploadFile(local('a'), 'a', { mode: 'source' });
    expect(modeOf(remote('a'))).toBe(0o751);
  });

  it('gets the time of the source where that is wanted', async () => {
    const { sftp, local, remote } = await stage();
    makeFile(local('a'), 1);
    utimesSync(local('a'), 1_000_000_000, 1_000_000_000);
    await sftp.uploadFile(local('a'), 'a', { preserveTimes: true });
    expect(statSync(remote('a')).mtimeMs).toBe(1_000_000_000_000);
  });
});

describe('the folder of the target', () => {
  it('is freed of what transfers have left there long ago, and of nothing else', async () => {
    const { sftp, local, remote } = await stage();
    makeFile(local('a'), 1);
    const old = '.b.netpause-0123456789abcdef.part';
    const young = '.c.netpause-0123456789abcdef.part';
    for (const name of [old, young, 'old']) writeFileSync(remote(name), '');
    for (const name of [old, 'old']) utimesSync(remote(name), 1_000_000_000, 1_000_000_000);
    await sftp.uploadFile(local('a'), 'a');
    expect(namesIn(remote('.'))).toEqual([young, 'a', 'old'].sort());
  });

  it('is not listed for each of many files', async () => {
    const { sftp, server, local } = await stage();
    makeFile(local('a'), 1);
    await sftp.uploadFile(local('a'), 'a');
    await sftp.uploadFile(local('a'), 'b');
    expect(server.requests.filter(({ name }) => name === 'OPENDIR')).toHaveLength(1);
  });
});

/** Does something to the unfinished file when all of it is there. */
function onEnd(act: (partial: string) => void) {
  let isDone = false;
  return ({ name, path }: SftpRequest): undefined => {
    if (name !== 'FSTAT' || isDone) return;
    isDone = true;
    act(path);
  };
}

/** Puts other bytes in the place of those in a file. */
function overwrite(path: string, offset: number, length: number): void {
  const bytes = Buffer.alloc(length);
  const before = readFileSync(path).subarray(offset, offset + length);
  for (const [index, byte] of before.entries()) bytes[index] = byte ^ 0xff;
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, length, offset);
  closeSync(file);
}
