import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { type Emit, serveActor } from '../../lab/index.js';
import { answerQuery } from './dns-answer.js';

const sockets = new Set<Socket>();
let waiting: (() => void)[] = [];
let isHolding = false;
let resolver: UdpSocket | undefined;

interface ServiceEvents {
  line: { readonly text: string };
}

/** What the work talks to. It answers each line: `wait 500: …` after as many milliseconds, `bulk 9000: …` with as many bytes more. */
const service = serveActor((emit: Emit<ServiceEvents>) => ({
  async listen(ports: readonly number[]): Promise<void> {
    for (const port of ports) {
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
        socket.on('error', () => {});
        socket.on('data', (chunk) => {
          const text = String(chunk).trim();
          emit('line', { text });
          answer(socket, text);
        });
      });
      server.listen({ port, host: '::' });
      await once(server, 'listening');
    }
  },

  /** Answers every request for a page with this status. */
  async serveHttp(port: number, status: number): Promise<void> {
    const server = createHttpServer((_request, response) => response.writeHead(status, { connection: 'close' }).end());
    server.listen({ port, host: '::' });
    await once(server, 'listening');
  },

  /** Answers questions for these names by their IPv4 addresses. */
  async serveNames(names: Readonly<Record<string, readonly string[]>>): Promise<void> {
    resolver?.close();
    const socket = createSocket('udp4', (query, { port, address }) => {
      const reply = answerQuery(query, names);
      if (reply !== undefined) socket.send(reply, port, address);
    });
    resolver = socket;
    socket.bind(53);
    await once(socket, 'listening');
  },

  /** Answers lines that begin with `later` only after `release()`. */
  hold(): void {
    isHolding = true;
  },

  release(): void {
    isHolding = false;
    for (const each of waiting) each();
    waiting = [];
  },
}));

export type Service = typeof service;

function answer(socket: Socket, text: string): void {
  const [, kind, amount] = /^(wait|bulk) (\d+):/.exec(text) ?? [];
  const reply = () => {
    if (!socket.destroyed) socket.write(`${kind === 'bulk' ? '.'.repeat(Number(amount)) : ''}echo ${text}\n`);
  };
  if (kind === 'wait') setTimeout(reply, Number(amount));
  else if (text.startsWith('later') && isHolding) waiting.push(reply);
  else reply();
}
