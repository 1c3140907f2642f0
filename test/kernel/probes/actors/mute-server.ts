import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { type Emit, serveActor } from '../../../lab/index.js';

interface MuteServerEvents {
  connection: { readonly from: string | undefined; readonly port: number };
  bytes: { readonly port: number };
}

const servers: Server[] = [];

/** Takes connections, hears what is said, and never answers. */
const actor = serveActor((emit: Emit<MuteServerEvents>) => ({
  async listen(port: number): Promise<void> {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => emit('bytes', { port }));
      emit('connection', { from: socket.remoteAddress, port });
    });
    servers.push(server);
    server.listen({ port, host: '::' });
    await once(server, 'listening');
  },
}));

export type MuteServer = typeof actor;
