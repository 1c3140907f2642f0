import { connect as connectSocket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ConnectionLostError, SftpClosedError } from '../../../../src/adapters/sftp/index.js';
import { isPartialName } from '../../../../src/adapters/sftp/partial-name.js';
import { NetworkDownError } from '../../../../src/errors/index.js';
import { retryReport } from '../../../../src/retry/index.js';
import type { SftpServer } from '../../../fixtures/sftp/index.js';
import { makeFile, namesIn, sha256, stage } from './support.js';

const MIB = 2 ** 20;

describe('a session', () => {
  it('is opened for the work, shared by all who are at work, and ended with the last of them', async () => {
    const { sftp, server, local } = await stage();
    expect(server.connections).toBe(0);
    for (const name of ['a', 'b', 'c']) makeFile(local(name), MIB);
    await Promise.all(['a', 'b', 'c'].map((name) => sftp.uploadFile(local(name), name)));
    expect(server.connections).toBe(1);
    await server.idle();
  });

  it('is kept for a while where that is wanted, until it is closed', async () => {
    const { connect, server } = await stage();
    const sftp = connect({ idleTimeout: 60_000 });
    for (let count = 0; count < 3; count += 1) await sftp.withSession((client) => client.list('.'));
    expect(server.connections).toBe(1);
    await sftp.close();
    await server.idle();
  });

  it('ends by itself when the while is over', async () => {
    const { connect, server } = await stage();
    await connect({ idleTimeout: 1 }).withSession((client) => client.list('.'));
    await server.idle();
  });

  it('that the server has ended while nobody used it is not met again', async () => {
    const { connect, server } = await stage();
    const sftp = connect({ idleTimeout: 60_000, retries: 0 });
    const { closed } = await sftp.withSession((client) => {
      return { closed: new Promise<void>((resolve) => client.on('close', resolve)) };
    });
    server.cut();
    await closed;
    await expect(sftp.withSession((client) => client.list('.'))).resolves.toEqual([]);
    expect(server.connections).toBe(2);
  });

  it('is given up when nothing at all comes from the server', async () => {
    const { connect, server, local } = await stage();
    makeFile(local('a'), MIB);
    const sftp = connect({
      connect: { ...login(server), keepaliveInterval: 10, keepaliveCountMax: 1 },
      retries: 0,
    });
    server.setFault(({ name }) => (name === 'WRITE' ? 'freeze' : undefined));
    await expect(sftp.uploadFile(local('a'), 'a')).rejects.toMatchObject({
      code: 'ERR_NETPAUSE_SFTP_CONNECTION_LOST',
      cause: { code: 'ETIMEDOUT', message: expect.stringContaining('silent') },
    });
    server.cut();
  });

  it('is not given up as long as anything comes, however slow the answers are', async () => {
    const { connect, server } = await stage();
    const sftp = connect({ connect: { ...login(server), keepaliveInterval: 10, keepaliveCountMax: 3 }, retries: 0 });
    let answer = (): void => {};
    // Keepalives are answered while this waits: enough of them, and it would have been given up.
    const pings = server.heard(20).then(() => answer());
    server.setFault(({ name }) => (name === 'STAT' ? new Promise<void>((resolve) => (answer = resolve)) : undefined));
    await expect(sftp.withSession((client) => client.stat('.'))).resolves.toMatchObject({ isDirectory: true });
    await pings;
    expect(server.connections).toBe(1);
  });

  it('that is not ready in time is given up', async () => {
    const { connect, server } = await stage();
    const sftp = connect({ connect: { ...login(server), readyTimeout: 300 }, retries: 0 });
    server.ignoreSftp();
    await expect(sftp.withSession((client) => client.list('.'))).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('is given up likewise when the connection that the caller makes does not come', async () => {
    const { connect, server } = await stage();
    const sftp = connect({
      connect: { ...login(server), readyTimeout: 50 },
      openSocket: () => new Promise(() => {}),
      retries: 0,
    });
    await expect(sftp.withSession((client) => client.list('.'))).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('goes over a connection that the caller makes, anew for each', async () => {
    const { connect, server, local, remote } = await stage();
    makeFile(local('a'), 2 * MIB);
    let made = 0;
    const sftp = connect({
      openSocket: async () => {
        made += 1;
        return connectSocket(server.port, '127.0.0.1');
      },
    });
    let isCut = false;
    server.setFault(({ name, offset = 0 }) => {
      if (name !== 'WRITE' || offset < MIB || isCut) return undefined;
      isCut = true;
      return 'cut';
    });
    await sftp.uploadFile(local('a'), 'a');
    expect(made).toBe(2);
    expect(sha256(remote('a'))).toBe(sha256(local('a')));
  });

  it('is not waited for by who is aborted while it is opened', async () => {
    const { connect, server } = await stage();
    server.ignoreSftp();
    const abort = new AbortController();
    const listing = connect().withSession((client) => client.list('.'), { signal: abort.signal });
    await server.loggedIn();
    abort.abort(new Error('enough'));
    await expect(listing).rejects.toThrow('enough');
    await server.idle();
  });
});

describe('a login', () => {
  it('that is refused is not tried again, so that no account is locked', async () => {
    const { connect, server } = await stage();
    const sftp = connect({ connect: { ...login(server), password: 'wrong' }, retries: 10 });
    const error: unknown = await sftp.withSession((client) => client.list('.')).catch((thrown) => thrown);
    expect(error).toMatchObject({ level: 'client-authentication' });
    expect(retryReport(error)?.attempts).toHaveLength(1);
    expect(server.logins).toBe(1);
  });

  it('is tried once for all who wait for the session', async () => {
    const { connect, server, local } = await stage();
    const sftp = connect({ connect: { ...login(server), password: 'wrong' } });
    for (const name of ['a', 'b', 'c']) makeFile(local(name), 1);
    const uploads = await Promise.allSettled(['a', 'b', 'c'].map((name) => sftp.uploadFile(local(name), name)));
    expect(uploads.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(server.logins).toBe(1);
  });

  it('is not tried with a key that cannot be read', async () => {
    const { connect, server } = await stage();
    const sftp = connect({ connect: { host: '127.0.0.1', port: server.port, username: 'user', privateKey: 'no key' } });
    await expect(sftp.withSession((client) => client.list('.'))).rejects.toThrow('Cannot parse privateKey');
    expect(server.logins).toBe(0);
  });
});

describe('a server that is not there', () => {
  it('spends an attempt with a delay each time, and the error is that of the socket', async () => {
    const { connect, server } = await stage();
    await server[Symbol.asyncDispose]();
    const error: unknown = await connect({ retries: 2 })
      .withSession((client) => client.list('.'))
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' });
    expect(retryReport(error)?.attempts.map(({ spent }) => spent)).toEqual([true, true, true]);
  });

  it('is not even tried while the network is down', async () => {
    const { sftp, server, network } = await stage();
    network.down();
    const paused = new Promise<void>((resolve) => sftp.retryer.once('pause', () => resolve()));
    const listing = sftp.withSession((client) => client.list('.'));
    await paused;
    expect(server.connections).toBe(0);
    network.up();
    await expect(listing).resolves.toEqual([]);
  });

  it('is judged by its own destination, or by what the work goes through', async () => {
    const { sftp, connect, network, server } = await stage();
    const asked: (readonly [string, unknown])[] = [];
    const target = network.target.bind(network);
    network.target = (destination, options) => {
      asked.push([destination, options]);
      return target(destination, options);
    };
    await sftp.withSession((client) => client.list('.'));
    await connect({ via: 'proxy.example.com:1080' }).withSession((client) => client.list('.'));
    expect(asked).toEqual([
      [`127.0.0.1:${server.port}`, {}],
      [`127.0.0.1:${server.port}`, { via: 'proxy.example.com:1080' }],
    ]);
  });
});

describe('an abort', () => {
  it.each([
    ['keep', [true]],
    ['remove', []],
  ] as const)('ends an upload at once, without a session, and with partial: %s', async (partial, left) => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), 4 * MIB);
    const abort = new AbortController();
    server.setFault(({ name, offset = 0 }) => (name === 'WRITE' && offset >= MIB ? 'hang' : undefined));
    const upload = sftp.uploadFile(local('a'), 'a', {
      partial,
      signal: abort.signal,
      onProgress: ({ bytes }) => bytes === MIB && abort.abort(new Error('enough')),
    });
    await expect(upload).rejects.toThrow('enough');
    await server.idle();
    expect(namesIn(remote('.')).map(isPartialName)).toEqual(left);
  });

  it('of one leaves the others and their session alone', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(local('a'), 4 * MIB);
    makeFile(local('b'), 4 * MIB);
    const abort = new AbortController();
    const other = sftp.uploadFile(local('b'), 'b');
    const upload = sftp.uploadFile(local('a'), 'a', {
      signal: abort.signal,
      onProgress: ({ bytes }) => bytes >= MIB && abort.abort(new Error('enough')),
    });
    await expect(upload).rejects.toThrow('enough');
    await other;
    expect(sha256(remote('b'))).toBe(sha256(local('b')));
    expect(server.connections).toBe(1);
  });

  it('that came before changes nothing anywhere', async () => {
    const { sftp, server, local } = await stage();
    makeFile(local('a'), 1);
    const signal = AbortSignal.abort(new Error('never'));
    await expect(sftp.uploadFile(local('a'), 'a', { signal })).rejects.toThrow('never');
    await expect(sftp.downloadFile('a', local('b'), { signal })).rejects.toThrow('never');
    expect(server.connections).toBe(0);
    expect(namesIn(local('.'))).toEqual(['a']);
  });
});

describe('close', () => {
  it('ends the work that is under way, and refuses what comes later', async () => {
    const { sftp, server, local } = await stage();
    makeFile(local('a'), 4 * MIB);
    server.setFault(({ name }) => (name === 'WRITE' ? 'hang' : undefined));
    const upload = sftp.uploadFile(local('a'), 'a', { onProgress: () => void sftp.close() });
    await expect(upload).rejects.toBeInstanceOf(SftpClosedError);
    await expect(sftp.withSession((client) => client.list('.'))).rejects.toBeInstanceOf(SftpClosedError);
    await server.idle();
  });

  it('waits until what was unfinished is removed, where that is wanted', async () => {
    const { sftp, server, local, remote } = await stage();
    makeFile(remote('a'), 2 * MIB);
    server.setFault(({ name, offset = 0 }) => (name === 'READ' && offset >= MIB ? 'hang' : undefined));
    let close = (): void => {};
    const closed = new Promise<void>((resolve) => {
      close = () => resolve(sftp.close());
    });
    const download = sftp.downloadFile('a', local('a'), {
      partial: 'remove',
      onProgress: ({ bytes }) => {
        if (bytes > 0) close();
      },
    });
    const ended = expect(download).rejects.toBeInstanceOf(SftpClosedError);
    await closed;
    expect(namesIn(local('.'))).toEqual([]);
    await ended;
  });
});

describe('withSession', () => {
  it('has any number of calls in one session without a warning', async () => {
    const { sftp, server } = await stage();
    const warnings = vi.spyOn(process, 'emitWarning');
    onTestFinished(() => warnings.mockRestore());
    await Promise.all(Array.from({ length: 20 }, () => sftp.withSession((client) => client.list('.'))));
    expect(server.connections).toBe(1);
    expect(warnings).not.toHaveBeenCalled();
  });

  it('gives the connected client of ssh2-sftp-client', async () => {
    const { sftp, remote } = await stage();
    makeFile(remote('a'), 10);
    await expect(sftp.withSession((client) => client.list('.'))).resolves.toMatchObject([{ name: 'a', size: 10 }]);
  });

  it('is repeated where the connection was lost under the work', async () => {
    const { sftp, server } = await stage();
    let cuts = 0;
    server.setFault(({ name }) => (name === 'OPENDIR' && cuts++ === 0 ? 'cut' : undefined));
    await expect(sftp.withSession((client) => client.list('.'))).resolves.toEqual([]);
    expect(server.connections).toBe(2);
  });

  it('waits out an outage without spending an attempt', async () => {
    const { sftp, server, network } = await stage({ retries: 0 });
    server.setFault(({ name }) => {
      if (name !== 'OPENDIR' || network.state === 'down' || server.connections > 1) return undefined;
      network.down();
      return 'hang';
    });
    sftp.retryer.on('pause', () => network.up());
    await expect(sftp.withSession((client) => client.list('.'))).resolves.toEqual([]);
  });

  it('says that the connection was lost, and not what the client library makes of it', async () => {
    const { sftp, server } = await stage({ retries: 0 });
    server.setFault(({ name }) => (name === 'OPENDIR' ? 'cut' : undefined));
    await expect(sftp.withSession((client) => client.list('.'))).rejects.toBeInstanceOf(ConnectionLostError);
  });

  it('does not repeat what the server has answered', async () => {
    const { sftp, server } = await stage();
    await expect(sftp.withSession((client) => client.stat('none'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(sftp.withSession((client) => client.delete('none'))).rejects.toBeDefined();
    expect(server.connections).toBe(2);
  });

  it('repeats what the work itself fails with, as any retry does', async () => {
    const { sftp } = await stage();
    let calls = 0;
    const work = () => {
      calls += 1;
      if (calls < 3) throw new Error('not yet');
      return calls;
    };
    await expect(sftp.withSession(work)).resolves.toBe(3);
  });

  it('does not repeat what must not be done twice', async () => {
    const { sftp, server, network } = await stage();
    server.setFault(({ name }) => {
      if (name !== 'REMOVE') return undefined;
      network.down();
      return 'cut';
    });
    const removal = sftp.withSession((client) => client.delete('a'), { idempotent: false });
    await expect(removal).rejects.toBeInstanceOf(ConnectionLostError);
    expect(server.requests.filter(({ name }) => name === 'REMOVE')).toHaveLength(1);
  });

  it('does not wait for work that does not heed its signal', async () => {
    const { sftp } = await stage();
    const abort = new AbortController();
    const working = sftp.withSession(
      () => {
        abort.abort(new Error('enough'));
        return new Promise(() => {});
      },
      { signal: abort.signal },
    );
    await expect(working).rejects.toThrow('enough');
  });

  it('gives the work the signal of its attempt', async () => {
    const { sftp, network } = await stage({ retries: 0, maxOutages: 0 });
    const reasons: unknown[] = [];
    const working = sftp.withSession((_client, { signal }) => {
      network.down();
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reasons.push(signal.reason);
          reject(signal.reason);
        });
      });
    });
    await expect(working).rejects.toBeInstanceOf(NetworkDownError);
    expect(reasons).toEqual([expect.any(NetworkDownError)]);
    network.up();
  });
});

function login({ port }: SftpServer) {
  return { host: '127.0.0.1', port, username: 'user', password: 'secret' };
}
