import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { until } from '../../lab/bounded.js';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { type Actor, clientRouterServer, createLab, type Host, type Lab } from '../../lab/index.js';
import { isInstalled, requireProgram } from '../../servers/require-program.js';
import type { BandwidthActor } from './actors/bandwidth-actor.js';

const ACTOR = new URL('./actors/bandwidth-actor.ts', import.meta.url);
const MEGABIT = 1e6;
const EVERYBODY = ['0.0.0.0/0', '::/0'];
/** Bytes that no test here reaches. */
const ENDLESS = 2 ** 45;

describeInLab('probeBandwidth on a link with a rate', ['tc'], () => {
  let lab: Lab;
  let client: Host;
  let server: Host;
  let prober: Actor<BandwidthActor>;
  let port: number;
  /** A cable each, by what it carries in a megabit a second. */
  const SUBNETS = { 10: '192.0.2', 100: '198.51.100', 1000: '203.0.113' } as const;

  beforeAll(async () => {
    lab = await createLab();
    [client, server] = await Promise.all([lab.host('client'), lab.host('server')]);
    for (const [rate, subnet] of Object.entries(SUBNETS)) {
      const addresses = [`${subnet}.1/24`, `${subnet}.2/24`] as const;
      await lab.link(client, server, { addresses, rate: Number(rate) * MEGABIT });
    }
    const [here, there] = await Promise.all([client.spawn<BandwidthActor>(ACTOR), server.spawn<BandwidthActor>(ACTOR)]);
    prober = here;
    port = await there.call('serve', { allow: ['192.0.2.1', '198.51.100.0/24', '203.0.113.1'], maxBytes: ENDLESS });
    // It ends with its host, and listens when the first has gone into the background.
    if (isInstalled('iperf3')) await server.exec('iperf3', ['--server', '--daemon']);
  });
  afterAll(() => lab?.dispose());

  /** What iperf3 finds within a second at a rate, in bits a second. */
  const askIperf = async (rate: keyof typeof SUBNETS) => {
    const words = ['--client', `${SUBNETS[rate]}.2`, '--time', '1', '--json'];
    const measure = async (...flags: readonly string[]): Promise<number> => {
      const { stdout } = await client.exec('iperf3', [...words, ...flags]);
      return JSON.parse(stdout).end.sum_received.bits_per_second;
    };
    return { download: await measure('--reverse'), upload: await measure() };
  };

  // What may be less than the link carries is due to TCP itself, which falls silent for up to half a second when a whole burst was dropped, and at
  // the highest rate to a busy machine. What may be more is the bucket that is full at first, and what the kernel has kept while this process was
  // not let read.
  it.for([
    [10, 0.6],
    [100, 0.6],
    [1000, 0.1],
  ] as const)('finds in both directions at %d Mbit/s what iperf3 finds', async ([rate, least], context) => {
    const target = `${SUBNETS[rate]}.2:${port}`;
    const { status, facts } = await prober.call('probe', target, { duration: 1_100, maxBytes: ENDLESS });
    expect(status).toBe('ok');
    for (const direction of [facts.download, facts.upload]) {
      expect(direction).toMatchObject({ endedBy: 'duration', tcp: { mss: 1_448, retransmits: expect.any(Number) } });
      expect(direction?.bitsPerSecond).toBeLessThan(rate * MEGABIT * 1.1);
    }
    requireProgram(context, 'iperf3', 'iperf3');
    const theirs = await askIperf(rate);
    expect((facts.download?.bitsPerSecond ?? 0) / theirs.download).toBeGreaterThan(least);
    expect((facts.upload?.bitsPerSecond ?? 0) / theirs.upload).toBeGreaterThan(least);
  });

  it('fills the link by all the streams that there may be, and no more than that', async () => {
    const options = { streams: 32, duration: 1_100, maxBytes: ENDLESS };
    const { status, facts } = await prober.call('probe', `${SUBNETS[100]}.2:${port}`, options);
    expect(status).toBe('ok');
    for (const direction of [facts.download, facts.upload]) {
      expect(direction?.streams).toBeGreaterThan(16);
      // How much of it is for the bench to say: a busy machine fills less.
      expect(direction?.bitsPerSecond).toBeGreaterThan(10 * MEGABIT);
      expect(direction?.bitsPerSecond).toBeLessThan(110 * MEGABIT);
    }
  });

  it('is refused where its address is not allowed', async () => {
    await client.configure(['address', 'add', '192.0.2.9/24', 'dev', 'eth0']);
    const target = `${SUBNETS[10]}.2:${port}`;
    const options = { maxBytes: 2 ** 20, duration: 500 };
    const refused = await prober.call('probe', target, { ...options, source: '192.0.2.9' });
    expect(refused).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'forbidden' });
    const allowed = await prober.call('probe', target, { ...options, source: '192.0.2.1' });
    expect(allowed).toMatchObject({ status: 'ok', facts: { link: 'eth0' } });
  });

  it('runs at once over two links, and over one when its turn has come', async () => {
    const begin = async (rate: 10 | 100 | 1000) => {
      const options = { direction: 'download', duration: 500, maxBytes: ENDLESS } as const;
      const { status, facts } = await prober.call('probe', `${SUBNETS[rate]}.2:${port}`, options);
      return `${facts.link} ${status}`;
    };
    // The server would refuse a second test on a link.
    expect(await Promise.all([begin(10), begin(100), begin(100)])).toEqual(['eth0 ok', 'eth1 ok', 'eth1 ok']);
  });
});

describeInLab('probeBandwidth on a network that breaks', [], () => {
  let lab: Lab;
  let prober: Actor<BandwidthActor>;
  let other: Actor<BandwidthActor>;
  let there: Actor<BandwidthActor>;
  let port: number;
  let target: string;

  beforeAll(async () => {
    lab = await createLab();
    const net = await clientRouterServer(lab);
    const neighbour = await lab.host('neighbour');
    await lab.link(neighbour, net.router, { addresses: ['203.0.113.2/24', '203.0.113.1/24'] });
    await neighbour.defaultRoute('203.0.113.1');
    [prober, other, there] = await Promise.all([
      net.client.spawn<BandwidthActor>(ACTOR),
      neighbour.spawn<BandwidthActor>(ACTOR),
      net.server.spawn<BandwidthActor>(ACTOR),
    ]);
    target = net.addresses.server.ipv4;
  });
  afterAll(() => lab?.dispose());
  beforeEach(async () => {
    port = await there.call('serve', { allow: EVERYBODY, maxBytes: ENDLESS, leaseTimeout: 1_000 });
  });
  afterEach(() => prober.call('unwatch'));

  const begin = (options: object = {}) =>
    prober.call('probe', `${target}:${port}`, { maxBytes: ENDLESS, duration: 20_000, ...options });
  /** It does not wait until the server has time. */
  const askOther = () => other.call('probe', `${target}:${port}`, { maxBytes: 2 ** 20, duration: 500, timeout: 1_900 });
  /** When a test is on its way, with megabytes moved. */
  const underWay = async () => {
    const before = await there.call('traffic');
    return until(
      async () => (await there.call('traffic')) > before + 4e6,
      () => 'nothing is moved',
    );
  };

  it('works over IPv6', async () => {
    const result = await prober.call('probe', `[2001:db8:2::2]:${port}`, { maxBytes: 2 ** 20 });
    expect(result).toMatchObject({ status: 'ok', address: '2001:db8:2::2', facts: { link: 'eth0' } });
  });

  it('tests a host that tests this one at the same moment, one after the other', async () => {
    const here = await prober.call('serve', { allow: EVERYBODY });
    const options = { maxBytes: 2 ** 20, duration: 500 };
    const results = await Promise.all([
      prober.call('probe', `${target}:${port}`, options),
      there.call('probe', `192.0.2.2:${here}`, options),
    ]);
    expect(results).toMatchObject([{ status: 'ok' }, { status: 'ok' }]);
  });

  it.each(['download', 'upload'] as const)(
    'says nothing of a %s whose cable is pulled, and the server forgets it',
    async (direction) => {
      expect(await prober.call('watch', target, port)).toBe('up');
      const test = begin({ direction });
      await underWay();
      expect(await askOther()).toMatchObject({ status: 'inconclusive', failureSource: 'target', reason: 'busy' });
      await lab.pullCable('client');
      expect(await test).toMatchObject({
        status: 'inconclusive',
        failureSource: 'local',
        reason: 'offline',
        offline: 'no-carrier',
        facts: { [direction]: { endedBy: 'failure' } },
      });
      // The client has vanished without a word: its lease expires.
      await until(
        async () => (await askOther()).status === 'ok',
        () => 'the lease does not expire',
      );
      await lab.plugIn('client');
      await until(
        async () => (await prober.call('probe', `${target}:${port}`, { maxBytes: 2 ** 20 })).status === 'ok',
        () => 'the way back',
      );
    },
  );

  it.each(['download', 'upload'] as const)(
    'has the path to blame for a %s that a router swallows',
    async (direction) => {
      const test = begin({ direction, duration: 2_200 });
      await underWay();
      await lab.stopForwarding('router');
      expect(await test).toMatchObject({ status: 'failed', failureSource: 'path', reason: 'stalled' });
      await lab.startForwarding('router');
    },
  );
});
