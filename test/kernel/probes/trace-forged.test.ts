import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { type Actor, createLab, type Host, type Lab } from '../../lab/index.js';
import { requireProgram } from '../../servers/require-program.js';
import type { ForgingRouter } from './actors/forging-router.js';
import type { TraceActor } from './actors/trace-actor.js';

const TARGETS = { ipv4: '198.51.100.99', ipv6: '2001:db8:99::99' } as const;
const ROUTERS = { ipv4: '203.0.113.', ipv6: '2001:db8:ff::' } as const;
const FAMILIES = ['ipv4', 'ipv6'] as const;
const HEADER = 'header';
const FULL = 'full';

/** An MPLS label stack object (RFC 4950 section 3): class 1, type 1, and two labels, behind another object. */
const EXTENSIONS = [0, 8, 2, 9, 1, 2, 3, 4, 0, 12, 1, 1, 0x12, 0x34, 0x5a, 0x40, 0, 0, 0x11, 0x01];
const LABELS = [
  { label: 0x12345, trafficClass: 5, bottom: false, ttl: 64 },
  { label: 1, trafficClass: 0, bottom: true, ttl: 1 },
];

/** As traceroute(8) prints them. */
const PRINTED = 'MPLS:L=74565,E=5,S=0,T=64/L=1,E=0,S=1,T=1';

describeInLab('probeTrace, where routers quote little or much', [], () => {
  let lab: Lab;
  let client: Host;
  let forger: Actor<ForgingRouter>;
  let tracer: Actor<TraceActor>;

  beforeAll(async () => {
    lab = await createLab();
    client = await lab.host('client');
    const router = await lab.host('router');
    await lab.link(client, router, {
      addresses: [
        ['192.0.2.2/24', '2001:db8:1::2/64'],
        ['192.0.2.1/24', '2001:db8:1::1/64'],
      ],
    });
    await client.defaultRoute('192.0.2.1');
    await client.defaultRoute('2001:db8:1::1');
    // Its kernel is to say nothing to what the actor answers.
    await router.configure(['route', 'add', 'blackhole', '2001:db8:99::/64']);
    await client.sysctl('net.ipv4.ping_group_range', '0 2147483647');
    forger = await router.spawn<ForgingRouter>(new URL('./actors/forging-router.ts', import.meta.url));
    const [link] = await router.ip('link', 'show', 'dev', 'eth0');
    await forger.call('open', Number(link?.['ifindex']));
    tracer = await client.spawn<TraceActor>(new URL('./actors/trace-actor.ts', import.meta.url));
  });
  afterAll(() => lab?.dispose());

  const wayOf = (family: 'ipv4' | 'ipv6', routers: number) => [
    ...Array.from({ length: routers }, (_, index) => `${ROUTERS[family]}${index + 1}`),
    TARGETS[family],
  ];

  it.each(
    FAMILIES.flatMap((family) =>
      [
        [HEADER, HEADER, HEADER, HEADER, HEADER] as const,
        [FULL, FULL, HEADER, FULL, FULL] as const,
        [FULL, HEADER, HEADER, FULL, HEADER] as const,
        [HEADER, HEADER, FULL, FULL, FULL] as const,
      ].map((quotes) => [family, quotes] as const),
    ),
  )('by UDP over %s tells hops apart that quote %j', async (family, quotes) => {
    await forger.call('be', { quotes });
    const result = await tracer.call('probe', TARGETS[family]);
    expect(result).toMatchObject({ status: 'ok', facts: { distance: 5, sent: 15, received: 15 } });
    expect(result.facts.flows[0]?.path).toEqual(wayOf(family, 4));
    expect(result.facts.hops.map(({ received }) => received)).toEqual([3, 3, 3, 3, 3]);
  });

  it.each(FAMILIES)('by UDP over %s tells a silent hop from those that quote little', async (family) => {
    const quotes = [HEADER, HEADER, HEADER, HEADER] as const;
    await forger.call('be', { quotes, silent: [2] });
    const result = await tracer.call('probe', TARGETS[family], { timeout: 100, rounds: 2 });
    const [first, , ...others] = wayOf(family, 3);
    expect(result.facts.flows[0]?.path).toEqual([first, null, ...others]);
    expect(result.facts.hops.map(({ received }) => received)).toEqual([2, 0, 2, 2]);
  });

  it.each(FAMILIES.flatMap((family) => (['udp', 'icmp'] as const).map((method) => [method, family] as const)))(
    'believes no error by %s over %s that quotes what was not sent',
    async (method, family) => {
      await forger.call('be', { quotes: ['altered', FULL, 'altered', FULL] });
      const result = await tracer.call('probe', TARGETS[family], { method, timeout: 100, maxHops: 3, rounds: 1 });
      expect(result.facts.flows[0]?.path).toEqual([null, wayOf(family, 2)[1]]);
    },
  );

  const METHODS = ['udp', 'icmp', 'tcp'] as const;

  it.each(FAMILIES.flatMap((family) => (['udp', 'icmp'] as const).map((method) => [method, family] as const)))(
    'takes zeros by %s over %s for what they are: nothing quoted',
    async (method, family) => {
      await forger.call('be', { quotes: ['padded', FULL, 'padded', 'padded'], extensions: EXTENSIONS });
      const result = await tracer.call('probe', TARGETS[family], { method, timeout: 100, maxHops: 3, rounds: 2 });
      expect(result.facts.flows[0]?.path).toEqual(wayOf(family, 3).slice(0, 3));
      expect(result.facts.hops.map(({ addresses }) => addresses[0]?.mpls)).toEqual([LABELS, undefined, LABELS]);
    },
  );

  it.each(METHODS)('by %s goes on where a router sends a redirect', async (method) => {
    await forger.call('be', { quotes: [FULL, FULL, FULL, FULL], before: 'redirect' });
    const result = await tracer.call('probe', TARGETS.ipv4, { method, timeout: 100, maxHops: 3 });
    expect(result.facts.flows[0]?.path).toEqual(wayOf('ipv4', 3).slice(0, 3));
    expect(result.reason).toBe('ttl-exceeded');
  });

  it.each(FAMILIES.flatMap((family) => METHODS.map((method) => [method, family] as const)))(
    'by %s over %s believes nothing that is not for one of its probes, and counts each answer once',
    async (method, family) => {
      await forger.call('be', { quotes: Array.from({ length: 5 }, () => FULL), before: 'noise', copies: 3 });
      const result = await tracer.call('probe', TARGETS[family], { method, timeout: 300, maxHops: 4 });
      expect(result.facts.flows[0]?.path).toEqual(wayOf(family, 4).slice(0, 4));
      expect(result.facts.hops.map(({ addresses, received }) => [addresses.length, received])).toEqual(
        [1, 2, 3, 4].map(() => [1, 3]),
      );
      expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    },
  );

  it.each(FAMILIES.flatMap((family) => (['udp', 'icmp'] as const).map((method) => [method, family] as const)))(
    'by %s over %s loses no answer that comes while this process is busy, and thinks none late',
    async (method, family) => {
      await forger.call('be', { quotes: [FULL, FULL, FULL, FULL], delay: 20 });
      const options = { method, rounds: 1, maxHops: 3, timeout: 300 } as const;
      // By the clock of the process, what comes in that time has taken twice as long as it may.
      const result = await tracer.call('stall', TARGETS[family], options, 600);
      expect(result.facts.hops.map(({ received, sent }) => [received, sent])).toEqual([1, 2, 3].map(() => [1, 1]));
    },
  );

  it.each(FAMILIES)('takes whatever a UDP port over %s answers for an arrival', async (family) => {
    await forger.call('be', { quotes: [FULL, FULL, FULL], reply: [1, 2, 3] });
    const result = await tracer.call('probe', TARGETS[family]);
    expect(result).toMatchObject({ status: 'ok', facts: { distance: 3, sent: 9, received: 9 } });
    expect(result.facts.flows[0]?.path).toEqual(wayOf(family, 2));
  });

  it.for(FAMILIES)('reads the MPLS labels that traceroute reads, over %s', async (family, context) => {
    requireProgram(context, 'traceroute', 'traceroute');
    await forger.call('be', { quotes: [FULL, 'legacy', FULL], extensions: EXTENSIONS });
    const { stdout } = await client.exec('traceroute', ['-n', '-e', '-q', '1', TARGETS[family]]);
    expect(stdout.split('\n')[2]).toContain(PRINTED);
    const result = await tracer.call('probe', TARGETS[family]);
    expect(result.facts.hops[1]?.addresses[0]?.mpls).toEqual(LABELS);
  });

  it.each(
    FAMILIES.flatMap((family) =>
      (['extended', 'legacy'] as const).flatMap((quote) =>
        (['udp', 'icmp', 'tcp'] as const).map((method) => [method, family, quote] as const),
      ),
    ),
  )('reads MPLS labels by %s over %s from an error that is %s', async (method, family, quote) => {
    await forger.call('be', { quotes: [FULL, quote, FULL, HEADER], extensions: EXTENSIONS });
    const result = await tracer.call('probe', TARGETS[family], { method, timeout: 100, rounds: 1, maxHops: 3 });
    expect(result.facts.hops.map(({ addresses }) => addresses[0]?.mpls)).toEqual([undefined, LABELS, undefined]);
  });
});
