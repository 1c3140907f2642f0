import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { serveActor } from '../../../test/lab/actor/serve.js';

/** What is out there, as far as anybody here asks for it: a web server, and a name server that tells everybody the same address. */
const internet = serveActor(() => ({
  async listen(web: { readonly port: number }, names: { readonly address: string }): Promise<void> {
    const http = createServer((_request, response) => response.end());
    http.listen(web.port);
    const udp = createSocket('udp4');
    udp.on('message', (query, { address, port }) => udp.send(answer(query), port, address));
    udp.bind(53, names.address);
    await Promise.all([once(http, 'listening'), once(udp, 'listening')]);
  },
}));

export type Internet = typeof internet;

/** RFC 1035, section 4: the question again, with an answer of type A behind it. */
function answer(query: Buffer): Buffer {
  const message = Buffer.concat([query, RECORD]);
  message.writeUInt16BE(RESPONSE, 2);
  message.writeUInt16BE(1, 6);
  return message;
}

const RESPONSE = 0x8180;
/** The name of the question, A, IN, for 0 seconds, 4 bytes: 192.0.2.2. */
const RECORD = Buffer.from('c00c0001000100000000' + '0004' + 'c0000202', 'hex');
