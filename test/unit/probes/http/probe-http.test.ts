import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import type { HttpProbeOptions } from '../../../../src/probes/http/http-options.js';
import { probeHttp } from '../../../../src/probes/http/probe-http.js';
import { closedPort, hear, TcpServer } from '../tcp/servers.js';
import { serveHttp, serveHttp2 } from './servers.js';

const timeout = 15_000;

describe('probeHttp', () => {
  it('asks, and measures each phase', async () => {
    await using server = await serveHttp((_request, response) => {
      response.setHeader('Server', 'test/1');
      response.setHeader('Set-Cookie', 'secret=1');
      response.end('hello');
    });
    const url = `http://127.0.0.1:${server.port}/path?query=1#fragment`;
    const result = await probeHttp(url, { timeout });
    expect(result).toMatchObject({
      probe: 'http',
      target: url,
      status: 'ok',
      address: '127.0.0.1',
      facts: {
        url: `http://127.0.0.1:${server.port}/path?query=1`,
        status: 200,
        httpVersion: '1.1',
        bodyBytes: 5,
        redirects: [],
        headers: { server: 'test/1' },
        attempts: [{ address: '127.0.0.1', outcome: 'connected' }],
      },
    });
    expect(Object.keys(result.timings).sort()).toEqual(['connect', 'firstByte', 'request', 'transfer']);
    expect(result.samples).toEqual([result.timings.firstByte]);
    expect(result.facts.headers).not.toHaveProperty('set-cookie');
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(server.asked).toEqual(['GET /path?query=1']);
  });

  it('leaves nothing open', async () => {
    await using server = await TcpServer.listen((socket) => {
      hear(socket);
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    expect((await probeHttp(`http://127.0.0.1:${server.port}/`, { timeout })).status).toBe('ok');
    await server.ended(1);
  });

  it('sends method, header fields and body', async () => {
    let seen = '';
    await using server = await serveHttp(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      seen = `${request.method} ${request.headers['x-test']} ${request.headers['user-agent']} ${Buffer.concat(chunks)}`;
      response.statusCode = 201;
      response.end();
    });
    const options = {
      method: 'PUT',
      headers: { 'X-Test': 'a', 'User-Agent': 'other' },
      body: 'böse',
      timeout,
    } as const;
    expect(await probeHttp(`http://127.0.0.1:${server.port}/`, options)).toMatchObject({ status: 'ok' });
    expect(seen).toBe('PUT a other böse');
  });

  it.each(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST'])('says where the body of %s ends', async (method) => {
    let seen: string | undefined;
    await using server = await serveHttp(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      seen = `${request.method} ${Buffer.concat(chunks)}`;
      response.end();
    });
    const body = 'GET /smuggled HTTP/1.1\r\nHost: ü\r\n\r\n';
    const result = await probeHttp(`http://127.0.0.1:${server.port}/`, { method, body, timeout });
    expect(result.status).toBe('ok');
    expect(seen).toBe(`${method} ${body}`);
    expect(server.asked).toEqual([`${method} /`]);
  });

  it('understands HEAD, 204 and 304, which have no body', async () => {
    await using server = await serveHttp((request, response) => {
      response.statusCode = request.url === '/304' ? 304 : request.method === 'HEAD' ? 200 : 204;
      response.setHeader('Content-Length', request.method === 'HEAD' ? '1000' : '0');
      // As it would be for GET, and nothing comes that could be decoded.
      response.setHeader('Content-Encoding', 'gzip');
      response.end();
    });
    const base = `http://127.0.0.1:${server.port}`;
    expect(await probeHttp(`${base}/`, { method: 'HEAD', timeout })).toMatchObject({
      status: 'ok',
      facts: { bodyBytes: 0 },
    });
    expect(await probeHttp(`${base}/`, { timeout })).toMatchObject({ status: 'ok', facts: { status: 204 } });
    expect(await probeHttp(`${base}/304`, { status: [304], timeout })).toMatchObject({ status: 'ok' });
  });

  it('is refused where nobody listens', async () => {
    const result = await probeHttp(`http://127.0.0.1:${await closedPort()}/`, { timeout });
    expect(result).toMatchObject({
      status: 'failed',
      failureSource: 'target',
      reason: 'refused',
      samples: [],
      timings: {},
    });
  });

  it('asks an IPv6 address, and brackets it in the header field host', async () => {
    let host: string | undefined;
    await using server = await serveHttp((request, response) => {
      host = request.headers.host;
      response.end();
    }, '::1');
    const result = await probeHttp(`http://[::1]:${server.port}/`, { timeout });
    expect(result).toMatchObject({ status: 'ok', address: '::1' });
    expect(host).toBe(`[::1]:${server.port}`);
  });

  it('asks the address that a name is resolved to, by the name', async () => {
    let host: string | undefined;
    await using server = await serveHttp((request, response) => {
      host = request.headers.host;
      response.end();
    });
    const resolve = async () => ({ addresses: ['::1', '127.0.0.1'] });
    const result = await probeHttp(`http://www.example:${server.port}/`, { timeout }, { resolve });
    expect(result).toMatchObject({ status: 'ok', address: '127.0.0.1' });
    expect(result.timings.resolve).toBeGreaterThanOrEqual(0);
    expect(host).toBe(`www.example:${server.port}`);
    expect(result.facts.attempts.map(({ outcome }) => outcome)).toEqual(['refused', 'connected']);
  });

  it('leaves over the interface that it is told to', async () => {
    await using server = await serveHttp((_request, response) => {
      response.end();
    });
    const url = `http://127.0.0.1:${server.port}/`;
    expect(await probeHttp(url, { interface: 'lo', timeout })).toMatchObject({
      status: 'ok',
      facts: { boundBy: 'device' },
    });
    expect(await probeHttp(url, { interface: 'nothere0', timeout })).toMatchObject({
      failureSource: 'local',
      reason: 'no-interface',
    });
  });

  it('speaks HTTP/2 without TLS where that is asked for', async () => {
    await using server = await serveHttp2((request, response) => {
      response.setHeader('x-path', request.url);
      response.end(`${request.method} ${request.authority}`);
    });
    const options: HttpProbeOptions = {
      version: '2',
      body: 'x',
      method: 'POST',
      expectHeaders: { 'X-Path': '/a' },
      timeout,
    };
    const result = await probeHttp(`http://127.0.0.1:${server.port}/a`, {
      ...options,
      expectBody: `POST 127.0.0.1:${server.port}`,
    });
    expect(result).toMatchObject({
      status: 'ok',
      facts: { httpVersion: '2', status: 200, headers: { 'x-path': '/a' } },
    });
    expect(Object.keys(result.timings).sort()).toEqual(['connect', 'firstByte', 'request', 'transfer']);
  });

  it('rejects with the reason of the caller who aborts', async () => {
    await using server = await TcpServer.listen(hear);
    const controller = new AbortController();
    const reason = new Error('enough');
    const probing = probeHttp(`http://127.0.0.1:${server.port}/`, { timeout }, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 50);
    await expect(probing).rejects.toBe(reason);
    await server.ended(1);
  });
});

describe('user name and password in a URL', () => {
  it('are sent, and shown nowhere', async () => {
    let authorization: string | undefined;
    await using server = await serveHttp((request, response) => {
      authorization = request.headers.authorization;
      response.statusCode = 403;
      response.end();
    });
    const result = await probeHttp(`http://us%65r:s3cr%23t@127.0.0.1:${server.port}/`, { timeout });
    expect(authorization).toBe(`Basic ${Buffer.from('user:s3cr#t').toString('base64')}`);
    expect(result.target).toBe(`http://127.0.0.1:${server.port}/`);
    expect(JSON.stringify(result)).not.toMatch(/us%65r|user|s3cr/);
  });

  it('are not in what is said of a bad target', async () => {
    const error = await probeHttp('http://user:s3cret@exa mple/').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(JSON.stringify(error) + String(error)).not.toMatch(/s3cret/);
    const other = await probeHttp('ftp://user:s3cret@example/').catch((thrown: unknown) => String(thrown));
    expect(other).not.toMatch(/s3cret/);
  });
});

describe('the options of probeHttp', () => {
  it.each<[string, string, HttpProbeOptions]>([
    ['another scheme', 'ftp://127.0.0.1/', {}],
    ['a path', '/index.html', {}],
    ['port 0', 'http://127.0.0.1:0/', {}],
    ['CONNECT', 'http://127.0.0.1/', { method: 'CONNECT' }],
    ['a method with a space', 'http://127.0.0.1/', { method: 'GET /' }],
    ['a header with a line break', 'http://127.0.0.1/', { headers: { 'x-a': 'b\r\nc: d' } }],
    ['a header that frames the message', 'http://127.0.0.1/', { headers: { 'Transfer-Encoding': 'chunked' } }],
    ['a name that is none', 'http://127.0.0.1/', { headers: { 'x a': 'b' } }],
    ['a list of headers', 'http://127.0.0.1/', Object.fromEntries([['headers', ['a: b']]])],
    ['expected headers in another form', 'http://127.0.0.1/', Object.fromEntries([['expectHeaders', new Map()]])],
    ['no statuses', 'http://127.0.0.1/', { status: [] }],
    ['a status that is none', 'http://127.0.0.1/', { status: [99] }],
    ['a server name that is none', 'http://127.0.0.1/', { tls: { serverName: 'a b' } }],
    ['a certificate without its key', 'http://127.0.0.1/', { tls: { cert: 'x' } }],
    ['a certificate that is none', 'http://127.0.0.1/', { tls: { cert: 'x', key: 'y' } }],
  ])('refuse %s', async (_what, target, options) => {
    await expect(probeHttp(target, options)).rejects.toThrow(InvalidOptionError);
  });

  it.each<[string, HttpProbeOptions]>([
    ['a header', { headers: { authorization: 's3cret\n' } }],
    ['a key', { tls: { cert: 'x', key: 's3cret' } }],
    ['what may open a key', { tls: Object.fromEntries([['passphrase', 's3cret']]) }],
    ['header fields in another form', Object.fromEntries([['headers', new Headers({ authorization: 's3cret' })]])],
    ['a body that is none', Object.fromEntries([['body', { password: 's3cret' }]])],
    ['an option that there is not', Object.fromEntries([['password', 's3cret']])],
  ])('never show the value of %s', async (_what, options) => {
    const error = await probeHttp('http://127.0.0.1/', options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(String(error) + JSON.stringify(error)).not.toMatch('s3cret');
  });
});

describe('what an answer must be', () => {
  const body = 'All is well.';
  const ask = async (options: HttpProbeOptions) => {
    await using server = await serveHttp((request, response) => {
      const encoding = String(request.headers['accept-encoding']);
      const encode = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }[encoding];
      response.statusCode = 203;
      response.setHeader('X-Version', '1.2.3');
      if (encoding !== 'undefined') response.setHeader('Content-Encoding', encoding);
      response.end(encode === undefined ? body : encode(body));
    });
    return await probeHttp(`http://127.0.0.1:${server.port}/`, { timeout, ...options });
  };

  it.each<[string, HttpProbeOptions]>([
    ['the status of a class', { status: ['2xx'] }],
    ['a status', { status: [200, 203] }],
    ['a header field', { expectHeaders: { 'x-version': '1.2.3' } }],
    ['a header field by an expression', { expectHeaders: { 'X-VERSION': /^1\./ } }],
    ['a text', { expectBody: 'is well' }],
    ['an expression', { expectBody: { regexp: '^ALL', flags: 'i' } }],
    ['the lack of a text', { rejectBody: 'error' }],
    ['a text within gzip', { headers: { 'accept-encoding': 'gzip' }, expectBody: 'is well' }],
    ['a text within deflate', { headers: { 'accept-encoding': 'deflate' }, expectBody: 'is well' }],
    ['a text within br', { headers: { 'accept-encoding': 'br' }, expectBody: 'is well' }],
  ])('%s', async (_what, options) => {
    expect(await ask(options)).toMatchObject({ status: 'ok' });
  });

  it.each<[string, string, HttpProbeOptions, string]>([
    ['the status', 'unexpected-status', { status: [200, '3xx'] }, 'the status is 203, not 200 or 3xx'],
    [
      'a header field',
      'unexpected-header',
      { expectHeaders: { 'x-version': '2' } },
      'the header field x-version is "1.2.3", not "2"',
    ],
    [
      'the lack of a header field',
      'unexpected-header',
      { expectHeaders: { 'x-none': '2' } },
      'the header field x-none is missing',
    ],
    ['the lack of a text', 'unexpected-body', { expectBody: 'error' }, '"error" is not in the body'],
    ['a text', 'unexpected-body', { rejectBody: 'well' }, '"well" is in the body'],
    [
      'an encoding',
      'unknown-encoding',
      { headers: { 'accept-encoding': 'zork' }, expectBody: 'a' },
      'the body is encoded in a way that cannot be read here',
    ],
    [
      'the size',
      'body-too-large',
      { maxBodyBytes: 3, largeBody: 'fail' },
      'the body is longer than the 3 bytes that may be read',
    ],
    [
      'the part that is read',
      'unexpected-body',
      { maxBodyBytes: 6, expectBody: 'well' },
      '"well" is not in the first 6 bytes of the body',
    ],
  ])('and is not, by %s', async (_what, reason, options, message) => {
    expect(await ask(options)).toMatchObject({ status: 'failed', failureSource: 'target', reason, message });
  });

  it('is in the facts even if it is wrong', async () => {
    const { facts } = await ask({ status: [200], expectHeaders: { 'x-version': '2' } });
    expect(facts).toMatchObject({ status: 203, bodyBytes: body.length, headers: { 'x-version': '1.2.3' } });
  });

  it('may be cut', async () => {
    expect(await ask({ maxBodyBytes: 3 })).toMatchObject({
      status: 'ok',
      facts: { bodyBytes: 3, bodyTruncated: true },
    });
    const exact = await ask({ maxBodyBytes: body.length });
    expect(exact.facts).toMatchObject({ bodyBytes: body.length });
    expect(exact.facts).not.toHaveProperty('bodyTruncated');
  });
});

describe('redirects', () => {
  const lead = (route: Readonly<Record<string, readonly [status: number, location: string]>>) =>
    serveHttp((request, response) => {
      const [status = 200, location] = route[request.url ?? ''] ?? [];
      response.statusCode = status;
      if (location !== undefined) response.setHeader('Location', location);
      response.end(JSON.stringify({ authorization: request.headers.authorization, method: request.method }));
    });

  it('are followed, each with its own phases', async () => {
    await using server = await lead({ '/a': [301, '/b?x=1'], '/b?x=1': [302, 'c'] });
    const result = await probeHttp(`http://127.0.0.1:${server.port}/a`, { timeout });
    expect(server.asked).toEqual(['GET /a', 'GET /b?x=1', 'GET /c']);
    expect(result).toMatchObject({ status: 'ok', facts: { status: 200, url: `http://127.0.0.1:${server.port}/c` } });
    expect(result.facts.redirects).toMatchObject([
      { url: `http://127.0.0.1:${server.port}/a`, status: 301, address: '127.0.0.1' },
      { url: `http://127.0.0.1:${server.port}/b?x=1`, status: 302, address: '127.0.0.1' },
    ]);
    expect(result.facts.redirects[0]?.timings.connect).toBeGreaterThan(0);
    expect(result.timings.redirect).toBeGreaterThan(0);
    expect(result.facts.attempts).toHaveLength(3);
  });

  it('are the answer where they are expected, or none may be followed', async () => {
    await using server = await lead({ '/a': [301, '/b'] });
    const url = `http://127.0.0.1:${server.port}/a`;
    expect(await probeHttp(url, { status: [301], timeout })).toMatchObject({
      status: 'ok',
      facts: { headers: { location: '/b' } },
    });
    expect(await probeHttp(url, { maxRedirects: 0, timeout })).toMatchObject({ reason: 'unexpected-status' });
    expect(server.asked).toEqual(['GET /a', 'GET /a']);
  });

  it('are followed no more often than is allowed', async () => {
    await using server = await lead({ '/1': [302, '/2'], '/2': [302, '/3'], '/3': [302, '/4'] });
    const url = `http://127.0.0.1:${server.port}/1`;
    expect(await probeHttp(url, { maxRedirects: 2, timeout })).toMatchObject({
      failureSource: 'target',
      reason: 'too-many-redirects',
      facts: { status: 302, redirects: [{ status: 302 }, { status: 302 }] },
    });
    expect(await probeHttp(url, { maxRedirects: 3, timeout })).toMatchObject({ status: 'ok' });
  });

  it.each([
    ['/self', '/self'],
    ['/a', '/b'],
  ])('that lead in a circle from %s to %s are not followed for ever', async (from, to) => {
    await using server = await lead({ [from]: [302, to], [to]: [302, from] });
    const result = await probeHttp(`http://127.0.0.1:${server.port}${from}`, { maxRedirects: 50, timeout });
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'redirect-loop' });
  });

  it.each([
    'file:///etc/passwd',
    'data:text/plain,x',
    'ftp://127.0.0.1/',
    'javascript:1',
    'http://',
    'http://127.0.0.1:0/',
  ])('to %s are not followed', async (location) => {
    await using server = await lead({ '/': [302, location] });
    const result = await probeHttp(`http://127.0.0.1:${server.port}/`, { timeout });
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'redirect-refused' });
  });

  it('take what proves who one is to the same origin only', async () => {
    await using elsewhere = await lead({});
    await using server = await lead({
      '/near': [307, '/there'],
      '/far': [307, `http://thief:secret@127.0.0.1:${elsewhere.port}/`],
    });
    const base = `http://user:word@127.0.0.1:${server.port}`;
    const near = await probeHttp(`${base}/near`, { timeout, expectBody: '"authorization":"Basic ' });
    expect(near.status).toBe('ok');
    const far = await probeHttp(`${base}/far`, { timeout, rejectBody: 'authorization' });
    expect(far.status).toBe('ok');
    expect(JSON.stringify(far)).not.toMatch(/thief|secret/);
    const seen = await probeHttp(`${base}/far`, { timeout, maxRedirects: 0 });
    expect(JSON.stringify(seen)).not.toMatch(/thief|secret/);
  });

  it.each([
    [303, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [307, 'POST', 'POST'],
    [301, 'PUT', 'PUT'],
    [303, 'HEAD', 'HEAD'],
  ])('by %i of a %s are asked for by %s', async (status, method, next) => {
    await using server = await lead({ '/': [status, '/next'] });
    await probeHttp(`http://127.0.0.1:${server.port}/`, { method, timeout, ...(method === 'POST' && { body: 'x' }) });
    expect(server.asked).toEqual([`${method} /`, `${next} /next`]);
  });
});
