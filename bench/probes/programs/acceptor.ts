import { once } from 'node:events';
import { createServer } from 'node:net';
import { serveActor } from '../../../test/lab/actor/serve.js';

/** Takes every connection on one port of all addresses, and waits for it to be closed. */
const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.resume();
});

const acceptor = serveActor(() => ({
  async listen(port: number): Promise<void> {
    server.listen({ port, host: '0.0.0.0', backlog: 4_096 });
    await once(server, 'listening');
  },
}));

export type Acceptor = typeof acceptor;
