import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpCheck } from '../../../src/monitor/http-check.js';

const never = new AbortController().signal;
let server: Server;
let port: number;
const hosts: (string | undefined)[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    hosts.push(request.headers.host);
    if (request.url === '/silent') return;
    response.statusCode = Number(request.url?.slice(1));
    if (response.statusCode === 302) response.setHeader('location', '/204');
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('not listening on TCP');
  port = bound.port;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const check = (path: string, status?: number, signal = never) =>
  httpCheck({ url: `http://portal.example.com:${port}${path}`, ...(status !== undefined && { status }) })({
    address: '127.0.0.1',
    port,
    timeout: 200,
    signal,
  });

describe('httpCheck', () => {
  it('is reached by any success, or by the one status that was asked for', async () => {
    expect(await check('/200')).toEqual({ kind: 'reached' });
    expect(await check('/204')).toEqual({ kind: 'reached' });
    expect(await check('/204', 204)).toEqual({ kind: 'reached' });
    expect(await check('/403', 403)).toEqual({ kind: 'reached' });
  });

  it('is not fooled by a captive portal, which answers or redirects in its place', async () => {
    expect(await check('/200', 204)).toEqual({ kind: 'silent', code: 'HTTP_200' });
    expect(await check('/302')).toEqual({ kind: 'silent', code: 'HTTP_302' });
  });

  it('goes to the address that it is told, under the name of the URL', async () => {
    hosts.length = 0;
    await check('/204');
    expect(hosts).toEqual([`portal.example.com:${port}`]);
  });

  it('takes silence for silence, and a refusal too: it is not the answer that was asked for', async () => {
    expect(await check('/silent')).toEqual({ kind: 'silent', code: 'ETIMEDOUT' });
    const refused = httpCheck({ url: 'http://127.0.0.1:1/' });
    expect(await refused({ address: '127.0.0.1', port: 1, timeout: 1_000, signal: never })).toEqual({
      kind: 'silent',
      code: 'ECONNREFUSED',
    });
  });

  it('proves nothing when it is aborted', async () => {
    const controller = new AbortController();
    const checking = check('/silent', undefined, controller.signal);
    controller.abort();
    expect(await checking).toMatchObject({ kind: 'no-evidence' });
    expect(await check('/204', undefined, AbortSignal.abort())).toMatchObject({ kind: 'no-evidence' });
  });
});
