import { once } from 'node:events';
import { createServer } from 'node:http';
import { request } from 'node:https';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import type { NetworkSource } from '../../../../src/retry/index.js';
import { readExpectedMembers } from '../../../../src/ring/expected/index.js';
import { createRegistry, type RegistryOptions } from '../../../../src/ring/registry/index.js';
import { MemoryStore } from '../../../../src/store/index.js';
import { SimulatedNetwork } from '../../../../src/testing/index.js';
import { CertificateFolder } from '../../probes/http/certificates.js';
import { AskedRegistry } from './asking.js';

const [OLD, NEW, READER] = ['old-token-01234567', 'new-token-01234567', 'read-token-0123456'];
const EXPECTED = readExpectedMembers({
  expected_members: { locations: { dc1: { expected_count: 1, criticality: 'high' } } },
});
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('createRegistry', () => {
  const registries: AskedRegistry[] = [];

  afterEach(async () => {
    for (const registry of registries.splice(0)) await registry[Symbol.asyncDispose]();
  });

  it.each<readonly [string, object]>([
    ['memberTtl', { memberTtl: 999 }],
    ['reportTtl', { reportTtl: '5m' }],
    ['store', { store: {} }],
    ['expected', { expected: 'members.yaml' }],
    ['expected', { webhooks: [{ url: 'http://127.0.0.1/' }] }],
    ['expected.checkInterval', { expected: { ...EXPECTED, checkInterval: 86_400_001 } }],
    ['expected.checkInterval', { expected: { ...EXPECTED, checkInterval: Number.NaN } }],
    ['readOnly', { readOnly: true }],
    ['readOnly', { readOnly: false }],
    ['monitor', { monitor: { state: 'up' } }],
    ['onAlert', { onAlert: 'log' }],
    ['onError', { onError: true }],
    ['tokens', { host: '0.0.0.0' }],
    ['port', { port: -1 }],
    ['ttl', { ttl: 5 }],
  ])('refuses a bad %s by name', async (name, options) => {
    const refused: unknown = await Reflect.apply(createRegistry, undefined, [{ port: 0, ...options }]).catch(
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(InvalidOptionError);
    expect(String(refused)).toContain(`createRegistry: ${name} must be`);
  });

  it('shows no token and no key in an error', async () => {
    for (const options of [{ tokens: ['s3cret'] }, { readTokens: ['s3cret'] }, { tls: { cert: '', key: 's3cret' } }]) {
      const refused = await createRegistry({ port: 0, ...options }).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(InvalidOptionError);
      expect(String(refused) + JSON.stringify(refused)).not.toContain('s3cret');
    }
  });

  it('lets only those change anything who have a token, old or new', async () => {
    let tokens = [OLD, NEW];
    const registry = await started({ tokens: () => tokens, readTokens: [READER] });
    const bodies = {
      '/register': { instance_id: 'a', location: 'dc1', ip: '192.0.2.1', port: 1 },
      '/heartbeat': { instance_id: 'a' },
      '/report_metrics': { instance_id: 'a', metrics: {} },
      '/deregister': { instance_id: 'a' },
    };
    const statuses = async (headers: Readonly<Record<string, string>>) => {
      const all = [];
      for (const [path, body] of Object.entries(bodies)) all.push((await registry.post(path, body, headers)).status);
      return all;
    };
    expect(await statuses({})).toEqual([401, 401, 401, 401]);
    expect(await statuses(bearer(READER))).toEqual([401, 401, 401, 401]);
    expect(await statuses(bearer(OLD))).toEqual([200, 200, 200, 200]);
    expect(await statuses(bearer(NEW))).toEqual([200, 200, 200, 200]);
    tokens = [NEW];
    expect(await statuses(bearer(OLD))).toEqual([401, 401, 401, 401]);
    for (const path of [
      '/plain',
      '/members',
      '/matrix',
      '/metrics',
      '/events',
      '/outages',
      '/health',
      '/docs',
      '/topology',
    ]) {
      expect([path, (await registry.get(path)).status]).toEqual([path, 401]);
      if (path !== '/events') expect((await registry.get(path, bearer(READER))).status).toBe(200);
    }
    // The page holds no data, and asks for the token.
    expect((await registry.get('/')).status).toBe(200);
  });

  it('speaks TLS, and nothing else then', async () => {
    const { folder, authority } = await CertificateFolder.make();
    await using _folder = folder;
    const { key, cert } = await folder.certificate({ altNames: 'IP:127.0.0.1' });
    const registry = await started({ tls: { key, cert } });
    expect(registry.registry.url).toMatch(/^https:/);
    const status = await new Promise((resolve, reject) => {
      request(`${registry.registry.url}/health`, { ca: authority.cert, agent: false }, (response) =>
        resolve(response.statusCode),
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
    const socket = connect(registry.registry.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\n\r\n'));
    const closed = await new Promise((resolve) =>
      socket
        .on('error', () => {})
        .resume()
        .on('close', () => resolve(true)),
    );
    expect(closed).toBe(true);
  });

  it('says since when it has been offline itself', async () => {
    const monitor = new SimulatedNetwork();
    const registry = await started({ monitor, expected: EXPECTED });
    expect((await registry.get('/health')).text).not.toContain('offline_since');
    monitor.down();
    expect((await registry.get('/health')).json).toMatchObject({
      status: 'healthy',
      offline_since: expect.any(Number),
    });
    monitor.up();
    expect((await registry.get('/health')).text).not.toContain('offline_since');
    await registry[Symbol.asyncDispose]();
    expect(monitor.listeners).toBe(0);
  });

  it('calls for each alert that is raised and resolved, whatever becomes of the call', async () => {
    const expected = readExpectedMembers({
      expected_members: {
        locations: { dc1: { expected_count: 2, criticality: 'medium', grace_period: 0 } },
        settings: { check_interval: 1, location_establishment_time: 0 },
      },
    });
    const told: string[] = [];
    const registry = await started({
      expected,
      onAlert: ({ event, alert }) => {
        told.push(`${event} ${alert.key}: ${alert.missing}`);
        throw new Error('a bug of the listener');
      },
    });
    await vi.waitFor(() => expect(told).toHaveLength(1), { timeout: 10_000 });
    await registry.post('/register', { instance_id: 'a', location: 'dc1', ip: '192.0.2.1', port: 1 });
    await vi.waitFor(() => expect(told).toHaveLength(2), { timeout: 10_000 });
    expect(told).toEqual([expect.stringMatching(/^raised .*dc1: 2$/), expect.stringMatching(/^resolved .*dc1: \d$/)]);
  });

  it('goes on whatever becomes of the call that tells what went wrong', async () => {
    const statuses: number[] = [];
    const server = createServer((_request, response) => {
      statuses.push(404);
      response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const told: Error[] = [];
    const registry = await started({
      expected: readExpectedMembers({
        expected_members: {
          locations: { dc1: { expected_count: 1, criticality: 'high', grace_period: 0 } },
          settings: { check_interval: 1, location_establishment_time: 0, alerts: { critical_missing_threshold: 9 } },
        },
      }),
      webhooks: [{ url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/` }],
      onError: (error) => {
        told.push(error);
        throw new Error('a bug of the listener');
      },
    });
    await vi.waitFor(() => expect(told).toHaveLength(1), { timeout: 10_000 });
    await registry.post('/register', { instance_id: 'a', location: 'dc1', ip: '192.0.2.1', port: 1 });
    await vi.waitFor(() => expect(told).toHaveLength(2), { timeout: 10_000 });
    expect(statuses).toHaveLength(2);
    server.close();
  });

  it('takes a source of its own for a monitor that does without what may be left out', async () => {
    const monitor: NetworkSource = {
      state: 'down',
      onChange: () => () => {},
      waitForNetwork: () => new Promise(() => {}),
      report: async () => {},
    };
    const registry = await started({ monitor });
    expect((await registry.get('/health')).json).toMatchObject({ offline_since: expect.any(Number) });
  });

  it('asks those to wait that ask too often, by their address', async () => {
    const registry = await started({ rate: { perSecond: 0.1, burst: 3 } });
    const asked = [];
    for (let count = 0; count < 5; count += 1) asked.push(await registry.get('/health'));
    expect(asked.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
    expect(Number(asked.at(-1)?.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('closes its store with it, and may be closed twice', async () => {
    const store = new MemoryStore();
    const registry = await started({ store, expected: EXPECTED });
    await Promise.all([registry.registry.close(), registry.registry.close()]);
    await registry.registry.close();
    expect(store.listenerCount('change')).toBe(0);
    await expect(registry.get('/health')).rejects.toThrow();
  });

  it('fails where somebody else listens, and leaves nothing behind', async () => {
    const one = await started({});
    const monitor = new SimulatedNetwork();
    await expect(createRegistry({ port: one.registry.port, monitor, expected: EXPECTED })).rejects.toThrow(
      'EADDRINUSE',
    );
    expect(monitor.listeners).toBe(0);
  });

  async function started(options: RegistryOptions): Promise<AskedRegistry> {
    const registry = await AskedRegistry.start(options);
    registries.push(registry);
    return registry;
  }
});
