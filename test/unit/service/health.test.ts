import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../src/errors/index.js';
import {
  type HealthHandler,
  livenessHandler,
  livenessReport,
  readinessHandler,
  readinessReport,
} from '../../../src/service/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';

const network = new SimulatedNetwork();
let server: Server | undefined;

afterEach(() => {
  server?.close();
  server = undefined;
  network.up();
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

async function ask(handler: HealthHandler, method = 'GET'): Promise<Answer> {
  server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: address.port, method, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    })
      .on('error', reject)
      .end();
  });
}

describe('liveness', () => {
  it('passes in every state of the network: a restart would mend nothing', async () => {
    for (const change of [() => network.down(), () => network.degraded(), () => network.up()]) {
      change();
      expect(livenessReport(network)).toEqual({
        status: 'pass',
        network: { state: network.state, reason: network.reason },
      });
    }
    network.down();
    expect(await ask(livenessHandler(network))).toMatchObject({ status: 200 });
  });
});

describe('readiness', () => {
  it('fails while the network is down, and in no other state', async () => {
    network.down('no-carrier');
    expect(await ask(readinessHandler(network))).toMatchObject({
      status: 503,
      body: '{"status":"fail","network":{"state":"down","reason":"no-carrier"}}',
    });
    network.degraded();
    expect(readinessReport(network).status).toBe('pass');
    expect(readinessReport(new SimulatedNetwork({ state: 'unknown' })).status).toBe('pass');
  });

  it('fails in the states that are chosen', () => {
    network.down();
    expect(readinessReport(network, { unreadyIn: [] }).status).toBe('pass');
    network.degraded();
    expect(readinessReport(network, { unreadyIn: ['degraded', 'down'] }).status).toBe('fail');
  });

  it('fails as soon as the service is shutting down, and says so', () => {
    const stopping = new AbortController();
    expect(readinessReport(network, { stopping: stopping.signal })).not.toHaveProperty('cause');
    stopping.abort();
    expect(readinessReport(network, { stopping: stopping.signal })).toMatchObject({
      status: 'fail',
      cause: 'shutting-down',
      network: { state: 'up' },
    });
  });

  it('refuses options that do not exist, before anybody asks', () => {
    // @ts-expect-error: no such state
    expect(() => readinessHandler(network, { unreadyIn: ['sideways'] })).toThrow(InvalidOptionError);
    // @ts-expect-error: no such option
    expect(() => readinessHandler(network, { failOn: ['down'] })).toThrow(InvalidOptionError);
  });
});

describe('the body', () => {
  it('tells what a monitor knows, without the names and addresses of anything', () => {
    const snapshot = {
      state: 'degraded',
      reason: 'partly-unreachable',
      since: Date.UTC(2025, 10, 21, 11, 48),
      source: 'netlink',
      ffi: 'koffi',
      egress: { ifIndex: 2, interface: 'eth0', gateway: '192.0.2.1', source: '192.0.2.10' },
      checks: [
        { host: 'https://user:secret@status.example.com/', port: 443, reachable: true, duration: 3 },
        { host: '192.0.2.53', port: 53, reachable: false, duration: 3_000, error: 'ETIMEDOUT' },
      ],
    } as const;
    const { state, reason } = snapshot;
    expect(livenessReport({ state, reason, snapshot: () => snapshot })).toEqual({
      status: 'pass',
      network: {
        state: 'degraded',
        reason: 'partly-unreachable',
        since: '2025-11-21T11:48:00.000Z',
        source: 'netlink',
        checks: { reachable: 1, total: 2 },
      },
    });
  });
});

describe('a handler', () => {
  it('answers GET with JSON that is not to be cached', async () => {
    const { status, headers, body } = await ask(livenessHandler(network));
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(body.length),
      'cache-control': 'no-store',
    });
    expect(JSON.parse(body)).toEqual(livenessReport(network));
  });

  it('answers HEAD alike, without the body', async () => {
    network.down();
    const get = await ask(readinessHandler(network));
    const head = await ask(readinessHandler(network), 'HEAD');
    expect(head.status).toBe(503);
    expect(head.headers).toMatchObject({
      'content-length': String(get.body.length),
      'cache-control': 'no-store',
    });
    expect(head.body).toBe('');
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    const { status, headers, body } = await ask(livenessHandler(network), method);
    expect({ status, allow: headers['allow'], body }).toEqual({ status: 405, allow: 'GET, HEAD', body: '' });
  });
});
