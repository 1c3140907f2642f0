import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode } from 'dns-packet';
import { serveActor } from '../../../lab/index.js';

/** A name server that knows names of IPv4 addresses, whatever is in them, and nothing else. */
const actor = serveActor(() => ({
  /** @param names by the addresses; resolves when it listens on port 53. */
  async serve(names: Readonly<Record<string, string>>): Promise<void> {
    const socket = createSocket('udp4');
    socket.on('message', (message, { address, port }) => {
      const { id = 0, questions = [] } = decode(message);
      const [question] = questions;
      if (question === undefined) return;
      const asked = question.name
        .replace(/\.in-addr\.arpa$/i, '')
        .split('.')
        .reverse()
        .join('.');
      const data = names[asked];
      const answers = data === undefined ? [] : [{ type: 'PTR', name: question.name, ttl: 1, data } as const];
      socket.send(encode({ type: 'response', id, questions: [question], answers }), port, address);
    });
    socket.bind(53);
    await once(socket, 'listening');
  },
}));

export type NameServer = typeof actor;
