import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import axios, { AxiosError, type AxiosInstance, CanceledError } from 'axios';
import FormDataPackage from 'form-data';
import { describe, expect, it, vi } from 'vitest';
import { type AxiosOptions, networkAwareAxios } from '../../../../src/adapters/axios/index.js';
import { InvalidOptionError, NetworkDownError } from '../../../../src/errors/index.js';
import { type Answer, deadPort, type HttpServer, turn } from '../http-server.js';
import { answerFrom, network, serve } from '../http-setting.js';

const quick = { minTimeout: 1, interruptAfter: 1 };

const fromThe = (n: number): Answer =>
  answerFrom(n, (response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"a":1}'));

function aware(options: AxiosOptions = quick): AxiosInstance {
  return networkAwareAxios(axios.create(), network, options);
}

describe('networkAwareAxios', () => {
  it('gives the same instance back, whose answers are as before', async () => {
    const there = await serve(fromThe(1));
    const instance = axios.create({ baseURL: there.url('/api') });
    expect(networkAwareAxios(instance, network)).toBe(instance);
    const { data, status, config } = await instance.get('/path', { params: { q: 1 } });
    expect({ data, status, path: there.asked[0]?.path }).toEqual({
      data: { a: 1 },
      status: 200,
      path: '/api/path?q=1',
    });
    expect(config).not.toHaveProperty('signal');
  });

  it('sends nothing while the network is down, and sends when it is back', async () => {
    const there = await serve(fromThe(1));
    network.down();
    const getting = aware().get(there.url());
    await turn();
    expect(there.asked).toHaveLength(0);
    network.up();
    expect((await getting).data).toEqual({ a: 1 });
  });

  it('judges each host by its own path', async () => {
    const there = await serve(fromThe(1));
    network.loseDestination(there.host);
    const getting = axios.create({ baseURL: there.url() });
    const waiting = networkAwareAxios(getting, network).get('/');
    await turn();
    expect(there.asked).toHaveLength(0);
    network.restoreDestination(there.host);
    await waiting;
  });

  it.each(['http', 'fetch'] as const)('repeats what an outage has cost, through the adapter %s', async (adapter) => {
    const there = await serve(fromThe(2));
    const onFailedAttempt = vi.fn();
    const asked = vi.fn((config) => config);
    const instance = networkAwareAxios(axios.create({ adapter }), network, { ...quick, retries: 0, onFailedAttempt });
    instance.interceptors.request.use(asked);
    const putting = instance.put(there.url(), { b: 2 });
    await there.requests(1);
    network.down();
    await there.ended(1);
    network.up();
    expect((await putting).data).toEqual({ a: 1 });
    expect(there.asked.map(({ body }) => body)).toEqual(['{"b":2}', '{"b":2}']);
    expect(onFailedAttempt).not.toHaveBeenCalled();
    // Interceptors see one request.
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('repeats an answer that was cut in the midst: the caller has seen nothing of it', async () => {
    const there = await serve((response, _asked, count) => {
      if (count === 1) response.writeHead(200, { 'Content-Length': 7 }).write('{"a"');
      else response.end('{"a":1}');
    });
    const getting = aware({ ...quick, retries: 0 }).get(there.url());
    await there.requests(1);
    await turn();
    network.down();
    await there.ended(1);
    network.up();
    expect((await getting).data).toEqual({ a: 1 });
  });

  it('tries again where the status asks for it, and rejects with the last error as it is', async () => {
    const there = await serve((response) => response.writeHead(503).end('busy'));
    const getting = aware({ ...quick, retries: 2 }).get(there.url());
    await expect(getting).rejects.toBeInstanceOf(AxiosError);
    await expect(getting).rejects.toMatchObject({ status: 503, response: { data: 'busy' } });
    expect(there.asked).toHaveLength(3);
  });

  it.each([
    ['a 404', 404, {}],
    ['a status that validateStatus lets through', 503, { validateStatus: () => true }],
  ])('does not repeat %s', async (_name, status, config) => {
    const there = await serve((response) => response.writeHead(status).end());
    await aware()
      .get(there.url(), config)
      .catch(() => {});
    expect(there.asked).toHaveLength(1);
  });

  it.each([
    ['a POST', { method: 'POST', data: 'b' }],
    ['a PUT of a stream', { method: 'PUT', data: () => Readable.from([Buffer.from('b')]) }],
    ['a PUT of a form of the package form-data', { method: 'PUT', data: () => new FormDataPackage() }],
  ])('sends %s once, when there is a way', async (_name, { method, data }) => {
    const there = await serve((response) => response.writeHead(503).end());
    network.down();
    const sending = aware().request({ url: there.url(), method, data: typeof data === 'function' ? data() : data });
    await turn();
    expect(there.asked).toHaveLength(0);
    network.up();
    await expect(sending).rejects.toMatchObject({ status: 503 });
    expect(there.asked).toHaveLength(1);
  });

  it('repeats a POST with an Idempotency-Key', async () => {
    const there = await serve((response) => response.writeHead(503).end());
    const headers = { 'idempotency-KEY': 'k' };
    await aware({ ...quick, retries: 1 })
      .post(there.url(), 'b', { headers })
      .catch(() => {});
    expect(there.asked).toHaveLength(2);
  });

  it('repeats a POST that certainly was not sent', async () => {
    const onFailedAttempt = vi.fn();
    const url = `http://127.0.0.1:${await deadPort()}/`;
    const posting = aware({ ...quick, retries: 1, onFailedAttempt }).post(url, 'b');
    await expect(posting).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(onFailedAttempt).toHaveBeenCalledTimes(2);
  });

  it('never sends what is left of a stream: axios reads it before there is a connection', async () => {
    const port = await deadPort();
    let there: HttpServer | undefined;
    const onFailedAttempt = async () => {
      there = await serve(fromThe(1), port);
    };
    const putting = aware({ ...quick, retries: 1, onFailedAttempt }).put(
      `http://127.0.0.1:${port}/`,
      Readable.from([Buffer.from('body')]),
    );
    await expect(putting).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(there?.asked ?? []).toEqual([]);
  });

  it("counts axios's own timeout for each attempt", async () => {
    const there = await serve(fromThe(2));
    network.down();
    const getting = aware().get(there.url(), { timeout: 100 });
    await turn();
    network.up();
    expect((await getting).data).toEqual({ a: 1 });
    expect(there.asked).toHaveLength(2);
  });

  it.each([
    ['parked', () => network.down(), 0],
    ['in flight', () => {}, 1],
  ])('is cancelled at once while it is %s, by a signal or a CancelToken', async (_name, prepare, requests) => {
    const there = await serve(() => {});
    prepare();
    const caller = new AbortController();
    const source = axios.CancelToken.source();
    const bySignal = aware({}).get(there.url(), { signal: caller.signal });
    const byToken = aware({}).get(there.url(), { cancelToken: source.token });
    await there.requests(2 * requests);
    await turn();
    caller.abort();
    source.cancel('enough');
    await expect(bySignal).rejects.toMatchObject({ name: 'CanceledError', code: 'ERR_CANCELED' });
    await expect(byToken).rejects.toMatchObject({ message: 'enough' });
    await there.ended(2 * requests);
  });

  it('ends a stream that is handed over when the network is lost', async () => {
    const there = await serve((response) => response.write('half'));
    const { data } = await aware().get(there.url(), { responseType: 'stream' });
    const reading = text(data);
    network.down();
    await expect(reading).rejects.toBeInstanceOf(NetworkDownError);
    expect(there.asked).toHaveLength(1);
  });

  it('ends a stream that is handed over when the request is cancelled', async () => {
    const there = await serve((response) => response.write('half'));
    const caller = new AbortController();
    const { data } = await aware().get(there.url(), { responseType: 'stream', signal: caller.signal });
    const reading = text(data);
    caller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    await there.ended(1);
  });

  it.each([
    ['the network is lost', () => network.down(), NetworkDownError],
    ['the request is cancelled', (caller: AbortController) => caller.abort(), CanceledError],
  ])('ends a stream of the adapter fetch when %s', async (_name, end, kind) => {
    const there = await serve((response) => response.write('half'));
    const caller = new AbortController();
    const api = networkAwareAxios(axios.create({ adapter: 'fetch' }), network, quick);
    const { data } = await api.get(there.url(), { responseType: 'stream', signal: caller.signal });
    const reading = text(data);
    await vi.waitUntil(() => network.tracked > 0);
    end(caller);
    await expect(reading).rejects.toBeInstanceOf(kind);
    await there.ended(1);
  });

  it('lets go of the streams of answers that are followed by another attempt', async () => {
    const there = await serve((response, _asked, count) => {
      if (count === 3) response.end('ok');
      else response.writeHead(503).write('busy');
    });
    const { data } = await aware().get(there.url(), { responseType: 'stream' });
    expect(await text(data)).toBe('ok');
    await there.ended(3);
  });

  it('lets go of the stream of an answer when it is cancelled in the backoff behind it', async () => {
    const there = await serve((response) => response.writeHead(503).write('busy'));
    const caller = new AbortController();
    const onFailedAttempt = vi.fn();
    const getting = aware({ minTimeout: 1e9, onFailedAttempt }).get(there.url(), {
      responseType: 'stream',
      signal: caller.signal,
    });
    const settled = getting.catch(() => {});
    await vi.waitUntil(() => onFailedAttempt.mock.calls.length > 0);
    caller.abort();
    await settled;
    await there.ended(1);
  });

  it('gives the result of a later attempt where an abandoned one never settles', async () => {
    let count = 0;
    const stubborn = axios.create({
      adapter: async (config) => {
        count += 1;
        if (count === 1) await new Promise(() => {});
        return { data: 'ok', status: 200, statusText: '', headers: {}, config };
      },
    });
    const api = networkAwareAxios(stubborn, network, { ...quick, abandon: 1, onPause: () => network.up() });
    const getting = api.get('http://192.0.2.1/');
    await vi.waitUntil(() => network.tracked > 0);
    network.down();
    expect((await getting).data).toBe('ok');
  });

  it('leaves what axios refuses to axios', async () => {
    network.down();
    await expect(aware().get('not a url')).rejects.toMatchObject({ code: 'ERR_INVALID_URL' });
  });

  it('refuses what is no instance, and an unknown option', () => {
    expect(() => Reflect.apply(networkAwareAxios, undefined, [{}, network])).toThrow(InvalidOptionError);
    expect(() => Reflect.apply(networkAwareAxios, undefined, [axios.create(), network, { tries: 1 }])).toThrow(
      InvalidOptionError,
    );
  });
});
