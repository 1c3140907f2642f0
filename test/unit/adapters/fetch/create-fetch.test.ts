import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fetch as undiciFetch } from 'undici';
import { describe, expect, it, vi } from 'vitest';
import { createFetch, HttpStatusError } from '../../../../src/adapters/fetch/index.js';
import { InvalidOptionError, NetworkDownError, OutageTimeoutError } from '../../../../src/errors/index.js';
import { type Answer, deadPort, type HttpServer, turn } from '../http-server.js';
import { answerFrom, network, serve } from '../http-setting.js';

const ok: Answer = (response) => response.end('ok');

/** Answers from the n-th request on, and lets those before hang. */
const fromThe = (n: number): Answer => answerFrom(n, (response) => response.end('ok'));

/** Quick, so that a test need not wait; what counts is the order of things. */
const quick = { minTimeout: 1, interruptAfter: 1 };

describe('createFetch', () => {
  it('gives the answer as fetch does, with its url, headers and body', async () => {
    const { url } = await serve((response) => response.writeHead(201, { 'X-Test': 'yes' }).end('{"a":1}')).then(bind);
    const response = await createFetch(network)(url('/path?query'));
    expect(response).toBeInstanceOf(Response);
    expect(response).toMatchObject({
      status: 201,
      ok: true,
      url: url('/path?query'),
      redirected: false,
      type: 'basic',
    });
    expect(response.headers.get('x-test')).toBe('yes');
    expect(await response.clone().text()).toBe('{"a":1}');
    expect(response.clone().url).toBe(url('/path?query'));
    expect(await response.json()).toEqual({ a: 1 });
  });

  it('sends nothing while the network is down, and sends when it is back', async () => {
    const there = await serve(ok);
    network.down();
    const fetching = createFetch(network)(there.url());
    await turn();
    expect(there.asked).toHaveLength(0);
    network.up();
    expect(await (await fetching).text()).toBe('ok');
    expect(there.asked).toHaveLength(1);
  });

  it('judges each host by its own path', async () => {
    const there = await serve(ok);
    network.loseDestination(there.host);
    const fetching = createFetch(network)(there.url());
    await turn();
    expect(there.asked).toHaveLength(0);
    network.restoreDestination(there.host);
    expect((await fetching).status).toBe(200);
  });

  it('judges a proxy in place of the host, where it is told of one', async () => {
    const there = await serve(ok);
    const target = vi.spyOn(network, 'target');
    await (await createFetch(network, { via: 'proxy.test:3128' })(there.url())).text();
    expect(target).toHaveBeenLastCalledWith(there.host, expect.objectContaining({ via: 'proxy.test:3128' }));
    const via = (destination: string) => (destination === there.host ? undefined : 'proxy.test:3128');
    await (await createFetch(network, { via })(there.url())).text();
    expect(target).toHaveBeenLastCalledWith(there.host, expect.objectContaining({ via: undefined }));
    target.mockRestore();
  });

  it('ends a request that hangs over a lost path, and repeats it without spending an attempt', async () => {
    const there = await serve(fromThe(2));
    const onFailedAttempt = vi.fn();
    const fetching = createFetch(network, { ...quick, retries: 0, onFailedAttempt })(there.url());
    await there.requests(1);
    network.down();
    await there.ended(1);
    expect(there.asked).toHaveLength(1);
    network.up();
    expect(await (await fetching).text()).toBe('ok');
    expect(onFailedAttempt).not.toHaveBeenCalled();
  });

  it.each([
    ['text', () => 'body'],
    ['bytes', () => Buffer.from('body')],
    ['a Blob', () => new Blob(['body'])],
    ['a form', () => new URLSearchParams({ body: '' })],
    ['a function that makes a stream', () => () => Readable.from([Buffer.from('body')])],
    ['a function that needs a while', () => async () => new Blob(['body'])],
  ])('sends %s again, whole', async (_name, make) => {
    const there = await serve(fromThe(2));
    const fetching = createFetch(network, quick)(there.url(), { method: 'PUT', body: make() });
    await there.requests(1);
    network.down();
    await there.ended(1);
    network.up();
    await (await fetching).text();
    expect(there.asked.map(({ body }) => body.replace(/=$/, ''))).toEqual(['body', 'body']);
  });

  it('sends the body of a Request again', async () => {
    const there = await serve(fromThe(2));
    const request = new Request(there.url(), { method: 'PUT', body: 'body', headers: { 'X-Test': 'yes' } });
    const fetching = createFetch(network, quick)(request);
    await there.requests(1);
    network.down();
    await there.ended(1);
    network.up();
    await (await fetching).text();
    expect(there.asked).toMatchObject(
      [1, 2].map(() => ({ method: 'PUT', body: 'body', headers: { 'x-test': 'yes' } })),
    );
  });

  it('sends a Request with a body too long to keep once, whole', async () => {
    const there = await serve((response) => response.writeHead(503).end());
    const body = 'x'.repeat(3 * 1024 * 1024);
    const response = await createFetch(network, quick)(new Request(there.url(), { method: 'PUT', body }));
    expect(response.status).toBe(503);
    expect(there.asked.map((asked) => asked.body.length)).toEqual([body.length]);
  });

  it('sends a stream once, when there is a way', async () => {
    const there = await serve((response) => response.writeHead(503).end());
    network.down();
    const fetching = createFetch(network, quick)(there.url(), { method: 'PUT', body: Readable.from(['body']) });
    await turn();
    network.up();
    expect((await fetching).status).toBe(503);
    expect(there.asked).toHaveLength(1);
  });

  it('parks a POST before it is sent, but neither ends nor repeats it afterwards', async () => {
    let answer = () => {};
    const there = await serve((response) => {
      answer = () => response.end('done');
    });
    const onPause = vi.fn();
    network.down();
    const posting = createFetch(network, { ...quick, onPause })(there.url(), { method: 'POST', body: 'order' });
    await turn();
    expect(there.asked).toHaveLength(0);
    network.up();
    await there.requests(1);
    network.down();
    await turn();
    answer();
    expect(await (await posting).text()).toBe('done');
    expect(there.asked).toHaveLength(1);
  });

  it('gives a POST back as failed when its connection was cut: it may have arrived', async () => {
    const there = await serve((response) => response.destroy());
    await expect(createFetch(network, quick)(there.url(), { method: 'POST' })).rejects.toThrow('fetch failed');
    expect(there.asked).toHaveLength(1);
  });

  it('repeats a POST that certainly was not sent', async () => {
    const url = `http://127.0.0.1:${await deadPort()}/`;
    const onFailedAttempt = vi.fn();
    const fetching = createFetch(network, { ...quick, retries: 2, onFailedAttempt })(url, { method: 'POST' });
    await expect(fetching).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    expect(onFailedAttempt).toHaveBeenCalledTimes(3);
  });

  it.each([
    ['a stream of Node that nobody has read, whole', () => Readable.from([Buffer.from('body')]), 'ok', ['body']],
    ['no stream of the web', () => new Blob(['body']).stream(), 'ECONNREFUSED', []],
  ])('sends, after it could not connect, %s', async (_name, make, outcome, bodies) => {
    const port = await deadPort();
    let there: HttpServer | undefined;
    const onFailedAttempt = async () => {
      there = await serve(ok, port);
    };
    const sending = createFetch(network, { ...quick, retries: 1, onFailedAttempt })(`http://127.0.0.1:${port}/`, {
      method: 'PUT',
      body: make(),
    });
    expect(
      await sending.then(
        (response) => response.text(),
        (error) => error.cause?.code,
      ),
    ).toBe(outcome);
    expect(there?.asked.map(({ body }) => body) ?? []).toEqual(bodies);
  });

  it.each([
    ['with an Idempotency-Key', { headers: { 'Idempotency-Key': '"k1"' } }, {}],
    ['that is said to be idempotent', {}, { idempotent: true }],
  ])('repeats a POST %s', async (_name, init, options) => {
    const there = await serve(fromThe(2));
    const fetching = createFetch(network, { ...quick, ...options })(there.url(), {
      method: 'POST',
      body: 'b',
      ...init,
    });
    await there.requests(1);
    network.down();
    await there.ended(1);
    network.up();
    await (await fetching).text();
    expect(there.asked).toHaveLength(2);
  });

  it('tries again where the status asks for it, and hands over the last answer as it is', async () => {
    const there = await serve((response, _asked, count) => response.writeHead(503).end(`answer ${count}`));
    const failures: unknown[] = [];
    const fetch = createFetch(network, {
      ...quick,
      retries: 2,
      onFailedAttempt: ({ error }) => void failures.push(error),
    });
    const response = await fetch(there.url());
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('answer 3');
    expect(failures).toHaveLength(3);
    expect(failures[0]).toBeInstanceOf(HttpStatusError);
    expect(failures[0]).toMatchObject({ status: 503, name: 'HttpStatusError' });
  });

  it.each([200, 400, 404, 501])('hands over an answer with status %i at once', async (status) => {
    const there = await serve((response) => response.writeHead(status).end());
    expect((await createFetch(network, quick)(there.url())).status).toBe(status);
    expect(there.asked).toHaveLength(1);
  });

  it('hands over an answer with a status that no Response can be made of, as fetch does', async () => {
    const there = await serve((response) => response.writeHead(999).end('denied'));
    const response = await createFetch(network, quick)(there.url());
    expect(response).toMatchObject({ status: 999, ok: false });
    expect(response.clone()).toMatchObject({ status: 999, ok: false });
    expect(await response.text()).toBe('denied');
  });

  it('asks the option via once for each request, before its answer is handed over', async () => {
    const there = await serve((response) => response.write('half'));
    const via = vi.fn(() => undefined);
    const response = await createFetch(network, { via })(there.url());
    const asked = via.mock.calls.length;
    const reading = response.text();
    await vi.waitUntil(() => network.tracked > 0);
    expect(via).toHaveBeenCalledTimes(asked);
    there.cutConnections();
    await expect(reading).rejects.toThrow();
  });

  it('takes other statuses to retry', async () => {
    const there = await serve((response, _asked, count) => response.writeHead(count === 1 ? 423 : 503).end());
    const response = await createFetch(network, { ...quick, retryStatuses: [423] })(there.url());
    expect(response.status).toBe(503);
    expect(there.asked).toHaveLength(2);
  });

  it('waits as long as Retry-After says', async () => {
    const there = await serve((response, _asked, count) =>
      response.writeHead(count === 1 ? 503 : 200, { 'Retry-After': '7' }).end(),
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const fetching = createFetch(network)(there.url());
      while (vi.getTimerCount() === 0) await turn();
      await vi.advanceTimersByTimeAsync(6_999);
      await turn();
      expect(there.asked).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(1);
      expect((await fetching).status).toBe(200);
    } finally {
      vi.useRealTimers();
    }
  });

  it('never restarts an answer whose headers are handed over: its reading ends when the network is lost', async () => {
    const there = await serve((response) => response.write('half'));
    const response = await createFetch(network, quick)(there.url());
    const reading = response.text();
    await turn();
    network.down();
    await expect(reading).rejects.toBeInstanceOf(NetworkDownError);
    expect(there.asked).toHaveLength(1);
    await there.ended(1);
  });

  it('ends the reading at once when the address under it has gone', async () => {
    const there = await serve((response) => response.write('half'));
    const response = await createFetch(network, { interruptAfter: Number.POSITIVE_INFINITY })(there.url());
    const reading = response.text();
    await vi.waitUntil(() => network.tracked > 0);
    network.strand('no-address');
    await expect(reading).rejects.toMatchObject({ reason: 'no-address' });
  });

  it('leaves nothing behind for an answer that is not read', async () => {
    const there = await serve((response) => response.write('half'));
    const response = await createFetch(network)(there.url());
    await turn();
    expect(network).toMatchObject({ waiters: 0, listeners: 0, tracked: 0 });
    await response.body?.cancel();
    await there.ended(1);
  });

  it('keeps the body alive as long as the answer: undici closes those of answers that are garbage', async () => {
    let finish = () => {};
    const there = await serve((response) => {
      response.write('half ');
      finish = () => response.end('and half');
    });
    const response = await createFetch(network)(there.url());
    for (let round = 0; round < 3; round += 1) {
      collectGarbage();
      await turn();
    }
    finish();
    expect(await response.text()).toBe('half and half');
  });

  it.each([
    ['parked', () => network.down(), 0],
    ['in flight', () => {}, 1],
  ])('is ended at once by the signal of the caller while it is %s', async (_name, prepare, requests) => {
    const there = await serve(() => {});
    prepare();
    const caller = new AbortController();
    const fetching = createFetch(network)(there.url(), { signal: caller.signal });
    await there.requests(requests);
    await turn();
    const reason = new Error('enough');
    caller.abort(reason);
    await expect(fetching).rejects.toBe(reason);
    await there.ended(requests);
  });

  it('is ended by the signal of the caller during a backoff', async () => {
    const there = await serve((response) => response.writeHead(503).end());
    const caller = new AbortController();
    const onFailedAttempt = vi.fn();
    const fetching = createFetch(network, { minTimeout: 1e9, onFailedAttempt })(there.url(), { signal: caller.signal });
    await vi.waitUntil(() => onFailedAttempt.mock.calls.length > 0);
    await turn();
    caller.abort();
    await expect(fetching).rejects.toBe(caller.signal.reason);
  });

  it('is ended by the signal of the caller while the body is read', async () => {
    const there = await serve((response) => response.write('half'));
    const caller = new AbortController();
    const response = await createFetch(network)(there.url(), { signal: caller.signal });
    const reading = response.text();
    await turn();
    caller.abort();
    await expect(reading).rejects.toBe(caller.signal.reason);
    await there.ended(1);
  });

  it('is ended by the signal of its options, while it waits and while the body is read', async () => {
    const there = await serve((response) => response.write('half'));
    const service = new AbortController();
    const fetch = createFetch(network, { signal: service.signal });
    const reading = (await fetch(there.url(), { signal: new AbortController().signal })).text();
    network.down();
    const waiting = fetch(there.url());
    await turn();
    service.abort();
    await Promise.all([reading, waiting].map((each) => expect(each).rejects.toBe(service.signal.reason)));
  });

  it('gives up when a pause lasts longer than maxPause', async () => {
    network.down();
    await expect(createFetch(network, { maxPause: 1 })('http://192.0.2.1/')).rejects.toBeInstanceOf(OutageTimeoutError);
  });

  it('works through the fetch of the undici package', async () => {
    const there = await serve(ok);
    // The types of two versions of undici differ in details that do not matter here.
    const send: typeof fetch = (input, init) => Reflect.apply(undiciFetch, undefined, [input, init]);
    const response = await createFetch(network, { fetch: send })(there.url());
    expect(await response.text()).toBe('ok');
  });

  it('leaves what does not go over the network to fetch', async () => {
    network.down();
    expect(await (await createFetch(network)('data:,hello')).text()).toBe('hello');
  });

  it.each([
    ['an unknown name', { retry: 3 }],
    ['a wrong type', { retries: 'many' }],
    ['a status that is none', { retryStatuses: [99] }],
    ['a proxy that is none', { via: 3128 }],
    ['a fetch that is none', { fetch: 'fetch' }],
  ])('refuses %s', (_name, options) => {
    expect(() => Reflect.apply(createFetch, undefined, [network, options])).toThrow(InvalidOptionError);
  });
});

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  if (typeof gc === 'function') gc();
}

function bind(there: HttpServer): { url: (path?: string) => string } {
  return { url: (path) => there.url(path) };
}
