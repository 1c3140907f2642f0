import { EventEmitter, once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { createRoute, z } from '@hono/zod-openapi';
import { afterEach, describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../src/errors/index.js';
import { type StreamedEvent, WebService, type WebServiceOptions } from '../../../src/server/index.js';

const API = { title: 'Things', version: '1.2.3', description: 'Keeps <things>.' };
const [OLD, NEW, READER] = ['old-token-0123456', 'new-token-0123456', 'reader-token-0123'];

const postThing = createRoute({
  method: 'post',
  path: '/things',
  summary: 'Keeps a <thing>',
  request: {
    body: { required: true, content: { 'application/json': { schema: z.object({ name: z.string().max(5) }) } } },
  },
  responses: {
    200: { description: 'kept', content: { 'application/json': { schema: z.object({ name: z.string() }) } } },
  },
});

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

describe('a web service', () => {
  const services: WebService[] = [];

  afterEach(async () => {
    await Promise.all(services.splice(0).map((service) => service.close()));
  });

  it('answers everybody on loopback who has no token, and with JSON what is not there', async () => {
    const ask = await started();
    expect(await ask('/health')).toMatchObject({ status: 200, body: '{"status":"healthy"}' });
    expect(await ask('/nothing')).toMatchObject({ status: 404, body: '{"error":"there is no /nothing; see /docs"}' });
    expect(await ask('/things', json({ name: 'cup' }))).toMatchObject({ status: 200, body: '{"name":"cup"}' });
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', '::ffff:192.0.2.1'])('does not listen on %s without tokens', (host) => {
    const make = (options: Partial<WebServiceOptions>) => new WebService('test', { host, port: 0, ...options }, API);
    expect(() => make({})).toThrow(InvalidOptionError);
    expect(() => make({})).toThrow(/test: tokens must be given where host is not a loopback address/);
    expect(() => make({ readTokens: [READER] })).toThrow(InvalidOptionError);
    expect(() => make({ tokens: [OLD] })).not.toThrow();
  });

  it.each([
    ['host', { host: 'localhost' }],
    ['port', { port: 65_536 }],
    ['tokens', { tokens: [] }],
    ['tokens', { tokens: ['short'] }],
    ['tls', { tls: { cert: '', key: 'x' } }],
    ['rate', { rate: { perSecond: 0, burst: 1 } }],
    ['maxBody', { maxBody: 0 }],
  ])('refuses a bad %s by name', (name, options) => {
    expect(() => new WebService('test', { port: 0, ...options }, API)).toThrow(new RegExp(`^test: ${name} must be`));
  });

  it('lets nobody change anything without one of the tokens, of which several are good at once', async () => {
    let tokens = [OLD, NEW];
    const ask = await started({ tokens: () => tokens });
    const post = async (token?: string) => (await ask('/things', json({ name: 'cup' }, token))).status;
    expect(await Promise.all([post(), post('wrong-token-0123'), post(OLD), post(NEW)])).toEqual([401, 401, 200, 200]);
    tokens = [NEW];
    expect(await Promise.all([post(OLD), post(NEW)])).toEqual([401, 200]);
    expect((await ask('/health')).status).toBe(200);
    const refused = await ask('/things', json({ name: 'cup' }));
    expect(refused.headers['www-authenticate']).toBe('Bearer');
  });

  it('lets nobody in while a function has no token to give', async () => {
    const ask = await started({ tokens: () => [] });
    expect((await ask('/things', json({ name: 'cup' }))).status).toBe(401);
    expect((await ask('/things', json({ name: 'cup' }, ''))).status).toBe(401);
  });

  it('lets only those read who may, where there are tokens for that', async () => {
    const ask = await started({ tokens: [OLD], readTokens: [READER] });
    const get = async (token: string) => (await ask('/health', { headers: bearer(token) })).status;
    expect(await Promise.all([get(READER), get(OLD), get('wrong-token-0123')])).toEqual([200, 200, 401]);
    expect((await ask('/health')).status).toBe(401);
    expect((await ask('/docs')).status).toBe(401);
    expect((await ask('/things', json({ name: 'cup' }, READER))).status).toBe(401);
  });

  it('that only tells listens anywhere without tokens, and lets nobody change anything, whoever asks', async () => {
    const make = (options: Partial<WebServiceOptions>) =>
      new WebService('test', { host: '0.0.0.0', port: 0, ...options }, API);
    expect(() => make({ readOnly: true })).not.toThrow();
    expect(() => make({ readOnly: false })).toThrow(InvalidOptionError);
    const ask = await started({ readOnly: true, tokens: [OLD] });
    expect((await ask('/health')).status).toBe(200);
    const refused = await ask('/things', json({ name: 'cup' }, OLD));
    expect(refused).toMatchObject({ status: 405, body: '{"error":"here one can only read"}' });
    expect(refused.headers).toMatchObject({ allow: 'GET, HEAD', connection: 'close' });
    expect((await ask('/things', { method: 'OPTIONS' })).status).toBe(405);
  });

  it('says what is wrong with a body, and where', async () => {
    const ask = await started();
    expect(await ask('/things', json({ name: 'saucer' }))).toMatchObject({
      status: 400,
      body: expect.stringMatching(/"name: Too big/),
    });
    for (const body of ['{', '', '[]', 'null']) {
      const { status, body: answer } = await ask('/things', { ...json({}), body });
      expect({ body, status, error: typeof JSON.parse(answer).error }).toEqual({ body, status: 400, error: 'string' });
    }
    // Which a page of another site could send without asking first.
    const { status } = await ask('/things', {
      method: 'POST',
      body: '{"name":"cup"}',
      headers: { 'content-type': 'text/plain' },
    });
    expect(status).toBe(415);
  });

  it('bounds the body, whether its length is announced or not', async () => {
    const ask = await started({ maxBody: 50 });
    const long = JSON.stringify({ name: 'x'.repeat(100) });
    expect((await ask('/things', { ...json({}), body: long })).status).toBe(413);
    const chunked = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    expect((await ask('/things', { method: 'POST', body: long, headers: chunked })).status).toBe(413);
  });

  it('says nothing of what went wrong inside', async () => {
    const ask = await started();
    expect(await ask('/broken')).toMatchObject({ status: 500, body: '{"error":"the service failed to answer this"}' });
  });

  it('asks a client to wait that asks too often', async () => {
    const ask = await started({ rate: { perSecond: 0.1, burst: 2 } });
    expect((await ask('/health')).status).toBe(200);
    expect((await ask('/health')).status).toBe(200);
    const refused = await ask('/health');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('does not serve pages of other sites in a browser on this machine', async () => {
    const ask = await started();
    const status = async (path: string, asked: Asked) => (await ask(path, asked)).status;
    expect(await status('/health', { headers: { host: 'evil.example' } })).toBe(403);
    expect(await status('/health', { headers: { host: 'localhost:1' } })).toBe(200);
    const origins = ['http://evil.example', 'null', 'nonsense'].map((origin) => {
      const asked = json({ name: 'cup' });
      return status('/things', { ...asked, headers: { ...asked.headers, origin } });
    });
    expect(await Promise.all(origins)).toEqual([403, 403, 403]);
  });

  it('describes itself, for people without a script and for programs', async () => {
    const ask = await started();
    const page = await ask('/docs');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.body).toContain('Keeps &#60;things&#62;.');
    expect(page.body).toContain('Keeps a &#60;thing&#62;');
    expect(page.body).not.toMatch(/<script|src=|https?:/);
    const document = JSON.parse((await ask('/docs/openapi.json')).body);
    expect(document).toMatchObject({ openapi: '3.1.0', info: API, paths: { '/things': { post: {} } } });
  });

  it('drops what speaks no HTTP, and goes on', async () => {
    const ask = await started();
    const socket = connect(Number(new URL(ask.url).port), '127.0.0.1');
    socket.write('\u0016\u0003\u0001 nonsense\r\n\r\n');
    await new Promise((resolve) =>
      socket
        .resume()
        .on('close', resolve)
        .on('error', () => {}),
    );
    expect((await ask('/health')).status).toBe(200);
  });

  it('tells listeners of events, a slow one to begin anew, and ends when it closes', async () => {
    const tell = new Set<(event: StreamedEvent) => void>();
    const ask = await started({}, (service) => {
      service.app.get('/events', (context) =>
        service.streamEvents(
          context,
          (listener) => {
            tell.add(listener);
            return () => tell.delete(listener);
          },
          [{ event: 'hello', data: '1' }],
        ),
      );
    });
    const response = await fetch(`${ask.url}/events`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('event: hello\ndata: 1\n\n');
    for (const each of tell) each({ event: 'change', data: '2' });
    expect((await reader?.read())?.value).toBe('event: change\ndata: 2\n\n');
    for (const each of tell) for (let count = 0; count < 3_000; count += 1) each({ event: 'change', data: `${count}` });
    let all = '';
    while (!all.includes('"last"')) {
      for (const each of tell) if (all.includes('reset')) each({ event: 'change', data: '"last"' });
      all += (await reader?.read())?.value ?? '"last"';
    }
    expect(all).toContain('event: reset\ndata: {}');
    await Promise.all(services.map((service) => service.close()));
    expect(tell.size).toBe(0);
  });

  it('leaves the globals of the process alone', async () => {
    const [before, beforeResponse] = [globalThis.Request, globalThis.Response];
    await started();
    expect([globalThis.Request, globalThis.Response]).toEqual([before, beforeResponse]);
  });

  it('can be closed before it listens, and twice', async () => {
    const service = new WebService('test', { port: 0 }, API);
    await service.close();
    const { port } = await service.listen();
    expect(port).toBeGreaterThan(0);
    await Promise.all([service.close(), service.close()]);
    await service.close();
  });

  it('is closed for all who close it when it has answered what was asked', async () => {
    const gate = new EventEmitter();
    const order: string[] = [];
    const ask = await started({}, (service) => {
      service.app.get('/slow', async (context) => {
        gate.emit('asked');
        await once(gate, 'answer');
        return context.text('done');
      });
    });
    const asked = once(gate, 'asked');
    const answered = ask('/slow').then(({ status }) => order.push(`answered ${status}`));
    await asked;
    const closed = services.flatMap((service) => [service.close(), service.close()]);
    void Promise.race(closed).then(() => order.push('closed'));
    // Whoever had nothing to wait for would be through by now.
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual([]);
    gate.emit('answer');
    await Promise.all([answered, ...closed]);
    expect([...order].sort()).toEqual(['answered 200', 'closed']);
  });

  async function started(options: Partial<WebServiceOptions> = {}, add: (service: WebService) => void = () => {}) {
    const service = new WebService('test', { port: 0, ...options }, API);
    services.push(service);
    service.app.get('/health', (context) => context.json({ status: 'healthy' }));
    service.app.get('/broken', () => {
      throw new Error('password: secret');
    });
    service.app.openapi(postThing, (context) => context.json({ name: context.req.valid('json').name }, 200));
    add(service);
    const { url } = await service.listen();
    return Object.assign((path: string, asked: Asked = {}) => send(`${url}${path}`, asked), { url });
  }
});

/** By `node:http`: fetch has a Host and an Origin of its own. */
async function send(url: string, { method = 'GET', headers = {}, body }: Asked) {
  return new Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false }, (response) => {
      text(response).then(
        (answer) => resolve({ status: response.statusCode, headers: response.headers, body: answer }),
        reject,
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

function json(value: object, token?: string): Asked {
  const headers = { 'content-type': 'application/json', ...(token !== undefined && bearer(token)) };
  return { method: 'POST', headers, body: JSON.stringify(value) };
}

function bearer(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` };
}
