import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type Answer, decode, encode, type Packet, type StringAnswer } from 'dns-packet';

/** Undone in reverse order after each test. */
export class CleanUps {
  #list: (() => unknown)[] = [];

  add(cleanUp: () => unknown): void {
    this.#list.push(cleanUp);
  }

  async run(): Promise<void> {
    const list = this.#list.reverse();
    this.#list = [];
    for (const cleanUp of list) await cleanUp();
  }
}

/** What a test's server does with a query that came by UDP. */
export type OnDatagram = (query: Buffer, send: (message: Buffer) => void, from: RemoteInfo) => void;

/** A socket on a port of its own on 127.0.0.1, that answers as the test says. @returns `'127.0.0.1:port'`. */
export async function serveUdp(cleanUps: CleanUps, onDatagram: OnDatagram): Promise<string> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) =>
    onDatagram(query, (message) => socket.send(message, from.port, from.address), from),
  );
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  cleanUps.add(() => new Promise<void>((resolve) => socket.close(resolve)));
  return `127.0.0.1:${socket.address().port}`;
}

/** A server for TCP on a port of its own on 127.0.0.1, or on a given one. @returns `'127.0.0.1:port'`. */
export async function serveTcp(cleanUps: CleanUps, onConnection: (socket: Socket) => void, port = 0): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.add(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return `127.0.0.1:${portOf(server.address())}`;
}

export function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== 'object' || address === null) throw new Error('it does not listen on a port');
  return address.port;
}

/** The answer of an honest server. */
export function answerTo(query: Buffer, answers: readonly Answer[], packet: Packet = {}): Buffer {
  const { id, questions } = decode(query);
  return encode({ type: 'response', id, questions, answers: [...answers], flags: 0x180, ...packet });
}

/** With its length in front, as it is sent by TCP. */
export function framed(message: Buffer, length = message.length): Buffer {
  const prefix = Buffer.alloc(2);
  prefix.writeUInt16BE(length);
  return Buffer.concat([prefix, message]);
}

export const ADDRESS: StringAnswer = { type: 'A', name: 'example.com', ttl: 300, data: '192.0.2.1' };
