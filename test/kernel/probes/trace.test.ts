import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TraceProbeOptions, TraceResult } from '../../../src/probes/trace/index.js';
import { comparePaths } from '../../../src/probes/trace/index.js';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { type Actor, createLab, type Host, type Lab, TCP_ACTOR, type Tcp } from '../../lab/index.js';
import { requireProgram } from '../../servers/require-program.js';
import type { TraceActor } from './actors/trace-actor.js';
import { answerAll, answerSome, type Chain, chainOf } from './paths/chain.js';

const ACTOR = new URL('./actors/trace-actor.ts', import.meta.url);
const FAMILIES = ['ipv4', 'ipv6'] as const;
const METHODS = ['udp', 'icmp', 'tcp'] as const;
const ROUTERS = 8;
/** For what is silent. */
const QUICK: TraceProbeOptions = { timeout: 200, rounds: 2, maxHops: 12 };

describeInLab('probeTrace along eight routers', ['nft'], () => {
  let lab: Lab;
  let chain: Chain;
  let tracer: Actor<TraceActor>;

  beforeAll(async () => {
    lab = await createLab();
    chain = await chainOf(lab, ROUTERS);
    await chain.client.sysctl('net.ipv4.ping_group_range', '0 2147483647');
    tracer = await chain.client.spawn<TraceActor>(ACTOR);
  });
  afterAll(() => lab?.dispose());

  const target = (family: 'ipv4' | 'ipv6'): string => chain.hops.at(-1)?.[family] ?? '';
  const router = (hop: number): Host => {
    const host = chain.routers[hop - 1];
    if (host === undefined) throw new Error(`there is no router at hop ${hop}`);
    return host;
  };
  /** Has a host answer with as many ICMP errors as it does by default, to an address of the client that it has not met yet. */
  const limited = async (host: Host, lastByte: number) => {
    await chain.client.configure(['address', 'add', `192.0.2.${lastByte}/24`, 'dev', 'eth0']);
    await answerSome(host);
    const release = () => answerAll(host);
    return { source: `192.0.2.${lastByte}`, limit: { release } };
  };
  const addressesIn = ({ facts }: TraceResult) =>
    facts.hops.map(({ addresses }) => addresses.map(({ address }) => address));

  it.each(FAMILIES.flatMap((family) => METHODS.map((method) => [method, family] as const)))(
    'finds by %s over %s the hops that are there',
    async (method, family) => {
      const result = await tracer.call('probe', target(family), { method });
      expect(result).toMatchObject({
        probe: 'trace',
        status: 'ok',
        address: target(family),
        facts: { method, reached: true, distance: ROUTERS + 1, sent: 27, received: 27 },
      });
      expect(addressesIn(result)).toEqual(chain.hops.map((hop) => [hop[family]]));
      expect(result.samples.length).toBe(3);
      for (const { rtt, loss, addresses } of result.facts.hops) {
        expect(loss).toBe(0);
        expect(addresses[0]?.rtts.length).toBe(3);
        expect(rtt?.min).toBeGreaterThan(0);
        expect(rtt?.max).toBeLessThan(1_000);
      }
      expect(result.facts.flows).toEqual([
        { id: 31_434, path: chain.hops.map((hop) => hop[family]), pathId: result.facts.pathId, reached: true },
      ]);
    },
  );

  it('finds a target at the same distance again and again, although that limits its answers', async () => {
    const { source, limit } = await limited(router(2), 79);
    const near = chain.hops[1]?.ipv4 ?? '';
    const found: number[] = [];
    try {
      // The first trace may use up what the kernel answers at once: then it is one a second.
      for (let tries = 0; found.length < 3 && tries < 60; tries += 1) {
        const { status, facts } = await tracer.call('probe', near, { source, rounds: 1, timeout: 200 });
        if (status === 'ok') found.push(facts.distance ?? 0);
      }
      expect(found).toEqual([2, 2, 2]);
    } finally {
      await limit.release();
    }
  });

  it.for(FAMILIES)('finds what traceroute and mtr find, over %s', async (family, context) => {
    requireProgram(context, 'traceroute', 'traceroute');
    requireProgram(context, 'mtr', 'mtr-tiny');
    const ours = addressesIn(await tracer.call('probe', target(family))).flat();
    expect(ours).toEqual(await tracerouteHops(chain.client, target(family)));
    expect(ours).toEqual(await mtrHops(chain.client, target(family)));
  });

  it.each(FAMILIES)('reaches a port that is open by TCP, and leaves no connection behind, over %s', async (family) => {
    const listener = await chain.server.spawn<Tcp>(TCP_ACTOR);
    const port = await listener.call('listen');
    const host = family === 'ipv6' ? `[${target(family)}]` : target(family);
    const result = await tracer.call('probe', `${host}:${port}`, { method: 'tcp', rounds: 5 });
    expect(result).toMatchObject({ status: 'ok', facts: { port, distance: ROUTERS + 1 } });
    expect(result.samples.length).toBe(5);
    const { stdout } = await chain.client.exec('ss', ['--tcp', '--all', '--no-header', 'dst', host]);
    expect(stdout).toBe('');
  });

  it('asks all hops at once by TCP where the flow need not be kept', async () => {
    const result = await tracer.call('probe', target('ipv4'), { method: 'tcp', keepFlow: false });
    expect(addressesIn(result)).toEqual(chain.hops.map((hop) => [hop.ipv4]));
    expect(result.facts).toMatchObject({ reached: true, sent: 27, received: 27, flows: [{ id: 0 }] });
  });

  it('traces many targets at once, and leaves no descriptor open', async () => {
    const targets = chain.hops.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]);
    for (const method of METHODS) {
      const results = await tracer.call('many', [...targets, ...targets], { method, rounds: 1 });
      for (const [index, { status, facts }] of results.entries()) {
        const hop = Math.floor((index % targets.length) / 2);
        // Where a router is the target, it answers from the address that was asked.
        expect([status, facts.distance, facts.received]).toEqual(['ok', hop + 1, facts.sent]);
      }
    }
    const { before, after } = await tracer.call('cycle', target('ipv4'), { flows: 3, interval: 0 }, 30);
    expect(after).toBe(before);
  });

  it('traces one target by TCP many times at once, from a port each, from the first hop to the last', async () => {
    // So that each is under way for a while.
    await nft(router(4), `add table inet t; add chain inet t c { type filter hook output priority 0; policy drop; }`);
    const options: TraceProbeOptions = { method: 'tcp', rounds: 1, timeout: 200 };
    const results = await tracer.call(
      'many',
      Array.from({ length: 20 }, () => target('ipv4')),
      options,
    );
    await nft(router(4), 'delete table inet t');
    for (const { facts } of results) expect(facts).toMatchObject({ distance: ROUTERS + 1, sent: 9, received: 8 });
    expect(new Set(results.map(({ facts }) => facts.flows[0]?.id)).size).toBe(20);
  });

  it('takes nothing for an answer to a first packet that the kernel has sent again', async () => {
    await nft(router(1), 'add table ip t; add chain ip t c { type filter hook input priority 0; };');
    await nft(router(1), 'add rule ip t c tcp dport 80 limit rate 1/hour burst 1 packets drop');
    const options: TraceProbeOptions = { method: 'tcp', maxHops: 1, rounds: 2, timeout: 1_500 };
    const result = await tracer.call('probe', chain.hops[0]?.ipv4 ?? '', options);
    await nft(router(1), 'delete table ip t');
    expect(result).toMatchObject({ status: 'ok', facts: { sent: 2, received: 1 } });
  });

  it.each(METHODS)('shows a silent hop as one, by %s', async (method) => {
    await nft(router(4), `add table inet t; add chain inet t c { type filter hook output priority 0; policy drop; }`);
    const result = await tracer.call('probe', target('ipv4'), { method });
    await nft(router(4), 'delete table inet t');
    expect(result.status).toBe('ok');
    expect(addressesIn(result)).toEqual(chain.hops.map((hop, index) => (index === 3 ? [] : [hop.ipv4])));
    const silent = result.facts.hops[3];
    expect(silent).toMatchObject({ loss: 1, received: 0, sent: 3 });
    // It has answered nothing, so nothing shows that it would.
    expect(silent?.rateLimited).toBeUndefined();
    expect(result.facts.flows[0]?.path[3]).toBeNull();
  });

  it('names a hop that limits its errors, and blames nobody for the loss', async () => {
    const { source, limit } = await limited(router(3), 77);
    const result = await tracer.call('probe', target('ipv4'), { source, rounds: 12, interval: 0 });
    await limit.release();
    expect(result.status).toBe('ok');
    // Six at once, as the kernel's limit is; one more where this takes a second.
    expect(result.facts.hops[2]?.received).toBeGreaterThanOrEqual(6);
    expect(result.facts.hops[2]?.received).toBeLessThan(12);
    expect(result.facts.hops[2]).toMatchObject({ sent: 12, rateLimited: true });
    for (const [index, hop] of result.facts.hops.entries()) {
      if (index !== 2) expect(hop).toMatchObject({ received: 12, loss: 0 });
    }
  });

  it("takes no more from a Linux target's limit than it allows", async () => {
    const { source, limit } = await limited(router(1), 78);
    // All of what the first round sends ahead meets it.
    const result = await tracer.call('probe', chain.hops[0]?.ipv4 ?? '', { source });
    await limit.release();
    expect(result.facts.hops).toMatchObject([{ ttl: 1, sent: 3, received: 3 }]);
  });

  it.each(FAMILIES)('finds a loop and names it, over %s', async (family) => {
    const back = family === 'ipv4' ? '198.51.100.17' : '2001:db8:0:5::1';
    const [fourth, fifth] = [chain.hops[3]?.[family], chain.hops[4]?.[family]];
    // By IPv6, the fourth router answers from the side on which the packet came back.
    const loop = family === 'ipv4' ? { ttl: 4, addresses: [fourth, fifth] } : { ttl: 5, addresses: [fifth, back] };
    // The fifth router sends what is for the server back to the fourth.
    await router(5).configure(['route', 'add', target(family), 'via', back]);
    const result = await tracer.call('probe', target(family), { timeout: 200 });
    await router(5).configure(['route', 'del', target(family), 'via', back]);
    expect(result).toMatchObject({
      status: 'failed',
      failureSource: 'path',
      reason: 'ttl-exceeded',
      facts: { reached: false, loop },
    });
    expect(result.message).toContain([...loop.addresses, loop.addresses[0]].join(' → '));
  });

  it.each([
    ['host-unreachable', '!H', 'host-unreachable'],
    ['net-unreachable', '!N', 'net-unreachable'],
    ['prohibited', '!X', 'admin-prohibited'],
    ['port-unreachable', '!<3>', 'port-unreachable'],
  ] as const)('ends where a router says %s', async (reason, notation, type) => {
    await nft(router(5), 'add table ip t; add chain ip t c { type filter hook forward priority 0; };');
    await nft(router(5), `add rule ip t c ip daddr ${target('ipv4')} reject with icmp type ${type}`);
    const results = [];
    for (const method of METHODS) results.push(await tracer.call('probe', target('ipv4'), { method, ...QUICK }));
    await nft(router(5), 'delete table ip t');
    for (const result of results) {
      expect(result).toMatchObject({ status: 'failed', failureSource: 'path', reason, facts: { reached: false } });
      const last = result.facts.hops.at(-1);
      // It passes nothing on to the sixth, in whose place it answers.
      expect([last?.ttl, last?.addresses[0]?.address]).toEqual([6, chain.hops[4]?.ipv4]);
      expect(last?.addresses[0]?.unreachable).toMatchObject({ meaning: reason, notation });
      expect(result.message).toContain(`${chain.hops[4]?.ipv4}, at hop 6`);
    }
  });

  it('blames the target where the target itself refuses', async () => {
    await nft(chain.server, 'add table ip t; add chain ip t c { type filter hook input priority 0; };');
    await nft(chain.server, 'add rule ip t c udp dport 33434 reject with icmp type admin-prohibited');
    const result = await tracer.call('probe', target('ipv4'), QUICK);
    await nft(chain.server, 'delete table ip t');
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'prohibited' });
  });

  it.each(METHODS)('tells the last hop that answered where the target does not, by %s', async (method) => {
    await lab.dropAll('server');
    const result = await tracer.call('probe', target('ipv4'), { method, ...QUICK });
    await lab.allow('server');
    expect(result).toMatchObject({ status: 'failed', failureSource: 'path', reason: 'timeout', samples: [] });
    expect(result.message).toContain(`${chain.hops[7]?.ipv4}, at hop 8`);
    expect(addressesIn(result)).toEqual(chain.hops.slice(0, 8).map((hop) => [hop.ipv4]));
    expect(result.facts.asked).toBe(12);
  });

  it('says where the target is farther away than hops are allowed', async () => {
    const result = await tracer.call('probe', target('ipv4'), { ...QUICK, maxHops: 5 });
    expect(result).toMatchObject({
      status: 'failed',
      failureSource: 'path',
      reason: 'ttl-exceeded',
      facts: { asked: 5 },
    });
    expect(result.message).toContain('more than 5 hops away');
  });

  it('shows a path that has changed, by another identity and by comparison', async () => {
    const before = await tracer.call('probe', target('ipv4'));
    const again = await tracer.call('probe', target('ipv4'));
    expect(again.facts.pathId).toBe(before.facts.pathId);
    expect(comparePaths(before.facts, again.facts)).toEqual({ changed: false, hops: [], sameFlows: true });
    // The sixth router answers by another address, as one in its place would.
    await router(6).configure(
      ['address', 'add', '203.0.113.6/32', 'dev', 'lo'],
      ['route', 'replace', '192.0.2.0/24', 'via', '198.51.100.21', 'src', '203.0.113.6'],
    );
    const after = await tracer.call('probe', target('ipv4'));
    await router(6).configure(['route', 'replace', '192.0.2.0/24', 'via', '198.51.100.21']);
    expect(after.facts.pathId).not.toBe(before.facts.pathId);
    expect(comparePaths(before.facts, after.facts)).toEqual({
      changed: true,
      hops: [{ ttl: 6, before: [chain.hops[5]?.ipv4], after: ['203.0.113.6'] }],
      sameFlows: true,
    });
  });

  it('sends from the address, by the interface and with the code point that are wanted', async () => {
    const count = 'udp sport 40000 udp dport 4000 ip saddr 192.0.2.1 ip dscp ef counter';
    await nft(chain.server, 'add table ip t; add chain ip t c { type filter hook input priority 0; };');
    await nft(chain.server, `add rule ip t c ${count}`);
    const wanted = { source: '192.0.2.1', interface: 'eth0', dscp: 46, sourcePort: 40_000, port: 4_000 };
    const result = await tracer.call('probe', target('ipv4'), wanted);
    const { stdout } = await chain.server.exec('nft', ['list', 'table', 'ip', 't']);
    await nft(chain.server, 'delete table ip t');
    expect(result).toMatchObject({ status: 'ok', facts: { port: 4_000, flows: [{ id: 40_000 }] } });
    expect(Number(/packets (\d+)/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(3);
    const nowhere = await tracer.call('probe', target('ipv4'), { interface: 'eth7' });
    expect(nowhere).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'no-interface' });
    const nobody = await tracer.call('probe', target('ipv4'), { source: '203.0.113.99' });
    expect(nobody).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'no-address' });
  });

  it('takes another port where somebody has the one that it would take', async () => {
    const other = await chain.client.spawn<TraceActor>(ACTOR);
    await other.call('hold', 31_434);
    const result = await tracer.call('probe', target('ipv4'));
    await other.call('letGo');
    expect(result.facts).toMatchObject({ flows: [{ id: 31_450 }], received: 27 });
  });

  it('is inconclusive without a route', async () => {
    await lab.removeDefaultRoute('client');
    for (const method of METHODS) {
      for (const family of FAMILIES) {
        const result = await tracer.call('probe', target(family), { method });
        expect(result).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'no-route' });
      }
    }
    await lab.restoreDefaultRoute('client');
  });

  it('needs no privilege by UDP and TCP, nor by ICMP where the system permits it', async () => {
    const asks = METHODS.map((method) => ({ method, maxHops: 12 }));
    for (const family of FAMILIES) {
      for (const result of await withoutCapabilities(chain.client, target(family), asks)) {
        expect(result).toMatchObject({ status: 'ok', facts: { distance: ROUTERS + 1, received: 27 } });
      }
    }
    await chain.client.sysctl('net.ipv4.ping_group_range', '1 0');
    const [refused] = await withoutCapabilities(chain.client, target('ipv4'), [{ method: 'icmp' }]);
    const raw = await tracer.call('probe', target('ipv4'), { method: 'icmp' });
    const raw6 = await tracer.call('probe', target('ipv6'), { method: 'icmp' });
    await chain.client.sysctl('net.ipv4.ping_group_range', '0 2147483647');
    expect(refused).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'not-allowed' });
    expect(refused?.message).toContain('net.ipv4.ping_group_range');
    for (const result of [raw, raw6]) expect(result).toMatchObject({ status: 'ok', facts: { received: 27 } });
  });
});

/** Runs the probes in a process of its own, which is root without any of root's powers; that it ends by itself is a part of the test. */
async function withoutCapabilities(host: Host, target: string, options: readonly TraceProbeOptions[]) {
  const program = `
    import { probeTrace } from ${JSON.stringify(new URL('../../../src/probes/trace/index.ts', import.meta.url).href)};
    const results = [];
    for (const options of ${JSON.stringify(options)}) results.push(await probeTrace(${JSON.stringify(target)}, options));
    console.log(JSON.stringify(results));
  `;
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '--eval', program];
  const { stdout } = await host.exec('setpriv', ['--bounding-set=-all', '--inh-caps=-all', ...node]);
  const results: readonly TraceResult[] = JSON.parse(stdout);
  return results;
}

async function nft(host: Host, rules: string): Promise<void> {
  await host.exec('nft', ['-f', '-'], { input: rules.replaceAll('; add', '\nadd') });
}

/** ` 1  198.51.100.2  0.022 ms  0.007 ms  0.005 ms` */
async function tracerouteHops(client: Host, target: string): Promise<readonly string[]> {
  const { stdout } = await client.exec('traceroute', ['-n', target]);
  return stdout.split('\n').flatMap((line) => /^ *\d+ +([\d.:a-f]+) /.exec(line)?.[1] ?? []);
}

/** `  1.|-- 198.51.100.2   0.0%  3 …` */
async function mtrHops(client: Host, target: string): Promise<readonly string[]> {
  const { stdout } = await client.exec('mtr', ['-n', '-r', '-c', '2', '-i', '0.1', '-G', '0.2', target]);
  return stdout.split('\n').flatMap((line) => /\|-- ([\d.:a-f]+) /.exec(line)?.[1] ?? []);
}
