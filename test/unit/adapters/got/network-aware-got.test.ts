import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import got, { type Got, HTTPError, RequestError } from 'got';
import { describe, expect, it, vi } from 'vitest';
import { type GotOptions, networkAwareGot } from '../../../../src/adapters/got/index.js';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { type Answer, deadPort, turn } from '../http-server.js';
import { answerFrom, network, serve } from '../http-setting.js';

const quick = { interruptAfter: 1 };

const fromThe = (n: number): Answer => answerFrom(n, (response) => response.end('{"a":1}'));

function aware(options: GotOptions = quick): Got {
  return got.extend({ retry: { limit: 2, backoffLimit: 1, noise: 0 } }, networkAwareGot(network, options));
}

describe('networkAwareGot', () => {
  it('gives the answer as got does, with all that its promise can do', async () => {
    const there = await serve(fromThe(1));
    const events: string[] = [];
    const getting = aware().get(there.url());
    getting.on('response', () => events.push('response'));
    expect(await getting.json()).toEqual({ a: 1 });
    expect((await aware().get(there.url())).statusCode).toBe(200);
    expect(events).toEqual(['response']);
  });

  it('sends nothing while the network is down, and sends when it is back', async () => {
    const there = await serve(fromThe(1));
    network.down();
    const getting = aware().get(there.url()).json();
    await turn();
    expect(there.asked).toHaveLength(0);
    network.up();
    expect(await getting).toEqual({ a: 1 });
  });

  it('judges each host by its own path', async () => {
    const there = await serve(fromThe(1));
    network.loseDestination(there.host);
    const getting = aware().get(there.url());
    await turn();
    expect(there.asked).toHaveLength(0);
    network.restoreDestination(there.host);
    await getting;
  });

  it('repeats what outages have cost, without counting it', async () => {
    const there = await serve(fromThe(4));
    const client = aware().extend({ retry: { limit: 0 } });
    const putting = client.put(there.url(), { json: { b: 2 } });
    for (let count = 1; count <= 3; count += 1) {
      await there.requests(count);
      network.down();
      await there.ended(count);
      network.up();
    }
    const { body, retryCount } = await putting;
    expect({ body, retryCount }).toEqual({ body: '{"a":1}', retryCount: 0 });
    expect(there.asked.map((asked) => asked.body)).toEqual(Array(4).fill('{"b":2}'));
  });

  it('repeats an answer that was cut in the midst: the caller has seen nothing of it', async () => {
    const there = await serve((response, _asked, count) => {
      if (count === 1) response.writeHead(200, { 'Content-Length': 7 }).write('{"a"');
      else response.end('{"a":1}');
    });
    const getting = aware()
      .extend({ retry: { limit: 0 } })
      .get(there.url())
      .json();
    await there.requests(1);
    await turn();
    network.down();
    await there.ended(1);
    network.up();
    expect(await getting).toEqual({ a: 1 });
  });

  it('counts by its own rules what was no outage, also after one', async () => {
    const there = await serve((response, _asked, count) => {
      if (count > 1) response.writeHead(503).end();
    });
    const getting = aware().get(there.url());
    await there.requests(1);
    network.down();
    await there.ended(1);
    network.up();
    await expect(getting).rejects.toBeInstanceOf(HTTPError);
    // One that the outage cost, one that counts, and the two retries that it may have.
    expect(there.asked).toHaveLength(4);
  });

  it("asks the user's own calculateDelay, but not about outages", async () => {
    const there = await serve((response, _asked, count) => {
      if (count === 2) response.writeHead(418).end();
      if (count === 3) response.end('tea');
    });
    const calculateDelay = vi.fn(() => 1);
    const getting = aware().extend({ retry: { calculateDelay } }).get(there.url()).text();
    await there.requests(1);
    network.down();
    await there.ended(1);
    network.up();
    expect(await getting).toBe('tea');
    expect(calculateDelay).toHaveBeenCalledTimes(1);
    expect(calculateDelay).toHaveBeenCalledWith(expect.objectContaining({ attemptCount: 1 }));
  });

  it("keeps to got's rules where they are enforced", async () => {
    const there = await serve((response) => response.writeHead(418).end());
    const retry = { enforceRetryRules: true, calculateDelay: () => 1 };
    await expect(aware().extend({ retry }).get(there.url())).rejects.toBeInstanceOf(HTTPError);
    expect(there.asked).toHaveLength(1);
  });

  it("sends by the user's own request function", async () => {
    const there = await serve(fromThe(1));
    const send = vi.fn();
    await aware().extend({ request: send }).get(there.url());
    expect(send).toHaveBeenCalledTimes(1);
  });

  it('follows redirects', async () => {
    const there = await serve((response, asked) => {
      if (asked.path === '/old') response.writeHead(302, { Location: '/new' }).end('moved');
      else response.end(asked.path);
    });
    expect(await aware().get(there.url('/old')).text()).toBe('/new');
  });

  it.each([
    ['a POST', () => 'b'],
    ['a POST of a stream', () => Readable.from([Buffer.from('b')])],
  ])('sends %s once, when there is a way, and does not end it', async (_name, body) => {
    let answer = () => {};
    const there = await serve((response) => {
      answer = () => response.end('done');
    });
    network.down();
    const posting = aware().post(there.url(), { body: body() }).text();
    await turn();
    expect(there.asked).toHaveLength(0);
    network.up();
    await there.requests(1);
    network.down();
    await turn();
    answer();
    expect(await posting).toBe('done');
  });

  it('repeats a POST that was not sent because of an outage', async () => {
    const there = await serve(fromThe(1));
    network.downUnnoticed('no-carrier');
    const port = await deadPort();
    const posting = aware().post(`http://127.0.0.1:${port}/`, { body: 'b', hooks: redirectRetryTo(there.url()) });
    await vi.waitUntil(() => network.state === 'down');
    network.up();
    expect((await posting).body).toBe('{"a":1}');
  });

  it("keeps to got's rules about an answer that comes although the network is said to be down", async () => {
    const there = await serve((response, _asked, count) => {
      if (count === 1) network.down();
      response.writeHead(count === 1 ? 503 : 200).end('{}');
    });
    const onPause = vi.fn(() => setImmediate(() => network.up()));
    const getting = aware({ interruptAfter: Number.POSITIVE_INFINITY, onPause }).get(there.url());
    expect((await getting).retryCount).toBe(1);
    expect(there.asked).toHaveLength(2);
  });

  it('leaves a socket of this machine alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netpause-got-'));
    const here = createServer((_request, response) => response.end('here'));
    try {
      await new Promise<void>((resolve) => here.listen(join(folder, 'socket'), resolve));
      network.down();
      const getting = aware().get(`http://unix:${join(folder, 'socket')}:/`, { enableUnixSockets: true });
      expect(await getting.text()).toBe('here');
    } finally {
      here.closeAllConnections();
      here.close();
      await rm(folder, { recursive: true });
    }
  });

  it('gives up as got does where nobody is there', async () => {
    const getting = aware().get(`http://127.0.0.1:${await deadPort()}/`);
    await expect(getting).rejects.toMatchObject({ code: 'ECONNREFUSED', constructor: RequestError });
  });

  it('gives up with the error of the request when a pause lasts longer than maxPause', async () => {
    const there = await serve(() => {});
    const getting = aware({ ...quick, maxPause: 1 }).get(there.url());
    await there.requests(1);
    network.down();
    await expect(getting).rejects.toBeInstanceOf(RequestError);
    expect(there.asked).toHaveLength(1);
  });

  it("keeps got's own timeouts, which do not run while it waits", async () => {
    const there = await serve(fromThe(2));
    network.down();
    const getting = aware()
      .get(there.url(), { timeout: { request: 100 } })
      .json();
    await turn();
    network.up();
    expect(await getting).toEqual({ a: 1 });
    expect(there.asked).toHaveLength(2);
  });

  it.each([
    ['parked', () => network.down(), 0],
    ['in flight', () => {}, 1],
  ])('is ended at once while it is %s, by a signal or cancel()', async (_name, prepare, requests) => {
    const there = await serve(() => {});
    prepare();
    const caller = new AbortController();
    const bySignal = aware({}).get(there.url(), { signal: caller.signal });
    const byCancel = aware({}).get(there.url());
    await there.requests(2 * requests);
    await turn();
    caller.abort();
    byCancel.cancel();
    await expect(bySignal).rejects.toMatchObject({ name: 'AbortError' });
    await expect(byCancel).rejects.toMatchObject({ name: 'CancelError' });
    await there.ended(2 * requests);
  });

  it('parks a stream, and ends it when the network is lost', async () => {
    const there = await serve((response) => response.write('half'));
    network.down();
    const stream = aware().stream(there.url());
    await turn();
    expect(there.asked).toHaveLength(0);
    network.up();
    const reading = text(stream);
    await there.requests(1);
    await turn();
    network.down();
    await expect(reading).rejects.toBeInstanceOf(RequestError);
    expect(there.asked).toHaveLength(1);
  });

  it('makes a stream again for those who listen to its retry event', async () => {
    const there = await serve(fromThe(2));
    const again = new Promise<Readable>((resolve) => {
      const stream = aware().stream(there.url());
      stream.on('retry', (_count: number, _error: Error, create: () => Readable) => resolve(create()));
      stream.on('error', () => {});
    });
    await there.requests(1);
    network.down();
    await there.ended(1);
    network.up();
    expect(await text(await again)).toBe('{"a":1}');
  });

  it('gives a stream as got does', async () => {
    const there = await serve(fromThe(1));
    expect(await text(aware().stream(there.url()))).toBe('{"a":1}');
  });

  it('refuses an unknown option', () => {
    expect(() => Reflect.apply(networkAwareGot, undefined, [network, { limit: 3 }])).toThrow(InvalidOptionError);
  });
});

/** Where the way was lost nobody listens; when it is back somebody does. */
function redirectRetryTo(url: string) {
  return {
    beforeRetry: [
      ({ request }: RequestError) => {
        if (request !== undefined) request.options.url = new URL(url);
      },
    ],
  };
}
