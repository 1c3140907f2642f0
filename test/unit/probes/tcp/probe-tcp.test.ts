import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import type { ResolveHost } from '../../../../src/probes/index.js';
import { probeTcp } from '../../../../src/probes/tcp/probe-tcp.js';
import type { TcpProbeOptions } from '../../../../src/probes/tcp/tcp-options.js';
import { closedPort, hear, TcpServer } from './servers.js';

/** Long enough for a machine that is busy; only what is expected to be silent waits for a shorter one. */
const PATIENCE = 15_000;
const SOON = 300;

const resolveTo =
  (...addresses: readonly string[]): ResolveHost =>
  async () => ({ addresses });

describe('probeTcp', () => {
  it('connects, measures how long that took, and closes', async () => {
    await using server = await TcpServer.listen(hear);
    const result = await probeTcp(`127.0.0.1:${server.port}`, { timeout: PATIENCE });
    expect(result).toMatchObject({
      probe: 'tcp',
      status: 'ok',
      address: '127.0.0.1',
      target: `127.0.0.1:${server.port}`,
    });
    expect(result.samples).toEqual([result.timings.connect]);
    expect(result.samples[0]).toBeGreaterThan(0);
    expect(result.timings.resolve).toBeUndefined();
    expect(result.facts.attempts).toMatchObject([
      { address: '127.0.0.1', family: 4, port: server.port, outcome: 'connected' },
    ]);
    expect(result.facts.ports).toMatchObject([{ port: server.port, status: 'ok', address: '127.0.0.1' }]);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    await server.ended(1);
  });

  it('is refused where nobody listens', async () => {
    const result = await probeTcp(`127.0.0.1:${await closedPort()}`, { timeout: PATIENCE });
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'refused', samples: [] });
    expect(result.facts.attempts).toMatchObject([{ outcome: 'refused' }]);
  });

  it('connects to an IPv6 address in brackets', async () => {
    await using server = await TcpServer.listen(hear, '::1');
    const result = await probeTcp(`[::1]:${server.port}`, { timeout: PATIENCE });
    expect(result).toMatchObject({ status: 'ok', address: '::1' });
    expect(result.facts.attempts).toMatchObject([{ family: 6 }]);
  });

  it('names the resolver where a name has no address', async () => {
    const nobody: ResolveHost = async () => {
      throw Object.assign(new Error('queryA ENOTFOUND nobody.example'), { code: 'ENOTFOUND', syscall: 'queryA' });
    };
    const result = await probeTcp('nobody.example:80', {}, { resolve: nobody });
    expect(result).toMatchObject({ status: 'failed', failureSource: 'resolver', reason: 'name-not-found' });
    expect(result.facts).toEqual({ attempts: [], ports: [] });
  });

  it('names the resolver where that never answers', async () => {
    const result = await probeTcp('slow.example:80', { timeout: 50 }, { resolve: () => new Promise(() => {}) });
    expect(result).toMatchObject({ status: 'failed', failureSource: 'resolver', reason: 'timeout' });
  });

  it('rejects with the reason of the caller who aborts, and leaves nothing open', async () => {
    await using server = await TcpServer.listen(hear);
    const controller = new AbortController();
    const reason = new Error('enough');
    const probing = probeTcp(
      `127.0.0.1:${server.port}`,
      { expect: 'never said', timeout: PATIENCE },
      { signal: controller.signal },
    );
    setTimeout(() => controller.abort(reason), 50);
    await expect(probing).rejects.toBe(reason);
    await server.ended(1);
  });

  it.each<[string, string, TcpProbeOptions]>([
    ['no port', '127.0.0.1', {}],
    ['a port twice', '127.0.0.1:80', { ports: [80] }],
    ['a URL', 'http://127.0.0.1:80', {}],
    ['nothing', '', {}],
    ['a port that does not exist', '127.0.0.1:65536', {}],
    ['the same port twice', '127.0.0.1', { ports: [80, 80] }],
    ['no ports', '127.0.0.1', { ports: [] }],
    ['a source of another family', '127.0.0.1:80', { source: '::1', family: 4 }],
    ['a broken expression', '127.0.0.1:80', { expect: { regexp: '(' } }],
    ['an empty expectation', '127.0.0.1:80', { expect: '' }],
    ['a name that no interface can have', '127.0.0.1:80', { interface: 'a/b' }],
  ])('refuses %s', async (_what, target, options) => {
    await expect(probeTcp(target, options)).rejects.toThrow(InvalidOptionError);
  });
});

describe('the close of a TCP probe', () => {
  it.each([
    ['is a reset where nothing was said', '', {}, 'ECONNRESET'],
    ['is an end where that is asked for', '', { close: 'fin' }, 'end'],
    ['is an end after something was said', 'hello', { expect: 'hello' }, 'end'],
    ['is a reset where that is asked for', 'hello', { expect: 'hello', close: 'reset' }, 'ECONNRESET'],
  ] as const)('%s', async (_what, said, options, ending) => {
    await using server = await TcpServer.listen((socket) => {
      hear(socket);
      socket.write(said);
    });
    const result = await probeTcp(`127.0.0.1:${server.port}`, { ...options, timeout: PATIENCE });
    expect(result.status).toBe('ok');
    expect(await server.ended(1)).toEqual([ending]);
  });
});

describe('what a TCP probe expects', () => {
  const said = (text: string) => (socket: Socket) => {
    hear(socket);
    socket.write(text);
  };
  const probe = (server: TcpServer, options: TcpProbeOptions) =>
    probeTcp(`127.0.0.1:${server.port}`, { timeout: PATIENCE, ...options });

  it('is found as text', async () => {
    await using server = await TcpServer.listen(said('220 mail.example ESMTP\r\n'));
    const result = await probe(server, { expect: 'ESMTP' });
    expect(result).toMatchObject({ status: 'ok', facts: { banner: '220 mail.example ESMTP\\r\\n' } });
    expect(result.timings.banner).toBeGreaterThan(0);
    expect(result.facts.ports).toMatchObject([{ banner: '220 mail.example ESMTP\\r\\n' }]);
  });

  it.each([[/^ssh-2/i], [/^ssh-2/gi], [{ regexp: '^ssh-2', flags: 'i' }]])('is found by %s', async (pattern) => {
    await using server = await TcpServer.listen(said('SSH-2.0-x\r\n'));
    expect(await probe(server, { expect: pattern })).toMatchObject({ status: 'ok' });
    expect(await probe(server, { expect: pattern })).toMatchObject({ status: 'ok' });
  });

  it('comes after what is sent', async () => {
    await using server = await TcpServer.listen((socket) =>
      socket.on('data', (bytes) => socket.write(`echo ${bytes}`)),
    );
    expect(await probe(server, { send: 'PING\n', expect: 'echo PING' })).toMatchObject({ status: 'ok' });
  });

  it('is not there when the connection is closed', async () => {
    await using server = await TcpServer.listen((socket) => socket.end('go away'));
    expect(await probe(server, { expect: 'welcome' })).toMatchObject({
      status: 'failed',
      failureSource: 'target',
      reason: 'unexpected-answer',
      message: '"welcome" is not in the 7 bytes before the connection was closed',
      facts: { banner: 'go away' },
    });
  });

  it('is told from a connection that is closed without a word', async () => {
    await using server = await TcpServer.listen((socket) => socket.end());
    expect(await probe(server, { expect: 'welcome' })).toMatchObject({ failureSource: 'target', reason: 'closed' });
  });

  it('is told from a reset', async () => {
    await using server = await TcpServer.listen((socket) => socket.resetAndDestroy());
    expect(await probe(server, { expect: 'welcome' })).toMatchObject({ failureSource: 'target', reason: 'reset' });
  });

  it('is silence of the path where nothing comes', async () => {
    await using server = await TcpServer.listen(hear);
    expect(await probe(server, { expect: 'welcome', timeout: SOON })).toMatchObject({
      status: 'failed',
      failureSource: 'path',
      reason: 'timeout',
    });
    await server.ended(1);
  });

  it('is not waited for longer than the time of the probe, whoever dribbles', async () => {
    await using server = await TcpServer.listen((socket) => {
      hear(socket);
      const timer = setInterval(() => socket.write('.'), 5);
      socket.on('close', () => clearInterval(timer));
    });
    const result = await probe(server, { expect: 'welcome', timeout: SOON });
    expect(result).toMatchObject({ status: 'failed', reason: 'timeout' });
    expect(result.facts.banner).toMatch(/^\.+$/);
    await server.ended(1);
  });

  it('is looked for in no more bytes than may be read', async () => {
    await using server = await TcpServer.listen((socket) => {
      hear(socket);
      const flood = (): void => {
        while (socket.writable && socket.write('x'.repeat(65_536))) {}
      };
      socket.on('drain', flood);
      flood();
    });
    const result = await probe(server, { expect: 'welcome', maxBytes: 10_000 });
    expect(result).toMatchObject({ reason: 'unexpected-answer', message: '"welcome" is not in the first 10000 bytes' });
    expect(result.facts.banner).toHaveLength(1_024);
    await server.ended(1);
  });

  it('cannot be made to take for ever by what comes', async () => {
    await using server = await TcpServer.listen(said(`${'a'.repeat(40)}!`));
    expect(await probe(server, { expect: /^(a+)+$/ })).toMatchObject({
      status: 'inconclusive',
      reason: 'pattern-too-slow',
    });
  });

  it('is shown without what moves a cursor', async () => {
    await using server = await TcpServer.listen(said('\x1b[2J\x07\u202eevil\\'));
    const { facts } = await probe(server, { expect: 'evil\\' });
    expect(facts.banner).toBe('\\x1b[2J\\x07\\u{202e}evil\\\\');
  });
});

describe('several addresses', () => {
  it('are tried in turn, families alternating, and the first that connects wins', async () => {
    await using server = await TcpServer.listen(hear, '127.0.0.3');
    const resolve = resolveTo('::1', '127.0.0.2', '127.0.0.3');
    const result = await probeTcp(`many.example:${server.port}`, { timeout: PATIENCE }, { resolve });
    expect(result).toMatchObject({ status: 'ok', address: '127.0.0.3' });
    expect(result.facts.attempts.map(({ address, outcome }) => `${address} ${outcome}`)).toEqual([
      '::1 refused',
      '127.0.0.2 refused',
      '127.0.0.3 connected',
    ]);
    expect(result.timings.resolve).toBeGreaterThanOrEqual(0);
    expect(result.samples).toEqual([result.facts.attempts[2]?.duration]);
  });

  it('are left out where they are not of the family', async () => {
    await using server = await TcpServer.listen(hear);
    const resolve = resolveTo('::1', '127.0.0.1');
    const result = await probeTcp(`many.example:${server.port}`, { family: 4, timeout: PATIENCE }, { resolve });
    expect(result.facts.attempts).toMatchObject([{ address: '127.0.0.1', outcome: 'connected' }]);
    const none = await probeTcp('127.0.0.1:80', { family: 6 });
    expect(none).toMatchObject({ failureSource: 'resolver', message: '127.0.0.1 has no IPv6 address' });
  });

  it('that all refuse are a refusal', async () => {
    const resolve = resolveTo('127.0.0.2', '127.0.0.3');
    const result = await probeTcp(`many.example:${await closedPort()}`, { timeout: PATIENCE }, { resolve });
    expect(result).toMatchObject({ reason: 'refused', address: '127.0.0.2' });
    expect(result.facts.attempts).toHaveLength(2);
  });

  it('are at most sixteen', async () => {
    const resolve = resolveTo(...Array.from({ length: 1_000 }, (_, index) => `127.0.${index >> 8}.${index & 255}`));
    const result = await probeTcp(`many.example:${await closedPort()}`, { timeout: PATIENCE }, { resolve });
    expect(result.facts.attempts).toHaveLength(16);
  });
});

describe('several ports', () => {
  it('must all answer', async () => {
    await using one = await TcpServer.listen(hear);
    await using two = await TcpServer.listen(hear);
    const ports = [one.port, two.port];
    const result = await probeTcp('127.0.0.1', { ports, timeout: PATIENCE });
    expect(result.status).toBe('ok');
    expect(result.samples).toHaveLength(2);
    expect(result.timings.connect).toBe(Math.max(...result.samples));
    expect(result.facts.ports.map(({ port }) => port)).toEqual(ports);
  });

  it('fail with the one that does not, by its number', async () => {
    await using one = await TcpServer.listen(hear);
    const closed = await closedPort();
    const result = await probeTcp('127.0.0.1', { ports: [one.port, closed], timeout: PATIENCE });
    expect(result).toMatchObject({ status: 'failed', reason: 'refused' });
    expect(result.message).toMatch(`port ${closed}: `);
    expect(result.facts.ports).toMatchObject([{ status: 'ok' }, { status: 'failed', reason: 'refused' }]);
    expect(result.samples).toHaveLength(1);
  });

  it('are as good as one, where one is enough; the rest is not waited for', async () => {
    await using talks = await TcpServer.listen((socket) => {
      hear(socket);
      socket.write('hello');
    });
    await using mute = await TcpServer.listen(hear);
    const closed = await closedPort();
    const options = {
      ports: [closed, mute.port, talks.port],
      require: 'any',
      expect: 'hello',
      timeout: 2 ** 30,
    } as const;
    const result = await probeTcp('127.0.0.1', options);
    expect(result.status).toBe('ok');
    expect(result.facts.ports.map(({ status }) => status)).toEqual(['failed', 'cancelled', 'ok']);
    expect(result.facts.banner).toBe('hello');
    await mute.ended(1);
  });

  it('fail where none answers, though one would be enough', async () => {
    const ports = [await closedPort()];
    expect(await probeTcp('127.0.0.1', { ports, require: 'any' })).toMatchObject({
      status: 'failed',
      reason: 'refused',
    });
  });
});

describe('where a TCP probe begins', () => {
  const from = async (options: TcpProbeOptions) => {
    let peer: string | undefined;
    await using server = await TcpServer.listen((socket) => {
      peer = socket.remoteAddress;
      hear(socket);
      socket.write('hello');
    });
    const result = await probeTcp(`127.0.0.1:${server.port}`, { timeout: PATIENCE, expect: 'hello', ...options });
    return { result, peer };
  };

  it('is the source that was asked for', async () => {
    const { result, peer } = await from({ source: '127.0.0.9' });
    expect(result.status).toBe('ok');
    expect(peer).toBe('127.0.0.9');
    expect(result.facts.boundBy).toBeUndefined();
  });

  it('cannot be an address that this host does not have', async () => {
    const { result } = await from({ source: '192.0.2.77' });
    expect(result).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'no-address' });
  });

  it('is the interface that was asked for', async () => {
    const { result } = await from({ interface: 'lo' });
    expect(result).toMatchObject({ status: 'ok', facts: { boundBy: 'device' } });
  });

  it('cannot be an interface that this host does not have', async () => {
    const { result } = await from({ interface: 'nothere0' });
    expect(result).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'no-interface' });
    expect(result.facts.attempts).toMatchObject([{ outcome: 'no-interface' }]);
  });
});
