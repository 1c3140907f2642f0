import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { serveActor } from '../../../test/lab/actor/serve.js';
import { idOf } from '../report.js';

/** A ring with one real member. */
export interface PeerRing {
  /** A name for the path of its registry. */
  readonly name: string;
  /** How many members it has, the real one included. */
  readonly members: number;
}

/** Whom the others of a ring check, and how often. */
export interface Checking {
  /** The port of the real member. */
  readonly port: number;
  /** How many of them check it within an interval. */
  readonly count: number;
  /** Milliseconds. */
  readonly interval: number;
}

/** All others of several rings, and their registries: what that costs is not counted. */
const peers = serveActor(() => ({
  async listen(): Promise<number> {
    server.listen({ port: 0, host: '0.0.0.0', backlog: 4_096 });
    await once(server, 'listening');
    const address: AddressInfo = Object(server.address());
    port = address.port;
    return port;
  },
  add({ name, members }: PeerRing): void {
    // Each ring has its part of 127.0.0.0/8, where the same server answers.
    const network = `127.${rings.size + 1}`;
    const others = Array.from({ length: members - 1 }, (_, index) => memberOf(network, index));
    rings.set(name, { network, members: JSON.stringify({ members: others }), reportBytes: 0, connections: 0 });
  },
  /** The others begin to check the member. */
  check(checking: Checking): void {
    const begun = performance.now();
    let checked = 0;
    setInterval(() => {
      const due = Math.floor(((performance.now() - begun) / checking.interval) * checking.count);
      for (; checked < due; checked += 1) checkOnce(checking.port);
    }, 5);
  },
  /** What a Prometheus gets of a member. */
  async scrape(target: number): Promise<Page> {
    const text = await (await fetch(`http://127.0.0.1:${target}/metrics`)).text();
    return {
      bytes: Buffer.byteLength(text),
      series: text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length,
    };
  },
  /** How many bytes the last report of the real member had. */
  reportBytes: (name: string): number => rings.get(name)?.reportBytes ?? 0,
  /** How many connections the real member has made to the others so far. */
  connections: (name: string): number => rings.get(name)?.connections ?? 0,
}));

export type Peers = typeof peers;

/** A page of metrics. */
export interface Page {
  readonly bytes: number;
  readonly series: number;
}

interface KnownRing {
  /** What the addresses of its members begin with. */
  readonly network: string;
  /** The answer to `GET /members`. */
  readonly members: string;
  reportBytes: number;
  connections: number;
}

const rings = new Map<string, KnownRing>();
let port = 0;

/** What a page of metrics begins with: who checks it reads no more than that. */
const PAGE = '# HELP netring_members Other members that are known.\n'.repeat(500);

const server = createServer((request, response) => {
  const [, name = '', path = ''] = (request.url ?? '').split('/');
  const ring = rings.get(name);
  if (ring === undefined) response.end(name === 'metrics' ? PAGE : '{}');
  else void answer(ring, path, request, response);
});

server.on('connection', ({ localAddress = '' }) => {
  for (const ring of rings.values()) if (localAddress.startsWith(`${ring.network}.`)) ring.connections += 1;
});

async function answer(
  ring: KnownRing,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = await request.toArray();
  const body = Buffer.concat(chunks);
  response.setHeader('content-type', 'application/json');
  if (path === 'report_metrics') ring.reportBytes = body.length;
  if (path === 'members') response.end(ring.members);
  else if (path === 'register')
    response.end(JSON.stringify({ ...JSON.parse(body.toString()), status: 'registered', reads_checks: true }));
  else response.end(JSON.stringify({ status: path === 'deregister' ? 'deregistered' : 'ok' }));
}

function memberOf(network: string, index: number): object {
  const now = Math.floor(Date.now() / 1_000);
  const ip = `${network}.${(index >> 8) & 255}.${index & 255}`;
  return {
    instance_id: idOf(index),
    location: `site-${index}`,
    ip,
    port,
    last_seen: now,
    registered_at: now,
    status: 'active',
  };
}

/** As a member does: a handshake, and two requests over connections of their own, whose answers are read as far as 4 KiB. */
function checkOnce(target: number): void {
  const socket = connect(target, '127.0.0.1', () => socket.resetAndDestroy());
  socket.on('error', () => {});
  for (const path of ['/health', '/metrics']) {
    const request = get({ host: '127.0.0.1', port: target, path, agent: false }, (response) => {
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length >= 4_096) request.destroy();
      });
    });
    request.on('error', () => {});
  }
}
