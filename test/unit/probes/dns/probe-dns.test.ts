import { type Answer, decode } from 'dns-packet';
import { afterEach, describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { probeDns } from '../../../../src/probes/dns/index.js';
import { until } from '../../../lab/bounded.js';
import { ADDRESS, answerTo, CleanUps, framed, serveTcp, serveUdp } from './name-server.js';

const cleanUps = new CleanUps();
afterEach(() => cleanUps.run());

/** A server that gives every query the same records. */
const serve = (...answers: readonly Answer[]) => serveUdp(cleanUps, (query, send) => send(answerTo(query, answers)));

describe('probeDns', () => {
  it('tells what a server answers, and how long that took', async () => {
    const server = await serve(ADDRESS, { ...ADDRESS, ttl: 60, data: '192.0.2.2' });
    const result = await probeDns('example.com', { server });
    expect(result).toMatchObject({
      probe: 'dns',
      target: 'example.com',
      status: 'ok',
      address: '127.0.0.1',
      facts: {
        question: { name: 'example.com', type: 'A' },
        server,
        transport: 'udp',
        rcode: 'NOERROR',
        rcodeNumber: 0,
        flags: { aa: false, tc: false, rd: true, ra: true, ad: false, cd: false },
        answers: [
          { name: 'example.com', type: 'A', ttl: 300, data: '192.0.2.1' },
          { name: 'example.com', type: 'A', ttl: 60, data: '192.0.2.2' },
        ],
        answerCount: 2,
        authorityCount: 0,
        additionalCount: 0,
        ttl: 60,
        responseBytes: 83,
        truncated: false,
        queries: 1,
        ignored: 0,
      },
    });
    expect(result.samples).toEqual([result.timings.query]);
    expect(result.timings.query).toBeGreaterThan(0);
    expect(result.timings.query).toBeLessThanOrEqual(result.duration);
  });

  it('sends one question of class IN, with recursion desired and EDNS', async () => {
    const queries: Buffer[] = [];
    const server = await serveUdp(cleanUps, (query, send) => {
      queries.push(query);
      send(answerTo(query, [ADDRESS]));
    });
    await probeDns('example.com', { server });
    await probeDns('example.com', { server, recursionDesired: false, dnssecOk: true, udpPayloadSize: 4_096 });
    await probeDns('example.com', { server, edns: false });
    const [usual, other, old] = queries.map((query) => decode(query));
    expect(usual).toMatchObject({
      flag_rd: true,
      flag_ad: true,
      questions: [{ name: 'example.com', type: 'A', class: 'IN' }],
      additionals: [{ type: 'OPT', udpPayloadSize: 1_232, ednsVersion: 0, flag_do: false }],
    });
    expect(other).toMatchObject({ flag_rd: false, additionals: [{ udpPayloadSize: 4_096, flag_do: true }] });
    expect(old?.additionals).toEqual([]);
  });

  it('asks from another port and with another id each time', async () => {
    const seen = new Set<string>();
    const server = await serveUdp(cleanUps, (query, send, from) => {
      seen.add(`${from.port} ${query.readUInt16BE(0)}`);
      send(answerTo(query, [ADDRESS]));
    });
    for (let index = 0; index < 8; index += 1) await probeDns('example.com', { server });
    expect(new Set([...seen].map((each) => each.split(' ')[0])).size).toBeGreaterThan(4);
    expect(new Set([...seen].map((each) => each.split(' ')[1])).size).toBeGreaterThan(4);
  });

  it.each([
    ['192.0.2.1', '1.2.0.192.in-addr.arpa'],
    ['2001:db8::567:89ab', 'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'],
    ['host.example', 'host.example'],
  ])('asks for the name of %s', async (target, name) => {
    const server = await serveUdp(cleanUps, (query, send) =>
      send(answerTo(query, [{ type: 'PTR', name, data: 'Host.example.com' }])),
    );
    const { status, facts } = await probeDns(target, { server, type: 'PTR', expect: ['host.example.com.'] });
    expect(status).toBe('ok');
    expect(facts.question).toEqual({ name, type: 'PTR' });
  });

  it('asks for a name beyond ASCII as it is in DNS', async () => {
    const server = await serve(ADDRESS);
    const { target, status, facts } = await probeDns('bücher.example', { server });
    expect([target, status, facts.question.name]).toEqual(['bücher.example', 'ok', 'xn--bcher-kva.example']);
  });

  it('asks for types that have no name', async () => {
    const types: number[] = [];
    const server = await serveUdp(cleanUps, (query, send) => {
      types.push(query.readUInt16BE(query.length - 4));
      const answer = answerTo(query, [{ type: 'NULL', name: '.', data: Buffer.from([1, 2, 255]) }]);
      // The record's type, behind the header, the question and its name, which is the root's.
      answer.writeUInt16BE(65_281, query.length + 1);
      send(answer);
    });
    const { status, facts } = await probeDns('.', { server, type: 'type65281', edns: false, expect: ['\\# 3 0102FF'] });
    expect(types).toEqual([65_281]);
    expect(status).toBe('ok');
    expect(facts.answers).toEqual([{ name: '.', type: 'TYPE65281', ttl: 0, data: '\\# 3 0102FF' }]);
  });

  it('asks again by TCP where the answer does not fit into UDP', async () => {
    const server = await serveUdp(cleanUps, (query, send) => send(answerTo(query, [], { flags: 0x380 })));
    await serveTcp(
      cleanUps,
      (socket) => socket.once('data', (query) => socket.write(framed(answerTo(query.subarray(2), [ADDRESS])))),
      Number(server.split(':')[1]),
    );
    const result = await probeDns('example.com', { server });
    expect(result).toMatchObject({
      status: 'ok',
      facts: { transport: 'tcp', truncated: true, queries: 2, answerCount: 1 },
    });
    expect(Object.keys(result.timings).sort()).toEqual(['connect', 'query']);
    expect(await probeDns('example.com', { server, fallbackToTcp: false })).toMatchObject({
      status: 'failed',
      reason: 'no-answer-records',
      facts: { transport: 'udp', truncated: true, queries: 1 },
    });
  });

  it('asks again where a query was lost, and times the one that was answered', async () => {
    const queries: Buffer[] = [];
    const server = await serveUdp(cleanUps, (query, send) => {
      queries.push(query);
      if (queries.length === 3) send(answerTo(query, [ADDRESS]));
    });
    const { status, facts, samples, duration } = await probeDns('example.com', { server, retries: 2, timeout: 900 });
    expect(status).toBe('ok');
    expect(facts.queries).toBe(3);
    // It began at 600 ms at the earliest.
    expect(duration - (samples[0] ?? 0)).toBeGreaterThan(500);
  });

  it('finds the server by its name', async () => {
    const server = await serve(ADDRESS);
    const asked: string[] = [];
    const resolve = async (host: string) => {
      asked.push(host);
      return { addresses: ['127.0.0.1'] };
    };
    const result = await probeDns(
      'example.com',
      { server: server.replace('127.0.0.1', 'ns.example.net') },
      { resolve },
    );
    expect(asked).toEqual(['ns.example.net']);
    expect(result).toMatchObject({
      status: 'ok',
      address: '127.0.0.1',
      facts: { server: expect.stringMatching(/^ns\./) },
    });
    expect(result.timings.resolve).toBeGreaterThanOrEqual(0);
  });

  it('goes on to the next address where this host cannot send to one', async () => {
    const server = await serve(ADDRESS);
    const resolve = async () => ({ addresses: ['255.255.255.255', '127.0.0.1'] });
    const result = await probeDns(
      'example.com',
      { server: server.replace('127.0.0.1', 'ns.example.net') },
      { resolve },
    );
    expect(result).toMatchObject({ status: 'ok', address: '127.0.0.1' });
  });

  it('says that the name of the server cannot be resolved', async () => {
    const resolve = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND', syscall: 'queryA' }));
    expect(await probeDns('example.com', { server: 'ns.example.net' }, { resolve })).toMatchObject({
      status: 'failed',
      failureSource: 'resolver',
      reason: 'name-not-found',
      samples: [],
    });
  });
});

describe('the judgement', () => {
  it.each([
    [3, 'nxdomain'],
    [2, 'servfail'],
    [5, 'refused-by-server'],
    [4, 'wrong-rcode'],
  ])('of response code %d is %s, and the server is to blame', async (code, reason) => {
    const server = await serveUdp(cleanUps, (query, send) => send(answerTo(query, [], { flags: 0x180 | code })));
    expect(await probeDns('example.com', { server })).toMatchObject({
      status: 'failed',
      failureSource: 'target',
      reason,
    });
  });

  it('of a refusal without the question is the same', async () => {
    const server = await serveUdp(cleanUps, (query, send) =>
      send(answerTo(query, [], { flags: 0x185, questions: [] })),
    );
    expect(await probeDns('example.com', { server })).toMatchObject({
      reason: 'refused-by-server',
      facts: { ignored: 0 },
    });
  });

  it('of a response code of EDNS reads its upper bits', async () => {
    const opt: Answer = {
      type: 'OPT',
      name: '.',
      udpPayloadSize: 1_232,
      extendedRcode: 1,
      ednsVersion: 0,
      flags: 0,
      flag_do: false,
      options: [],
    };
    const server = await serveUdp(cleanUps, (query, send) => send(answerTo(query, [], { additionals: [opt] })));
    expect(await probeDns('example.com', { server, rcode: 'BADVERS' })).toMatchObject({
      status: 'ok',
      facts: { rcode: 'BADVERS', rcodeNumber: 16, additionalCount: 1 },
    });
  });

  it('of NXDOMAIN is ok where that is expected, and NOERROR then is not', async () => {
    const server = await serveUdp(cleanUps, (query, send) => send(answerTo(query, [], { flags: 0x183 })));
    expect(await probeDns('example.com', { server, rcode: 'NXDOMAIN' })).toMatchObject({ status: 'ok' });
    const other = await serve(ADDRESS);
    expect(await probeDns('example.com', { server: other, rcode: 'NXDOMAIN' })).toMatchObject({
      reason: 'wrong-rcode',
    });
  });

  it('of an answer without records of the type is no-answer-records', async () => {
    const server = await serve({ type: 'CNAME', name: 'example.com', data: 'other.example.com' });
    expect(await probeDns('example.com', { server })).toMatchObject({ status: 'failed', reason: 'no-answer-records' });
    expect(await probeDns('example.com', { server, minAnswers: 0 })).toMatchObject({ status: 'ok' });
    expect(await probeDns('example.com', { server, type: 'CNAME' })).toMatchObject({ status: 'ok' });
    expect(await probeDns('example.com', { server, type: 'ANY' })).toMatchObject({ status: 'ok' });
  });

  it('counts the records', async () => {
    const server = await serve(ADDRESS, { ...ADDRESS, data: '192.0.2.2' });
    expect(await probeDns('example.com', { server, minAnswers: 2 })).toMatchObject({ status: 'ok' });
    expect(await probeDns('example.com', { server, minAnswers: 3 })).toMatchObject({ reason: 'no-answer-records' });
  });

  it.each([
    [['192.0.2.1'], 'ok'],
    [['192.0.2.2', '192.0.2.1'], 'ok'],
    [['192.0.2.3'], 'failed'],
    [['192.0.2.1', '192.0.2.3'], 'failed'],
    [['192.0.2'], 'failed'],
    [[/^192\.0\.2\.\d$/], 'ok'],
    [[{ regexp: '^198' }], 'failed'],
    [['2001:DB8:0::1'], 'ok'],
    [['10 MAIL.example.com.'], 'ok'],
    [['v=spf1 -all'], 'ok'],
    [['V=spf1 -all'], 'failed'],
  ])('by what is expected: %j is %s', async (expected, status) => {
    const server = await serve(
      ADDRESS,
      { ...ADDRESS, data: '192.0.2.2' },
      { type: 'AAAA', name: 'example.com', data: '2001:db8::1' },
      { type: 'MX', name: 'example.com', data: { preference: 10, exchange: 'mail.example.com' } },
      { type: 'TXT', name: 'example.com', data: ['v=spf1', ' -all'] },
    );
    const result = await probeDns('example.com', { server, expect: expected });
    expect(result.status).toBe(status);
    if (status === 'failed') expect(result).toMatchObject({ failureSource: 'target', reason: 'wrong-answer' });
  });

  it('tells keys apart that differ in nothing but case', async () => {
    const key = Buffer.from('0123456789abcdef');
    const server = await serve({ type: 'DNSKEY', name: 'example.com', data: { flags: 257, algorithm: 13, key } });
    const options = { server, type: 'DNSKEY' } as const;
    const data = `257 3 13 ${key.toString('base64')}`;
    expect(await probeDns('example.com', { ...options, expect: [data] })).toMatchObject({ status: 'ok' });
    expect(await probeDns('example.com', { ...options, expect: [data.toLowerCase()] })).toMatchObject({
      reason: 'wrong-answer',
    });
  });

  it('of a closed port is the refusal of the target, and of one that is silent the path’s', async () => {
    const server = await serve(ADDRESS);
    await cleanUps.run();
    for (const transport of ['udp', 'tcp', 'tls'] as const) {
      const result = await probeDns('example.com', { server, transport });
      expect(result).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'refused', samples: [] });
    }
    const silent = await serveUdp(cleanUps, () => {});
    const result = await probeDns('example.com', { server: silent, timeout: 50 });
    expect(result).toMatchObject({
      status: 'failed',
      failureSource: 'path',
      reason: 'timeout',
      facts: { queries: 1, ignored: 0 },
    });
    expect(result.message).toBe(`an answer of ${silent} did not come within 50 ms`);
  });

  it('of a source address that this host does not have is inconclusive', async () => {
    const server = await serve(ADDRESS);
    for (const transport of ['udp', 'tcp'] as const) {
      const result = await probeDns('example.com', { server, source: '192.0.2.77', transport });
      expect(result).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'no-address' });
    }
    expect(await probeDns('example.com', { server, source: '127.0.0.5' })).toMatchObject({ status: 'ok' });
  });

  it('is none where the caller has aborted', async () => {
    const server = await serveUdp(cleanUps, () => controller.abort(new Error('enough')));
    let controller = new AbortController();
    await expect(probeDns('example.com', { server }, { signal: controller.signal })).rejects.toThrow('enough');
    controller = new AbortController();
    const tcp = await serveTcp(cleanUps, (socket) => socket.once('data', () => controller.abort(new Error('enough'))));
    const call = probeDns('example.com', { server: tcp, transport: 'tcp' }, { signal: controller.signal });
    await expect(call).rejects.toThrow('enough');
    await expect(
      probeDns('example.com', { server }, { signal: AbortSignal.abort(new Error('before')) }),
    ).rejects.toThrow('before');
  });
});

describe('the options', () => {
  it.each([
    [{ type: 'NOTHING' }],
    [{ type: 'OPT' }],
    [{ type: 'AXFR' }],
    [{ type: 'TYPE65536' }],
    [{ server: 'dns://127.0.0.1' }],
    [{ server: '127.0.0.1:0' }],
    [{ server: '' }],
    [{ server: '127.0.0.1', transport: 'https' }],
    [{ server: '127.0.0.1', retries: -1 }],
    [{ server: '127.0.0.1', transport: 'tcp', retries: 1 }],
    [{ server: '127.0.0.1', tls: {} }],
    [
      {
        server: '127.0.0.1',
        transport: 'tls',
        tls: { ca: '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----' },
      },
    ],
    [{ server: '127.0.0.1', transport: 'tls', tls: { verify: 1 } }],
    [{ server: '127.0.0.1', transport: 'tls', tls: { nothing: 1 } }],
    [{ server: '127.0.0.1', edns: false, dnssecOk: true }],
    [{ server: '127.0.0.1', source: '127.0.0.2', family: 6 }],
    [{ server: '127.0.0.1', family: 6 }],
    [{ server: '[::1]:53', source: '127.0.0.2' }],
    [{ server: '127.0.0.1', expect: ['('], rcode: 'NOTHING' }],
    [{ server: '127.0.0.1', expect: [{ regexp: '(' }] }],
    [{ transport: 'udp' }],
    [{ type: 'CAA' }],
    [{ nothing: 1 }],
  ])('%j are refused', async (options) => {
    await expect(probeDns('example.com', Object(options))).rejects.toBeInstanceOf(InvalidOptionError);
  });

  it.each([
    '',
    '..',
    'a..b',
    'a b',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(127)}a`,
    '192.0.2.1',
    '2001:db8::1',
    'a\\b',
    'ü b',
    'a\0b',
  ])('a target %j is refused', async (target) => {
    await expect(probeDns(target, { server: '127.0.0.1' })).rejects.toBeInstanceOf(InvalidOptionError);
  });
});

describe('nothing is left open', () => {
  /** Whatever would keep the process alive: sockets, timers, requests. */
  const open = () => process.getActiveResourcesInfo().sort();
  /** Those of the test itself come and go. */
  const isMoreThan = (now: readonly string[], before: readonly string[]) =>
    [...new Set(now)].some(
      (kind) => now.filter((each) => each === kind).length > before.filter((each) => each === kind).length,
    );

  it('whatever came of it', async () => {
    const answering = await serve(ADDRESS);
    const silent = await serveUdp(cleanUps, () => {});
    const silentTcp = await serveTcp(cleanUps, (socket) => void socket.resume());
    const gone = new AbortController();
    const before = open();
    await probeDns('example.com', { server: answering, retries: 3 });
    await probeDns('example.com', { server: silent, retries: 3, timeout: 50 });
    await probeDns('example.com', { server: silentTcp, transport: 'tcp', timeout: 50 });
    await probeDns('example.com', { server: silentTcp, transport: 'tls', timeout: 50 });
    await probeDns('example.com', { server: '127.0.0.1:1', transport: 'tls' });
    const aborted = probeDns('example.com', { server: silent, retries: 3 }, { signal: gone.signal });
    gone.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await until(
      () => !isMoreThan(open(), before),
      () => `for all to be closed: ${open()} instead of ${before}`,
      5_000,
    );
  });
});
