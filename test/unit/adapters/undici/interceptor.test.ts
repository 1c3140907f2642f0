import { Readable } from 'node:stream';
import { Agent, Client, type Dispatcher, getGlobalDispatcher, request, setGlobalDispatcher, stream } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type InterceptorOptions, networkAwareInterceptor } from '../../../../src/adapters/undici/index.js';
import { InvalidOptionError, NetworkDownError } from '../../../../src/errors/index.js';
import { type Answer, deadPort, turn } from '../http-server.js';
import { answerFrom, network, serve } from '../http-setting.js';

const quick = { minTimeout: 1, interruptAfter: 1 };

let agent: Agent;

beforeEach(() => {
  agent = new Agent();
});

afterEach(async () => {
  network.up();
  await agent.destroy();
});

const fromThe = (n: number): Answer => answerFrom(n, (response) => response.end('ok'));

function aware(options: InterceptorOptions = quick): Dispatcher {
  return agent.compose(networkAwareInterceptor(network, options));
}

describe('networkAwareInterceptor', () => {
  it('passes an answer on as it comes', async () => {
    const there = await serve((response) => response.writeHead(201, { 'X-Test': 'yes' }).end('ok'));
    const { statusCode, headers, body } = await request(there.url(), { dispatcher: aware() });
    expect({ statusCode, test: headers['x-test'], body: await body.text() }).toEqual({
      statusCode: 201,
      test: 'yes',
      body: 'ok',
    });
  });

  it('dispatches nothing while the network is down, and dispatches when it is back', async () => {
    const there = await serve(fromThe(1));
    network.down();
    const requesting = request(there.url(), { dispatcher: aware() });
    await turn();
    expect(there.asked).toHaveLength(0);
    network.up();
    expect(await (await requesting).body.text()).toBe('ok');
  });

  it('judges each origin by its own path', async () => {
    const there = await serve(fromThe(1));
    network.loseDestination(there.host);
    const requesting = request(there.url(), { dispatcher: aware() });
    await turn();
    expect(there.asked).toHaveLength(0);
    network.restoreDestination(there.host);
    await (await requesting).body.dump();
  });

  it('ends a request that hangs over a lost path, and dispatches it again without spending an attempt', async () => {
    const there = await serve(fromThe(2));
    const onFailedAttempt = vi.fn();
    const dispatcher = aware({ ...quick, retries: 0, onFailedAttempt });
    const requesting = request(there.url(), { dispatcher, method: 'PUT', body: 'body' });
    await there.requests(1);
    network.down();
    await there.ended(1);
    network.up();
    expect(await (await requesting).body.text()).toBe('ok');
    expect(there.asked.map(({ body }) => body)).toEqual(['body', 'body']);
    expect(onFailedAttempt).not.toHaveBeenCalled();
  });

  it('serves fetch, as the global dispatcher', async () => {
    const there = await serve(fromThe(2));
    const before = getGlobalDispatcher();
    setGlobalDispatcher(aware());
    try {
      const fetching = fetch(there.url());
      await there.requests(1);
      network.down();
      await there.ended(1);
      network.up();
      expect(await (await fetching).text()).toBe('ok');
    } finally {
      setGlobalDispatcher(before);
    }
  });

  it('works with a Client, which has one origin that it does not name', async () => {
    const there = await serve(fromThe(1));
    const client = new Client(there.url());
    network.down();
    const requesting = client.compose(networkAwareInterceptor(network, quick)).request({ path: '/', method: 'GET' });
    await turn();
    expect(there.asked).toHaveLength(0);
    network.up();
    expect(await (await requesting).body.text()).toBe('ok');
    await client.destroy();
  });

  it('tries again where the status asks for it, and passes the last answer on as it is', async () => {
    const there = await serve((response, _asked, count) =>
      response.writeHead(503, { 'Retry-After': '0' }).end(`answer ${count}`),
    );
    const failures: unknown[] = [];
    const dispatcher = aware({ ...quick, retries: 2, onFailedAttempt: ({ error }) => void failures.push(error) });
    const { statusCode, body } = await request(there.url(), { dispatcher });
    expect({ statusCode, text: await body.text() }).toEqual({ statusCode: 503, text: 'answer 3' });
    expect(failures).toHaveLength(3);
    expect(failures[0]).toMatchObject({ name: 'HttpStatusError', status: 503 });
  });

  it('rejects with what the handler throws about the last answer', async () => {
    const there = await serve((response) => response.writeHead(503).end('busy'));
    const streaming = stream(there.url(), { method: 'GET', dispatcher: aware({ ...quick, retries: 1 }) }, () => {
      throw new Error('refused');
    });
    await expect(streaming).rejects.toThrow('refused');
    expect(there.asked).toHaveLength(2);
  });

  it('passes on a long last answer whole', async () => {
    const long = 'x'.repeat(3_000_000);
    const there = await serve((response) => response.writeHead(503).end(long));
    const { body } = await request(there.url(), { dispatcher: aware({ ...quick, retries: 1 }) });
    expect((await body.text()).length).toBe(long.length);
  });

  it('passes on a 404 at once', async () => {
    const there = await serve((response) => response.writeHead(404).end());
    const { statusCode, body } = await request(there.url(), { dispatcher: aware() });
    await body.dump();
    expect(statusCode).toBe(404);
    expect(there.asked).toHaveLength(1);
  });

  it.each<[string, Sent, number]>([
    ['a POST', { method: 'POST', body: () => 'b' }, 1],
    ['a PUT of a stream', { method: 'PUT', body: () => Readable.from(['b']) }, 1],
    ['a POST with an Idempotency-Key', { method: 'POST', body: () => 'b', headers: { 'Idempotency-Key': '1' } }, 3],
    ['a POST with one in a flat list', { method: 'POST', body: () => 'b', headers: ['Idempotency-Key', '1'] }, 3],
  ])('sends %s as often as it may', async (_name, { method, body, headers = [] }, times) => {
    const there = await serve((response) => response.writeHead(503).end());
    const sent = { dispatcher: aware(), method, body: body(), headers };
    const { statusCode, body: answer } = await request(there.url(), sent);
    await answer.dump();
    expect(statusCode).toBe(503);
    expect(there.asked).toHaveLength(times);
  });

  it('parks a POST, but neither ends nor repeats it once it is sent', async () => {
    let answer = () => {};
    const there = await serve((response) => {
      answer = () => response.end('done');
    });
    network.down();
    const posting = request(there.url(), { dispatcher: aware(), method: 'POST', body: 'order' });
    await turn();
    expect(there.asked).toHaveLength(0);
    network.up();
    await there.requests(1);
    network.down();
    await turn();
    answer();
    expect(await (await posting).body.text()).toBe('done');
    expect(there.asked).toHaveLength(1);
  });

  it('repeats a POST that certainly was not sent', async () => {
    const onFailedAttempt = vi.fn();
    const dispatcher = aware({ ...quick, retries: 1, onFailedAttempt });
    const posting = request(`http://127.0.0.1:${await deadPort()}/`, { dispatcher, method: 'POST', body: 'b' });
    await expect(posting).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(onFailedAttempt).toHaveBeenCalledTimes(2);
  });

  it('never restarts an answer that is passed on: it ends when the network is lost', async () => {
    const there = await serve((response) => response.write('half'));
    const { body } = await request(there.url(), { dispatcher: aware() });
    const reading = body.text();
    network.down();
    await expect(reading).rejects.toBeInstanceOf(NetworkDownError);
    expect(there.asked).toHaveLength(1);
  });

  it.each([
    ['parked', () => network.down(), 0],
    ['in flight', () => {}, 1],
  ])('is ended at once by the signal of the caller while it is %s', async (_name, prepare, requests) => {
    const there = await serve(() => {});
    prepare();
    const caller = new AbortController();
    const requesting = request(there.url(), { dispatcher: aware({}), signal: caller.signal });
    await there.requests(requests);
    await turn();
    caller.abort(new Error('enough'));
    await expect(requesting).rejects.toThrow('enough');
    await there.ended(requests);
  });

  it('is ended by the signal of the caller during a backoff', async () => {
    const there = await serve((response) => response.writeHead(503).end());
    const onFailedAttempt = vi.fn();
    const caller = new AbortController();
    const dispatcher = aware({ minTimeout: 1e9, onFailedAttempt });
    const requesting = request(there.url(), { dispatcher, signal: caller.signal });
    await vi.waitUntil(() => onFailedAttempt.mock.calls.length > 0);
    caller.abort(new Error('enough'));
    await expect(requesting).rejects.toThrow('enough');
  });

  it('is ended by the signal of the caller while the body is read', async () => {
    const there = await serve((response) => response.write('half'));
    const caller = new AbortController();
    const { body } = await request(there.url(), { dispatcher: aware(), signal: caller.signal });
    const reading = body.text();
    caller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    await there.ended(1);
  });

  it('is ended by the signal of its options, while it waits and while the body is read', async () => {
    const there = await serve((response) => response.write('half'));
    const service = new AbortController();
    const dispatcher = aware({ signal: service.signal });
    const reading = (await request(there.url(), { dispatcher })).body.text();
    network.down();
    const waiting = request(there.url(), { dispatcher });
    await turn();
    service.abort(new Error('enough'));
    await Promise.all([reading, waiting].map((each) => expect(each).rejects.toThrow('enough')));
  });

  it("keeps undici's own timeouts, which do not run while it waits", async () => {
    const there = await serve(() => {});
    network.down();
    const requesting = request(there.url(), { dispatcher: aware({ ...quick, retries: 0 }), headersTimeout: 50 });
    await turn();
    network.up();
    await expect(requesting).rejects.toMatchObject({ code: 'UND_ERR_HEADERS_TIMEOUT' });
    expect(there.asked).toHaveLength(1);
  });

  it('refuses an unknown option', () => {
    expect(() => Reflect.apply(networkAwareInterceptor, undefined, [network, { maxRetries: 5 }])).toThrow(
      InvalidOptionError,
    );
  });
});

interface Sent {
  readonly method: 'POST' | 'PUT';
  readonly body: () => string | Readable;
  readonly headers?: Record<string, string> | string[];
}
