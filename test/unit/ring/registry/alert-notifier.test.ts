import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { Retryer } from '../../../../src/retry/index.js';
import type { AlertEvent } from '../../../../src/ring/expected/index.js';
import { readExpectedMembers } from '../../../../src/ring/expected/index.js';
import { AlertNotifier } from '../../../../src/ring/registry/alert-notifier.js';
import { createRegistry } from '../../../../src/ring/registry/index.js';
import { SimulatedNetwork } from '../../../../src/testing/index.js';
import { until } from '../../../lab/bounded.js';

const RETRYER = new Retryer({ retries: 10, minTimeout: 1, maxTimeout: 1, waitForNetwork: false });

describe('webhooks', () => {
  let server: Server;
  let url: string;
  let answers: number[];
  const heard: { readonly body: unknown; readonly headers: IncomingHttpHeaders }[] = [];
  const errors: Error[] = [];

  beforeEach(async () => {
    [answers, heard.length, errors.length] = [[], 0, 0];
    server = createServer(async (request, response) => {
      heard.push({ body: JSON.parse(await text(request)), headers: request.headers });
      const status = answers.shift() ?? 204;
      response.writeHead(status, status === 302 ? { location: url } : {}).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/hook?token=s3cret-in-the-url`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
  });

  it('are told in JSON, with what their operator wants in the header', async () => {
    const notifier = opened({ authorization: 'Bearer s3cret' });
    await notifier.notify(event('raised', 'a'));
    expect(heard).toMatchObject([
      {
        headers: { 'content-type': 'application/json', authorization: 'Bearer s3cret' },
        body: {
          event: 'raised',
          at: 1_700_000_100,
          source: 'netring',
          key: 'error:location:a',
          level: 'error',
          message: 'a lacks 1 of 2 members',
          raised_at: 1_700_000_000,
          location: 'a',
          criticality: 'high',
          missing_count: 1,
        },
      },
    ]);
  });

  it('are told again until they accept it, and of one thing after another', async () => {
    answers = [503, 429, 500, 200, 502, 200];
    const notifier = opened();
    await Promise.all(['a', 'b', 'c'].map((location) => notifier.notify(event('raised', location))));
    expect(keys()).toEqual(['a', 'a', 'a', 'a', 'b', 'b', 'c'].map((location) => `error:location:${location}`));
    expect(errors).toEqual([]);
  });

  it('are not asked again what they have refused, nor followed elsewhere, and no error shows a secret', async () => {
    answers = [401, 404, 302];
    const notifier = opened({ authorization: 'Bearer s3cret' });
    for (const location of ['a', 'b']) await notifier.notify(event('raised', location));
    await notifier.notify(event('raised', 'c'));
    expect(keys()).toHaveLength(3);
    expect(errors.map(({ message }) => message)).toEqual(
      [401, 404, 302].map((status) => `a webhook answered with status ${status}`),
    );
    server.closeAllConnections();
    server.close();
    await notifier.notify(event('raised', 'd'));
    expect(errors).toHaveLength(4);
    for (const error of errors)
      expect(`${error.stack} ${error.cause} ${JSON.stringify(error)}`).not.toContain('s3cret');
  });

  it('hold each other up in nothing', async () => {
    const retryer = new Retryer({ retries: 10, minTimeout: 60_000, waitForNetwork: false });
    answers = [503];
    const notifier = new AlertNotifier([{ url }, { url }], retryer, (error) => errors.push(error));
    let isDone = false;
    void notifier.notify(event('raised', 'a')).then(() => {
      isDone = true;
    });
    await waited(() => heard.length === 2);
    void notifier.notify(event('raised', 'b'));
    await waited(() => heard.length === 3);
    expect(isDone).toBe(false);
    notifier.close();
  });

  it('are told of a thousand things at most that wait', async () => {
    let open = (): void => {};
    const opening = new Promise<void>((resolve) => {
      open = resolve;
    });
    server.removeAllListeners('request');
    server.on('request', async (request, response) => {
      heard.push({ body: JSON.parse(await text(request)), headers: request.headers });
      await opening;
      response.end();
    });
    const notifier = opened();
    const all = Array.from({ length: 1_010 }, (_, index) => notifier.notify(event('raised', `${index}`)));
    await waited(() => heard.length === 1);
    open();
    await Promise.all(all);
    expect(keys()).toHaveLength(1_001);
    expect(keys().slice(0, 2)).toEqual(['error:location:0', 'error:location:10']);
    expect(errors).toHaveLength(9);
  });

  it('are not waited for where nobody can be reached, and are told again when that is over', async () => {
    const network = new SimulatedNetwork();
    const retryer = new Retryer({ network, interruptAfter: 1, minTimeout: 1 });
    server.removeAllListeners('request');
    const silent = once(server, 'request');
    const notifier = new AlertNotifier([{ url }], retryer, (error) => errors.push(error));
    const told = notifier.notify(event('raised', 'a'));
    const [request] = await silent;
    const brokenOff = once(request.socket, 'close');
    network.down();
    await brokenOff;
    server.on('request', (_request, response) => response.end());
    network.up();
    await told;
    expect(errors).toEqual([]);
  });

  it('are told nothing after the end', async () => {
    answers = [503];
    const retryer = new Retryer({ retries: 10, minTimeout: 60_000, waitForNetwork: false });
    const notifier = new AlertNotifier([{ url }], retryer, (error) => errors.push(error));
    void notifier.notify(event('raised', 'a'));
    void notifier.notify(event('raised', 'b'));
    await waited(() => heard.length === 1);
    notifier.close();
    void notifier.notify(event('raised', 'c'));
    expect(errors).toEqual([]);
    expect(heard).toHaveLength(1);
  });

  it.each([
    ['another scheme', { url: 'file:///s3cret' }],
    ['a password', { url: 'http://user:s3cret@127.0.0.1/' }],
    ['a header that is none', { url: 'http://127.0.0.1/s3cret', headers: { authorization: 'Bearer\ns3cret' } }],
    ['a header of another type', { url: 'http://127.0.0.1/s3cret', headers: { authorization: ['s3cret'] } }],
    ['nothing', null],
  ])('are refused with %s, without showing it', async (_what, webhook) => {
    const options = { port: 0, expected: EXPECTED, webhooks: [webhook] };
    const refused = await Reflect.apply(createRegistry, undefined, [options]).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InvalidOptionError);
    expect(String(refused)).toMatch(/createRegistry: webhooks must be/);
    expect(JSON.stringify(refused) + String(refused)).not.toContain('s3cret');
  });

  function opened(headers?: Readonly<Record<string, string>>): AlertNotifier {
    return new AlertNotifier([{ url, headers }], RETRYER, (error) => errors.push(error));
  }

  function keys(): unknown[] {
    return heard.map(({ body }) => Reflect.get(Object(body), 'key'));
  }
});

const EXPECTED = readExpectedMembers({
  expected_members: { locations: { dc1: { expected_count: 1, criticality: 'high' } } },
});

function event(what: AlertEvent['event'], location: string): AlertEvent {
  return {
    event: what,
    at: 1_700_000_100_000,
    alert: {
      key: `error:location:${location}`,
      level: 'error',
      about: 'location',
      message: `${location} lacks 1 of 2 members`,
      raisedAt: 1_700_000_000_000,
      missing: 1,
      location,
      criticality: 'high',
    },
  };
}

async function waited(condition: () => boolean): Promise<void> {
  await until(condition, () => String(condition));
}
