import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { checkPingOptions, Pinger, probePing } from '../../../../src/probes/ping/index.js';
import { FakeMonitor } from '../fake-monitor.js';

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function listen(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  closers.push(() => server.close());
  await once(server, 'listening');
  const { port }: AddressInfo = Object(server.address());
  return port;
}

const withoutFfi = () => new Pinger(() => Promise.resolve({ supported: false, reason: 'koffi could not be loaded' }));

describe('the options of a ping', () => {
  it.each([
    { count: 0 },
    { count: 10_001 },
    { count: 1.5 },
    { interval: 0 },
    { timeout: 2 ** 31 },
    { family: 5 },
    { payloadSize: 65_508 },
    { payloadSize: -1 },
    { dontFragment: 'yes' },
    { ttl: 0 },
    { ttl: 256 },
    { dscp: 64 },
    { source: 'localhost' },
    { source: 'fe80::1%eth0' },
    { source: '192.0.2.1', family: 6 },
    { interface: '' },
    { interface: 'a-name-too-long-for-it' },
    { interface: 'a/b' },
    { mark: -1 },
    { maxLoss: 1.1 },
    { maxRtt: -1 },
    { fallback: 'udp' },
    { port: 0 },
    { packets: 3 },
  ])('are refused where they are wrong: %j', (options) => {
    expect(() => checkPingOptions(Object(options))).toThrow(InvalidOptionError);
  });

  it('are accepted at their bounds', () => {
    const options = { count: 10_000, interval: 1, payloadSize: 65_507, ttl: 255, dscp: 63, maxLoss: 0 };
    checkPingOptions({
      ...options,
      maxRtt: Number.POSITIVE_INFINITY,
      source: '2001:db8::1',
      family: 6,
      interface: 'eth0.1',
    });
  });

  it.each(['', 'a b', 'http://', '192.0.2.1:0', '-x'])('need a target that is one, unlike %j', async (target) => {
    await expect(probePing(target)).rejects.toThrow(InvalidOptionError);
  });

  it('need a port for the fallback', async () => {
    await expect(probePing('127.0.0.1', { fallback: 'tcp' })).rejects.toThrow(InvalidOptionError);
  });
});

describe('a ping without a foreign function interface', () => {
  it('is inconclusive, and says why', async () => {
    const monitor = new FakeMonitor();
    const result = await withoutFfi().probe('127.0.0.1', {}, { monitor });
    expect(result).toMatchObject({
      probe: 'ping',
      target: '127.0.0.1',
      address: '127.0.0.1',
      status: 'inconclusive',
      failureSource: 'local',
      reason: 'unsupported',
      samples: [],
    });
    expect(result.message).toContain('koffi could not be loaded');
    expect(monitor.listeners).toBe(0);
  });

  it('measures TCP handshakes where that is asked for', async () => {
    const port = await listen();
    const result = await withoutFfi().probe('127.0.0.1', { fallback: 'tcp', port, count: 3, interval: 1 });
    expect(result).toMatchObject({
      status: 'ok',
      facts: { method: 'tcp', sent: 3, received: 3, loss: 0, clock: 'process' },
    });
    expect(result.samples.length).toBe(3);
    for (const sample of result.samples) expect(sample).toBeGreaterThan(0);
  });

  it('takes the port from the target', async () => {
    const port = await listen();
    const result = await withoutFfi().probe(`127.0.0.1:${port}`, { fallback: 'tcp', count: 1 });
    expect(result).toMatchObject({ status: 'ok', facts: { method: 'tcp', received: 1 } });
  });

  it('counts a refusal as an answer', async () => {
    const port = await listen();
    for (const close of closers.splice(0)) close();
    const result = await withoutFfi().probe('127.0.0.1', { fallback: 'tcp', port, count: 2, interval: 1 });
    expect(result).toMatchObject({ status: 'ok', facts: { method: 'tcp', sent: 2, received: 2 } });
  });
});

describe('the address of a ping', () => {
  it('comes from the resolver that the caller gives', async () => {
    const resolve = async () => ({ addresses: ['127.0.0.9'] });
    const port = await listen();
    const result = await withoutFfi().probe('a.example', { fallback: 'tcp', port, count: 1 }, { resolve });
    expect(result.address).toBe('127.0.0.9');
    expect(result.timings.resolve).toBeGreaterThanOrEqual(0);
  });

  it('that cannot be found is the resolver’s failure', async () => {
    const notFound = Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND', syscall: 'queryA' });
    const result = await withoutFfi().probe('a.example', {}, { resolve: () => Promise.reject(notFound) });
    expect(result).toMatchObject({ status: 'failed', failureSource: 'resolver', reason: 'name-not-found' });
    const strange = await withoutFfi().probe('a.example', {}, { resolve: () => Promise.reject(new Error('?')) });
    expect(strange).toMatchObject({ status: 'failed', failureSource: 'resolver', reason: 'resolver-failed' });
  });

  it('of the wrong family is inconclusive', async () => {
    const result = await withoutFfi().probe('127.0.0.1', { family: 6 });
    expect(result).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'no-address' });
  });

  it.each(['0.0.0.0', '224.0.0.1', '255.255.255.255', '::', 'ff02::1', '::ffff:127.0.0.1', 'nothing'])(
    'has to be that of one host, unlike %s',
    async (address) => {
      const resolve = async () => ({ addresses: [address] });
      const result = await withoutFfi().probe('a.example', { fallback: 'tcp', port: 9, count: 1 }, { resolve });
      expect(result).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'no-address' });
      expect(result.message).toContain(address);
    },
  );

  it('of one link alone needs to be told which', async () => {
    const result = await withoutFfi().probe('fe80::1');
    expect(result).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'no-interface' });
    expect((await withoutFfi().probe('fe80::1', { interface: 'lo' })).reason).toBe('unsupported');
  });

  it('is missing where the resolver has none', async () => {
    const result = await withoutFfi().probe('a.example', {}, { resolve: async () => ({ addresses: [] }) });
    expect(result).toMatchObject({ reason: 'no-address', message: 'a.example has no address' });
  });

  it('is of the family of the source', async () => {
    const resolve = async () => ({ addresses: ['2001:db8::1', '127.0.0.9'] });
    const result = await withoutFfi().probe('a.example', { source: '127.0.0.1' }, { resolve });
    expect(result.address).toBe('127.0.0.9');
  });
});

describe('a ping that is aborted', () => {
  it('rejects with the reason, before it begins and on its way, also where the resolver does not care', async () => {
    const reason = new Error('enough');
    await expect(probePing('127.0.0.1', {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const resolve = () => {
      controller.abort(reason);
      return new Promise<never>(() => {});
    };
    await expect(probePing('a.example', {}, { signal: controller.signal, resolve })).rejects.toBe(reason);
  });
});

describe('a pinger that is closed', () => {
  it('has nothing to say any more', async () => {
    const pinger = new Pinger();
    pinger.close();
    pinger.close();
    const result = await pinger.probe('127.0.0.1');
    expect(result).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'closed' });
  });
});
