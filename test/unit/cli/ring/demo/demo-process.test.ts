import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { cableOf, hostEnd, plugIn, pull, routerEnd } from '../../../../../src/cli/ring/demo/cabling.js';
import { openPage } from '../../../../../src/cli/ring/demo/page.js';
import { relay } from '../../../../../src/cli/ring/demo/relay.js';
import { runCli } from '../../cli-process.js';

const opened: Server[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listen(onConnection: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer(onConnection).listen(0, '127.0.0.1');
  opened.push(server);
  await once(server, 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

async function relayTo(port: number): Promise<Socket> {
  const { server, port: near } = await listen(() => {});
  relay(server, { host: '127.0.0.1', port });
  return connect({ host: '127.0.0.1', port: near, allowHalfOpen: true });
}

/** Resolves when the other side has broken off. */
async function endOf(client: Socket): Promise<void> {
  client.on('error', () => {});
  client.resume().end();
  if (!client.closed) await once(client, 'close');
}

describe('a process of a demo', () => {
  it('is started by a demo, and by nobody else', async () => {
    expect(await runCli(['ring', 'demo-process', 'ring', 'member'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'netpause: this is started by netpause ring demo, and by nobody else\n',
    });
  });
});

describe('the relay', () => {
  it('carries both directions to their ends', async () => {
    const { port } = await listen((socket) => socket.pipe(socket));
    const client = await relayTo(port);
    client.end('there and back');
    expect(await text(client)).toBe('there and back');
  });

  it('breaks off where the other side does, and where nobody listens there', async () => {
    const { port, server } = await listen((socket) => socket.resetAndDestroy());
    await endOf(await relayTo(port));
    await new Promise((resolve) => server.close(resolve));
    await endOf(await relayTo(port));
  });
});

describe('the port of the page', () => {
  it('is refused where somebody else has it', async () => {
    const { port } = await listen(() => {});
    await expect(openPage(port)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^--port: .*EADDRINUSE.*; something listens there already; give another --port, or 0/,
      ),
      exitCode: 2,
    });
  });

  it('is given up although somebody has come already', async () => {
    const page = await openPage(0);
    const early = connect(page.port, '127.0.0.1');
    early.on('error', () => {});
    const ended = once(early, 'close');
    await once(early, 'connect');
    await page.close();
    await page.close();
    await ended;
  });
});

describe('the cables', () => {
  it('have addresses for documentation, four for each host', () => {
    const addresses = Array.from({ length: 13 }, (_, number) => cableOf('aden', number));
    expect(addresses[0]).toEqual({ name: 'aden', router: '198.51.100.1', host: '198.51.100.2' });
    expect(addresses[12]).toEqual({ name: 'aden', router: '198.51.100.49', host: '198.51.100.50' });
    expect(new Set(addresses.flatMap(({ router, host }) => [router, host])).size).toBe(26);
  });

  it('are laid by the router, and pulled at its end', () => {
    const cable = cableOf('aden', 1);
    expect(routerEnd(cable, 42).map((words) => words.join(' '))).toEqual([
      'link add dev aden type veth peer name eth0 netns 42',
      'address add 198.51.100.5/30 dev aden',
      'link set dev aden up',
    ]);
    expect(hostEnd(cable).at(-1)?.join(' ')).toBe('route add default via 198.51.100.5');
    expect([pull(cable), plugIn(cable)].map((words) => words.at(-1))).toEqual(['down', 'up']);
  });
});
