import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { endpointOf } from '../../../src/cli/wait/endpoint.js';
import { isReady } from '../../../src/cli/wait/readiness.js';
import { untilAccepted } from '../../../src/cli/wait/until-accepted.js';
import { untilReady } from '../../../src/cli/wait/until-ready.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';

describe('the network counts as there', () => {
  it.each([
    ['up', 'reachable', true],
    ['up', 'path', true],
    ['degraded', 'partly-unreachable', true],
    ['degraded', 'checks-disagree', true],
    ['degraded', 'unverified', false],
    ['down', 'no-carrier', false],
    ['down', 'unreachable', false],
    ['unknown', 'not-judged', false],
  ] as const)('%s (%s): %s', (state, reason, expected) => {
    expect(isReady(state, reason)).toBe(expected);
  });
});

describe('the endpoint of a destination', () => {
  it.each([
    ['example.com:22', { host: 'example.com', port: 22 }],
    ['192.0.2.1:443', { host: '192.0.2.1', port: 443 }],
    ['[2001:db8::1]:8080', { host: '2001:db8::1', port: 8080 }],
    ['https://example.com/path', { host: 'example.com', port: 443 }],
    ['http://example.com', { host: 'example.com', port: 80 }],
    ['https://example.com:443/', { host: 'example.com', port: 443 }],
    ['postgres://db.example.com:5432/x', { host: 'db.example.com', port: 5432 }],
    ['example.com', undefined],
    ['192.0.2.1', undefined],
    ['2001:db8::1', undefined],
  ])('%s: %j', (destination, expected) => {
    expect(endpointOf(destination)).toEqual(expected);
  });
});

describe('a wait for the network', () => {
  const never = new AbortController().signal;
  const look = async (): Promise<void> => {};
  const asItStands = (): string => 'as it stands';

  it('is over at once where it is there', async () => {
    const told: string[] = [];
    await untilReady(new SimulatedNetwork(), {
      look,
      describe: asItStands,
      signal: never,
      tell: (line) => told.push(line),
    });
    expect(told).toEqual([]);
  });

  it('is over when it comes back, and has said what was waited for', async () => {
    const network = new SimulatedNetwork({ state: 'down' });
    const told: string[] = [];
    const waiting = untilReady(network, { look, describe: asItStands, signal: never, tell: (line) => told.push(line) });
    network.up();
    await waiting;
    expect(told).toEqual(['as it stands']);
    expect({ waiters: network.waiters, listeners: network.listeners }).toEqual({ waiters: 0, listeners: 0 });
  });

  it('goes on while nothing has answered, and has the monitor look', async () => {
    const network = new SimulatedNetwork();
    network.degraded('unverified');
    let looks = 0;
    await untilReady(network, {
      look: async () => {
        looks += 1;
        if (looks === 2) network.up();
      },
      describe: asItStands,
      signal: never,
      tell: () => {},
    });
    expect(looks).toBe(2);
  });

  it.each(['down', 'degraded'] as const)('ends with the reason of its signal, while it is %s', async (state) => {
    const network = new SimulatedNetwork();
    if (state === 'down') network.down();
    else network.degraded('unverified');
    const controller = new AbortController();
    const waiting = untilReady(network, { look, describe: asItStands, signal: controller.signal, tell: () => {} });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect({ waiters: network.waiters, listeners: network.listeners }).toEqual({ waiters: 0, listeners: 0 });
  });
});

describe('a wait for a destination', () => {
  const never = new AbortController().signal;
  let server: Server | undefined;

  afterEach(() => {
    server?.close();
  });

  it('is over when it accepts a connection, and has said what it said before', async () => {
    const port = await freePort();
    const told: string[] = [];
    await untilAccepted(
      { host: '127.0.0.1', port },
      {
        network: new SimulatedNetwork(),
        signal: never,
        source: undefined,
        tell: (line) => {
          told.push(line);
          server = createServer().listen(port, '127.0.0.1');
        },
      },
    );
    expect(told).toEqual([`connect ECONNREFUSED 127.0.0.1:${port}`]);
  });

  it('does not ask while there is no way to it', async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const connections: unknown[] = [];
    server.on('connection', (socket) => connections.push(socket.destroy()));
    const network = new SimulatedNetwork({ state: 'down' });
    const told: string[] = [];
    const waiting = untilAccepted(
      { host: '127.0.0.1', port: portOf(server) },
      { network, signal: never, source: '127.0.0.1', tell: (line) => told.push(line) },
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect({ told, connections }).toEqual({ told: ['the way there is down (no-carrier)'], connections: [] });
    network.up();
    await waiting;
  });

  it('ends with the reason of its signal', async () => {
    const controller = new AbortController();
    const waiting = untilAccepted(
      { host: '127.0.0.1', port: await freePort() },
      {
        network: new SimulatedNetwork(),
        signal: controller.signal,
        source: undefined,
        tell: () => controller.abort(new Error('enough')),
      },
    );
    await expect(waiting).rejects.toThrow('enough');
  });
});

/** A port of the loopback on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return address.port;
}
