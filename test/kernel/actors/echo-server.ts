import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type Emit, serveActor } from '../../lab/index.js';

/** A server that answers each line: `later: …` only when it is told to. */
const servers: Server[] = [];
const sockets = new Set<Socket>();
let waiting: (() => void)[] = [];

interface EchoServerEvents {
  connection: { readonly from: string };
  line: { readonly text: string };
}

const actor = serveActor(methods);

function methods(emit: Emit<EchoServerEvents>) {
  return {
    async listen(port: number): Promise<void> {
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
        socket.on('error', () => {});
        emit('connection', { from: String(socket.remoteAddress) });
        socket.on('data', (chunk) => {
          const text = String(chunk).trim();
          emit('line', { text });
          const answer = (): void => {
            socket.write(`echo ${text}\n`);
          };
          if (text.startsWith('later:')) waiting.push(answer);
          else answer();
        });
      });
      servers.push(server);
      server.listen({ port, host: '::' });
      await once(server, 'listening');
    },
    /** Answers every line that waits. */
    answer(): void {
      for (const each of waiting) each();
      waiting = [];
    },
    connections: (): number => sockets.size,
  };
}

export type EchoServer = typeof actor;
