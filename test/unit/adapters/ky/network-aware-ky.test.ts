import ky, { HTTPError, type KyInstance } from 'ky';
import { describe, expect, it, vi } from 'vitest';
import { type KyOptions, networkAwareKy } from '../../../../src/adapters/ky/index.js';
import { AttemptTimeoutError, InvalidOptionError, NetworkDownError } from '../../../../src/errors/index.js';
import { type Answer, turn } from '../http-server.js';
import { answerFrom, network, serve } from '../http-setting.js';

const quick = { interruptAfter: 1 };

const fromThe = (n: number): Answer => answerFrom(n, (response) => response.end('{"a":1}'));

const atOnce = { delay: () => 1 };

function aware(options: KyOptions = quick): KyInstance {
  return ky.create({ ...networkAwareKy(network, options), retry: { limit: 2, ...atOnce } });
}

describe('networkAwareKy', () => {
  it('sends nothing while the network is down, and sends when it is back', async () => {
    const there = await serve(fromThe(1));
    network.down();
    const getting = aware().get(there.url()).json();
    await turn();
    expect(there.asked).toHaveLength(0);
    network.up();
    expect(await getting).toEqual({ a: 1 });
  });

  it('repeats what an outage has cost, body and all, unseen by ky', async () => {
    const there = await serve(fromThe(2));
    const beforeRetry = vi.fn();
    const client = aware().extend({ retry: 0, hooks: { beforeRetry: [beforeRetry] } });
    const putting = client.put(there.url(), { json: { b: 2 } }).json();
    await there.requests(1);
    network.down();
    await there.ended(1);
    network.up();
    expect(await putting).toEqual({ a: 1 });
    expect(there.asked).toMatchObject(
      [1, 2].map(() => ({ body: '{"b":2}', headers: { 'content-type': 'application/json' } })),
    );
    expect(beforeRetry).not.toHaveBeenCalled();
  });

  it('leaves statuses to ky, and asks once for each of its tries', async () => {
    const there = await serve((response) => response.writeHead(503).end());
    await expect(aware().get(there.url())).rejects.toBeInstanceOf(HTTPError);
    expect(there.asked).toHaveLength(3);
  });

  it('leaves failures of a network that is well to ky', async () => {
    const there = await serve((response, _asked, count) => (count < 3 ? response.destroy() : response.end('ok')));
    expect(await aware().get(there.url()).text()).toBe('ok');
    expect(there.asked).toHaveLength(3);
  });

  it('sends a POST once, when there is a way', async () => {
    const there = await serve((response) => response.destroy());
    network.down();
    const posting = aware().post(there.url(), { json: {} });
    await turn();
    network.up();
    await expect(posting).rejects.toThrow('fetch failed');
    expect(there.asked).toHaveLength(1);
  });

  it('waits out an outage that is longer than the timeout, which holds for each attempt', async () => {
    const there = await serve(() => {});
    const client = aware({ ...quick, timeout: 50 }).extend({ retry: 0 });
    network.down();
    const getting = client.get(there.url());
    const settled = vi.fn();
    getting.then(settled, settled);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(settled).not.toHaveBeenCalled();
    network.up();
    await expect(getting).rejects.toBeInstanceOf(AttemptTimeoutError);
  });

  it('never restarts an answer whose headers are handed over', async () => {
    const there = await serve((response) => response.write('half'));
    const reading = (await aware().get(there.url())).text();
    await turn();
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
    const getting = aware({}).get(there.url(), { signal: caller.signal, retry: 0 });
    await there.requests(requests);
    await turn();
    caller.abort(new Error('enough'));
    await expect(getting).rejects.toThrow('enough');
    await there.ended(requests);
  });

  it('refuses an unknown option', () => {
    expect(() => Reflect.apply(networkAwareKy, undefined, [network, { limit: 3 }])).toThrow(InvalidOptionError);
  });
});
