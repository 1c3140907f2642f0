import { once } from 'node:events';
import { connect, Server, type Socket } from 'node:net';
import { EXIT } from '../../exit-codes.js';

/** Where connections go. */
export interface RelayTarget {
  readonly host: string;
  readonly port: number;
}

/** What stands in the place of a command's name. */
export const RELAY = 'relay';

/** Connections at once. A browser has six. */
const MOST_CONNECTIONS = 256;

/**
 * Takes a listening socket from the parent, and carries what comes in by it to the target. A socket belongs to the network namespace in which it
 * was made, whichever process has it: so one of the user's own namespace leads into ours.
 */
export async function relayForParent(target: RelayTarget): Promise<number> {
  const server = await handedServer();
  relay(server, target);
  process.send?.('relaying');
  await once(server, 'close');
  return EXIT.ok;
}

function handedServer(): Promise<Server> {
  return new Promise((resolve) => {
    process.on('message', (_message: unknown, handle: unknown) => {
      if (handle instanceof Server) resolve(handle);
    });
  });
}

/** Carries every connection of a server to the target and back. */
export function relay(server: Server, target: RelayTarget): void {
  server.maxConnections = MOST_CONNECTIONS;
  server.on('connection', (near) => {
    const far = connect({ ...target, allowHalfOpen: true });
    // Whoever has said all that he has to say wants the answer.
    near.allowHalfOpen = true;
    carry(near, far);
    carry(far, near);
  });
}

function carry(from: Socket, to: Socket): void {
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
  from.pipe(to);
}
