import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { loadNative } from '../../../../native/index.js';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { checkTraceOptions, longestTrace, probeTrace } from '../../../../src/probes/trace/index.js';
import { traceBy } from '../../../../src/probes/trace/probe-trace.js';
import { lookUpNames } from '../../../../src/probes/trace/reverse-names.js';
import { TraceEngine } from '../../../../src/probes/trace/trace-engine.js';
import { answerTo, CleanUps, serveUdp } from '../dns/name-server.js';
import { FakeMonitor } from '../fake-monitor.js';

const cleanUps = new CleanUps();

afterEach(() => cleanUps.run());

describe('the options of a trace', () => {
  it.each([
    { method: 'sctp' },
    { port: 0 },
    { port: 65_536 },
    { method: 'icmp', port: 80 },
    { maxHops: 0 },
    { maxHops: 256 },
    { rounds: 0 },
    { rounds: 101 },
    { interval: -1 },
    { timeout: 0 },
    { flows: 0 },
    { flows: 17 },
    { keepFlow: false },
    { method: 'tcp', keepFlow: false, flows: 2 },
    { sourcePort: 80 },
    { sourcePort: 64_001 },
    { family: 5 },
    { source: 'localhost' },
    { source: 'fe80::1%eth0' },
    { source: '192.0.2.1', family: 6 },
    { interface: '' },
    { interface: 'a/b' },
    { mark: -1 },
    { dscp: 64 },
    { names: 'yes' },
    { hops: 3 },
  ])('are refused where they are wrong: %j', (options) => {
    expect(() => checkTraceOptions(Object(options))).toThrow(InvalidOptionError);
  });

  it('are accepted at their bounds', () => {
    checkTraceOptions({});
    checkTraceOptions({ maxHops: 255, rounds: 100, flows: 16, interval: 0, timeout: 2 ** 31 - 1, sourcePort: 64_000 });
    checkTraceOptions({ method: 'tcp', keepFlow: false, port: 65_535, source: '2001:db8::1', family: 6, names: true });
  });

  it.each([
    ['', {}],
    ['a b', {}],
    ['http://', {}],
    ['192.0.2.1:0', {}],
    ['192.0.2.1:80', { method: 'icmp' as const }],
  ])('need a target that is one, unlike %j', async (target, options) => {
    await expect(probeTrace(target, options)).rejects.toThrow(InvalidOptionError);
  });

  it('say how long it may take', () => {
    expect(longestTrace({})).toBeGreaterThan(90_000);
    expect(longestTrace({ names: true })).toBe(longestTrace({}) + 2_000);
    expect(longestTrace({ timeout: 2 ** 31 - 1 })).toBe(2 ** 31 - 1);
  });
});

describe('a trace without a foreign function interface', () => {
  it('is inconclusive, and says why', async () => {
    const engine = new TraceEngine(() => Promise.resolve({ supported: false, reason: 'koffi could not be loaded' }));
    const monitor = new FakeMonitor();
    const result = await traceBy(engine, '127.0.0.1', {}, { monitor });
    expect(result).toMatchObject({
      probe: 'trace',
      status: 'inconclusive',
      failureSource: 'local',
      reason: 'unsupported',
      address: '127.0.0.1',
      facts: { hops: [], sent: 0 },
    });
    expect(result.message).toContain('koffi could not be loaded');
  });
});

describe('a trace to this host itself', () => {
  it.each(
    ['127.0.0.1', '::1'].flatMap((target) => (['udp', 'tcp'] as const).map((method) => [target, method] as const)),
  )('reaches %s at the first hop, by %s', async (target, method) => {
    const result = await probeTrace(target, { method, port: 1, rounds: 2 });
    expect(result).toMatchObject({ status: 'ok', address: target, facts: { distance: 1, sent: 2, received: 2 } });
    expect(result.samples.length).toBe(2);
    for (const rtt of result.samples) expect(rtt).toBeGreaterThan(0);
  });

  it('takes the answer of a service for an arrival', async () => {
    const server = await serveUdp(cleanUps, (_, send) => send(Buffer.from('hello')));
    const result = await probeTrace(server);
    expect(result).toMatchObject({ status: 'ok', facts: { distance: 1, sent: 3, received: 3 } });
  });

  it('is not deceived by one who listens and says nothing', async () => {
    const server = await serveUdp(cleanUps, () => {});
    const result = await probeTrace(server, { timeout: 50, rounds: 1, maxHops: 2 });
    expect(result).toMatchObject({ status: 'failed', reason: 'timeout', facts: { reached: false, received: 0 } });
  });

  it('is not deceived by somebody else on the same port', async () => {
    const server = await serveUdp(cleanUps, () => {});
    const other = createSocket('udp4');
    cleanUps.add(() => other.close());
    other.bind(0, '127.0.0.2');
    await once(other, 'listening');
    const tracing = probeTrace(server, { timeout: 50, rounds: 1, maxHops: 2, sourcePort: 40_000 });
    other.send('hello', 40_000, '127.0.0.1');
    expect((await tracing).facts.received).toBe(0);
  });

  it.each(['224.0.0.1', '255.255.255.255', '0.0.0.0', 'ff02::1', '::', '::ffff:127.0.0.1'])(
    'is not for %s, where no one host answers',
    async (target) => {
      for (const method of ['udp', 'icmp', 'tcp'] as const) {
        const result = await probeTrace(target, { method });
        expect(result).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'no-address' });
      }
    },
  );

  it('needs to be told the interface where an address is of one link alone', async () => {
    const result = await probeTrace('fe80::1');
    expect(result).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'no-interface' });
    await expect(probeTrace('fe80::1%lo')).rejects.toThrow(InvalidOptionError);
  });

  it('asks IPv4 where there is no IPv6 address that it can ask', async () => {
    const resolve = () => Promise.resolve({ addresses: ['::ffff:127.0.0.1', '127.0.0.1'] });
    const result = await probeTrace('host.example', { rounds: 1 }, { resolve });
    expect(result).toMatchObject({ status: 'ok', address: '127.0.0.1' });
  });

  it('says where a name has no address of the family', async () => {
    const resolve = () => Promise.resolve({ addresses: [] });
    const result = await probeTrace('host.example', {}, { resolve });
    expect(result).toMatchObject({ reason: 'no-address', message: 'host.example has no address' });
    expect(await probeTrace('127.0.0.1', { family: 6 })).toMatchObject({
      message: '127.0.0.1 has no address of IPv6',
    });
  });

  it('can be under way many times at once to one target, from a port each', async () => {
    const server = await serveUdp(cleanUps, () => {});
    const options = { timeout: 50, rounds: 1, maxHops: 1, flows: 2 };
    const results = await Promise.all(Array.from({ length: 40 }, () => probeTrace(server, options)));
    for (const { status, facts } of results) expect([status, facts.asked]).toEqual(['failed', 1]);
    const ids = results.flatMap(({ facts }) => facts.flows.map(({ id }) => id));
    expect(new Set(ids).size).toBe(80);
  });

  it('has the same flow while another is under way by the other family', async () => {
    const silent = createSocket('udp6');
    cleanUps.add(() => silent.close());
    silent.bind(0, '::1');
    await once(silent, 'listening');
    const servers = [await serveUdp(cleanUps, () => {}), `[::1]:${silent.address().port}`];
    const options = { timeout: 50, rounds: 1, maxHops: 1, sourcePort: 45_000 };
    const results = await Promise.all(servers.map((server) => probeTrace(server, options)));
    expect(results.map(({ facts }) => facts.flows[0]?.id)).toEqual([45_000, 45_000]);
  });

  it('sends nothing once the signal has aborted', async () => {
    let received = 0;
    const server = await serveUdp(cleanUps, () => {
      received += 1;
    });
    const ending = new AbortController();
    const engine = new TraceEngine(() => {
      ending.abort(new Error('enough'));
      return loadNative();
    });
    await expect(traceBy(engine, server, {}, { signal: ending.signal })).rejects.toThrow('enough');
    const result = await probeTrace(server, { timeout: 50, rounds: 1, maxHops: 1 });
    expect(result.facts.asked).toBe(1);
    expect(received).toBe(1);
  });

  it('resolves names as it is told, and reports what they stand for', async () => {
    const resolve = () => Promise.resolve({ addresses: ['127.0.0.1'] });
    const result = await probeTrace('host.example', { rounds: 1 }, { resolve });
    expect(result).toMatchObject({ status: 'ok', target: 'host.example', address: '127.0.0.1' });
    expect(result.timings.resolve).toBeGreaterThanOrEqual(0);
    expect(result.timings.trace).toBeGreaterThanOrEqual(0);
  });

  it('fails for a name that there is not', async () => {
    const missing = Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND', syscall: 'queryA' });
    const result = await probeTrace('host.example', {}, { resolve: () => Promise.reject(missing) });
    expect(result).toMatchObject({ status: 'failed', failureSource: 'resolver', reason: 'name-not-found' });
  });

  it('ends with the reason of the signal', async () => {
    const server = await serveUdp(cleanUps, () => {});
    const ending = new AbortController();
    const tracing = probeTrace(server, {}, { signal: ending.signal });
    setImmediate(() => ending.abort(new Error('enough')));
    await expect(tracing).rejects.toThrow('enough');
    await expect(probeTrace(server, {}, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  });

  it('leaves nothing open, also where it was ended in the middle', async () => {
    const server = await serveUdp(cleanUps, () => {});
    await probeTrace(server, { rounds: 1, maxHops: 1, timeout: 1 });
    const open = () => readdirSync('/proc/self/fd').length;
    const turns = async () => {
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    };
    await turns();
    const before = open();
    const ending = new AbortController();
    const tracing = (['udp', 'tcp'] as const).flatMap((method) =>
      Array.from({ length: 10 }, () => probeTrace(server, { method, flows: 2 }, { signal: ending.signal })),
    );
    const settled = Promise.allSettled(tracing);
    setImmediate(() => ending.abort(new Error('enough')));
    await settled;
    await turns();
    expect(open()).toBe(before);
  });

  it('is inconclusive where this host was offline', async () => {
    const server = await serveUdp(cleanUps, () => {});
    const monitor = new FakeMonitor();
    monitor.become('down', 'no-carrier');
    const result = await probeTrace(server, { timeout: 20, rounds: 1, maxHops: 1 }, { monitor });
    expect(result).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'offline' });
  });
});

describe('the names of hops', () => {
  const signal = new AbortController().signal;

  it('come from reverse DNS, where there are any', async () => {
    const server = await serveUdp(cleanUps, (query, send) => {
      const isKnown = query.includes('\x01' + '1' + '\x01' + '2');
      const answers = isKnown ? [{ type: 'PTR' as const, name: '1.2.0.192.in-addr.arpa', data: 'r1.example' }] : [];
      send(answerTo(query, answers));
    });
    const names = await lookUpNames(['192.0.2.1', '192.0.2.9', '192.0.2.1'], { signal, servers: [server] });
    expect([...names]).toEqual([['192.0.2.1', 'r1.example']]);
  });

  it('are left out where nobody answers, and when the signal aborts', async () => {
    const server = await serveUdp(cleanUps, () => {});
    const ending = new AbortController();
    const looking = lookUpNames(
      Array.from({ length: 20 }, (_, index) => `192.0.2.${index}`),
      { signal: ending.signal, servers: [server] },
    );
    setImmediate(() => ending.abort());
    expect((await looking).size).toBe(0);
    expect((await lookUpNames([], { signal })).size).toBe(0);
  });
});
