import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { connectTcp, outcomeOfError } from '../../../src/monitor/connect.js';

const never = new AbortController().signal;

async function listen(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('not listening on TCP');
  return {
    port: bound.port,
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

describe('connectTcp', () => {
  it('reaches a host that accepts', async () => {
    const server = await listen();
    const outcome = await connectTcp({ address: '127.0.0.1', port: server.port, timeout: 5_000, signal: never });
    await server.close();
    expect(outcome).toEqual({ kind: 'reached' });
  });

  it('reaches a host that refuses', async () => {
    const server = await listen();
    await server.close();
    const outcome = await connectTcp({ address: '127.0.0.1', port: server.port, timeout: 5_000, signal: never });
    expect(outcome).toEqual({ kind: 'reached' });
  });

  it('proves nothing when it is aborted, before or during the connect', async () => {
    const server = await listen();
    const target = { address: '127.0.0.1', port: server.port, timeout: 5_000 };
    expect(await connectTcp({ ...target, signal: AbortSignal.abort() })).toMatchObject({ kind: 'no-evidence' });
    const controller = new AbortController();
    const during = connectTcp({ ...target, signal: controller.signal });
    controller.abort();
    expect(await during).toMatchObject({ kind: 'no-evidence' });
    await server.close();
  });

  it('hears an answer that came while the event loop was blocked past the timeout', async () => {
    const server = await listen();
    const outcome = connectTcp({ address: '127.0.0.1', port: server.port, timeout: 20, signal: never });
    // The handshake is the kernel's work and needs no event loop; the answer waits there while the timer is already due.
    const blockedUntil = performance.now() + 100;
    await new Promise((resolve) => process.nextTick(resolve));
    while (performance.now() < blockedUntil);
    expect(await outcome).toEqual({ kind: 'reached' });
    await server.close();
  });
});

describe('outcomeOfError', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET'])('takes %s for an answer: somebody sent it', (code) => {
    expect(outcomeOfError(withCode(code))).toEqual({ kind: 'reached' });
  });

  it.each(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN'])('takes %s for silence', (code) => {
    expect(outcomeOfError(withCode(code))).toEqual({ kind: 'silent', code });
  });

  it.each(['EMFILE', 'ENFILE', 'ENOMEM', 'EADDRNOTAVAIL', 'EPERM', 'EACCES', 'EAFNOSUPPORT'])(
    'takes %s for no evidence: this machine could not even ask',
    (code) => {
      expect(outcomeOfError(withCode(code))).toEqual({ kind: 'no-evidence', code });
    },
  );

  it('takes an error without a code for silence', () => {
    expect(outcomeOfError(new Error('?'))).toEqual({ kind: 'silent', code: 'UNKNOWN' });
  });
});

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}
