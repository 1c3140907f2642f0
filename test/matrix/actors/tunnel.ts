import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { serveActor } from '../../lab/index.js';
import { openTapDevice } from '../../lab/tap/tap-device.js';

const PORT = 1194;

/** One end of a tunnel that carries frames in UDP, as a VPN's process does. Its device lives as long as the process. */
const tunnel = serveActor(() => ({
  async open(name: string, peer: string): Promise<void> {
    const socket = createSocket('udp4');
    // ENETUNREACH and the like: the frame is lost, as on a wire.
    socket.on('error', () => {});
    socket.bind(PORT);
    await once(socket, 'listening');
    const device = openTapDevice(name, (frame) => socket.send(frame, PORT, peer, () => {}));
    socket.on('message', (frame) => device.send(frame));
  },
}));

export type Tunnel = typeof tunnel;
