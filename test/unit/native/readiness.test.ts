import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Libc,
  loadNative,
  MessageBatch,
  openPacketSocket,
  openReadiness,
  READABLE,
  socketAddress,
} from '../../../native/index.js';

let libc: Libc;

beforeAll(async () => {
  const native = await loadNative();
  if (!native.supported) throw new Error(native.reason);
  libc = native.libc;
});

const LOOPBACK = Uint8Array.of(127, 0, 0, 1);

/** A UDP socket of the kernel's, bound to a port that somebody can send to. */
function openUdp() {
  return openPacketSocket(libc, { family: 4, type: 'datagram', protocol: 'udp', source: LOOPBACK });
}

describe.runIf(process.platform === 'linux')('readiness', () => {
  it('tells of each descriptor when it can be read, and of none that was removed', async () => {
    const peer = createSocket('udp4').bind(0, '127.0.0.1');
    await once(peer, 'listening');
    const batch = new MessageBatch(libc);
    const readiness = openReadiness(libc);
    readiness.keepAlive('yes');
    const socket = openUdp();
    const heard = new Promise<number>((resolve) => {
      readiness.add(socket.fd, (events) => {
        if (socket.receive(batch) > 0) resolve(events);
      });
    });
    socket.send(Uint8Array.of(1), socketAddress(LOOPBACK, peer.address().port));
    const [, { port, address }] = await once(peer, 'message');
    peer.send('hello', port, address);
    expect((await heard) & READABLE).toBe(READABLE);
    expect(new TextDecoder().decode(batch.messages[0]?.bytes.subarray(0, batch.messages[0].length))).toBe('hello');
    let later = 0;
    readiness.remove(socket.fd);
    readiness.remove(socket.fd);
    readiness.add(socket.fd, () => {
      later += 1;
    });
    readiness.remove(socket.fd);
    await new Promise((resolve) => peer.send('again', port, address, resolve));
    readiness.dispatch();
    expect(later).toBe(0);
    expect(socket.receive(batch)).toBe(1);
    socket.close();
    socket.close();
    readiness.close();
    readiness.close();
    readiness.dispatch();
    peer.close();
  });

  it('looks at all descriptors at once, however many there are', async () => {
    const peer = createSocket('udp4').bind(0, '127.0.0.1');
    await once(peer, 'listening');
    const to = socketAddress(LOOPBACK, peer.address().port);
    const readiness = openReadiness(libc);
    const batch = new MessageBatch(libc);
    const sockets = Array.from({ length: 200 }, openUdp);
    const heard = new Set<number>();
    const senders: number[] = [];
    const allThere = new Promise<void>((resolve) => {
      peer.on('message', (_, { port }) => {
        if (senders.push(port) === sockets.length) resolve();
      });
    });
    for (const socket of sockets) {
      readiness.add(socket.fd, () => {
        if (socket.receive(batch) > 0) heard.add(socket.fd);
      });
      socket.send(Uint8Array.of(1), to);
    }
    await allThere;
    await Promise.all(senders.map((port) => new Promise((resolve) => peer.send('x', port, '127.0.0.1', resolve))));
    readiness.dispatch();
    expect(heard.size).toBe(sockets.length);
    for (const socket of sockets) {
      readiness.remove(socket.fd);
      socket.close();
    }
    readiness.close();
    peer.close();
  });

  it('rests while there is nothing to read', async () => {
    const readiness = openReadiness(libc);
    const socket = openUdp();
    let calls = 0;
    readiness.add(socket.fd, () => {
      calls += 1;
    });
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBe(0);
    readiness.remove(socket.fd);
    socket.close();
    readiness.close();
  });

  it('leaves no descriptor behind', async () => {
    const open = () => readdirSync('/proc/self/fd').length;
    const turns = async () => {
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    };
    openReadiness(libc).close();
    await turns();
    const before = open();
    for (let count = 0; count < 50; count += 1) openReadiness(libc).close();
    await turns();
    expect(open()).toBe(before);
  });
});
