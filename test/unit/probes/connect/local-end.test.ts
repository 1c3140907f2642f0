import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { NativeSupport } from '../../../../native/index.js';
import { localEndOf } from '../../../../src/probes/connect/local-end.js';
import { ProbeFailedError } from '../../../../src/probes/probe-failed-error.js';
import { hear, TcpServer } from '../tcp/servers.js';

const without = async (): Promise<NativeSupport> => ({ supported: false, reason: 'the test says so' });

describe('an interface on a system that cannot be called', () => {
  it('is stood for by its address', async () => {
    await using server = await TcpServer.listen(hear);
    const local = await localEndOf({ interface: 'lo' }, without);
    expect(local.boundBy).toBe('address');
    const socket = local.connect('127.0.0.1', server.port);
    await once(socket, 'connect');
    expect(socket.localAddress).toBe('127.0.0.1');
    socket.destroy();
  });

  it('must be there', async () => {
    const local = await localEndOf({ interface: 'nothere0' }, without);
    expect(() => local.connect('127.0.0.1', 1)).toThrow(ProbeFailedError);
    expect(() => local.connect('127.0.0.1', 1)).toThrow('this host has no interface nothere0');
  });
});
