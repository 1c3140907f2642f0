import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeInLab } from '../lab/describe-in-lab.js';
import { type Actor, type ClientRouterServer, clientRouterServer, createLab, type Lab } from '../lab/index.js';
import type { EchoServer } from './actors/echo-server.js';
import type { ServiceOwner } from './actors/service-owner.js';
import { type Compiled, compile } from './service-programs/compile.js';

const PORT = 7000;

describeInLab('work in a worker thread, on a real network that the main thread watches', [], () => {
  let compiled: Compiled;
  let lab: Lab;
  let net: ClientRouterServer;
  let server: Actor<EchoServer>;
  let owner: Actor<ServiceOwner>;

  beforeAll(async () => {
    compiled = await compile(['test/kernel/service-programs/transfer.ts']);
    lab = await createLab();
    net = await clientRouterServer(lab);
    server = await net.server.spawn<EchoServer>(new URL('./actors/echo-server.ts', import.meta.url));
    await server.call('listen', PORT);
  });
  afterAll(async () => {
    await lab?.dispose();
    await compiled?.[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    owner = await net.client.spawn<ServiceOwner>(new URL('./actors/service-owner.ts', import.meta.url));
    expect(await owner.call('start', { checkHosts: [] })).toBe('netlink');
    await owner.event('state', ({ to }) => to === 'up');
  });
  afterEach(() => owner?.stop());

  const begin = (message: string) =>
    owner.call('work', compiled.path('transfer'), { address: net.addresses.server.ipv4, port: PORT, message });
  const work = async (name: string) => (await owner.event('work', (event) => event.name === name)).detail;

  it('is ended where it hangs on a dead connection, waits, and is repeated without spending its only attempt', async () => {
    await begin('later: in a thread');
    await server.event('line', ({ text }) => text === 'later: in a thread');
    await lab.pullCable('client');
    expect(await work('pause')).toMatchObject({ text: 'no-carrier' });
    await lab.plugIn('client');
    await server.event('line', ({ text }) => text === 'later: in a thread');
    await server.call('answer');
    expect(await work('settled')).toMatchObject({ text: 'echo later: in a thread' });
    expect((await owner.event('exit')).detail).toEqual({ code: 0 });
  });

  it('does not go on waiting for an answer to an address that is gone', async () => {
    await begin('later: moved');
    await server.event('line', ({ text }) => text === 'later: moved');
    await lab.removeAddress('client');
    expect(await work('repeated')).toBeDefined();
    await lab.restoreAddress('client');
    await server.event('line', ({ text }) => text === 'later: moved');
    await server.call('answer');
    expect(await work('settled')).toMatchObject({ text: 'echo later: moved' });
  });
});
