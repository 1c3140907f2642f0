import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Question {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly localAddress?: string;
}

/** Asks as any HTTP client does. */
export async function ask(port: number, question: Question = {}): Promise<Answer> {
  const { method = 'GET', path = '/bandwidth_test', headers = {}, body, localAddress } = question;
  const asked = request({
    host: '127.0.0.1',
    port,
    method,
    path,
    headers,
    agent: false,
    ...(localAddress !== undefined && { localAddress }),
  });
  asked.end(body);
  const [response] = await once(asked, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

export async function lease(port: number, more: Question = {}): Promise<string> {
  const { body } = await ask(port, { method: 'POST', path: '/bandwidth_test/lease', ...more });
  return String(JSON.parse(body.toString()).lease);
}

/** A connection that says something and then only listens; its errors are nobody's. */
export async function say(port: number, text: string, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

/** Reads until the other side ends or breaks the connection. */
export async function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
  });
  if (!socket.closed) await once(socket, 'close');
  return text;
}
