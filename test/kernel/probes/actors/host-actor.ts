import { createSocket } from 'node:dgram';
import { type HostProbeOptions, type HostResult, probeHost } from '../../../../src/probes/host/index.js';
import { serveActor } from '../../../lab/index.js';

/** A process that measures the host it is in, and sends datagrams. */
const actor = serveActor(() => ({
  probe: (options: HostProbeOptions): Promise<HostResult> => probeHost(options),
  send,
  /** Sends for as long as a probe takes. */
  async probeWhileSending(options: HostProbeOptions, to: string): Promise<{ result: HostResult; sent: number }> {
    let sent = 0;
    let isOver = false;
    const probing = probeHost(options).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await send(to, 10, 1000);
      sent += 10;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return { result: await probing, sent };
  },
}));

async function send(to: string, count: number, bytes: number): Promise<void> {
  const socket = createSocket('udp4');
  const data = Buffer.alloc(bytes);
  for (let index = 0; index < count; index += 1) {
    await new Promise<void>((resolve, reject) => {
      socket.send(data, 9, to, (error) => (error === null ? resolve() : reject(error)));
    });
  }
  socket.close();
}

export type HostActor = typeof actor;
