import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { InterfaceStatistics } from '../../../src/monitor/index.js';
import type { InterfaceTraffic } from '../../../src/probes/host/index.js';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { type Actor, clientRouterServer, createLab, type Host, type Lab } from '../../lab/index.js';
import type { HostActor } from './actors/host-actor.js';

describeInLab('probeHost', [], () => {
  let lab: Lab;
  let client: Host;
  let here: Actor<HostActor>;
  let there: Actor<HostActor>;
  const ROUTER = '192.0.2.1';
  /** Of 1,000 bytes of data, with the headers of UDP, IPv4 and Ethernet. */
  const FRAME = 1000 + 8 + 20 + 14;

  beforeAll(async () => {
    lab = await createLab();
    const hosts = await clientRouterServer(lab);
    client = hosts.client;
    const ACTOR = new URL('./actors/host-actor.ts', import.meta.url);
    [here, there] = await Promise.all([client.spawn<HostActor>(ACTOR), hosts.router.spawn<HostActor>(ACTOR)]);
    // The neighbours' addresses are known from here on: nothing else need be sent for them.
    await here.call('send', ROUTER, 1, 1);
  });
  afterAll(() => lab?.dispose());

  async function interfaceOf(actor: Actor<HostActor>, name: string): Promise<InterfaceTraffic> {
    const { facts } = await actor.call('probe', { interval: 10, disks: [], interfaces: [name] });
    const [found] = facts.interfaces;
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  }

  it('counts the bytes that went over a cable, at both ends', async () => {
    const before = { here: await interfaceOf(here, 'eth0'), there: await interfaceOf(there, 'eth0') };
    await here.call('send', ROUTER, 500, 1000);
    const after = { here: await interfaceOf(here, 'eth0'), there: await interfaceOf(there, 'eth0') };
    const sent = after.here.counters.txBytes - before.here.counters.txBytes;
    const received = after.there.counters.rxBytes - before.there.counters.rxBytes;
    // IPv6 may say something of its own now and then.
    for (const bytes of [sent, received]) {
      expect(bytes).toBeGreaterThanOrEqual(500 * FRAME);
      expect(bytes).toBeLessThan(520 * FRAME);
    }
    expect(after.here.counters.txPackets - before.here.counters.txPackets).toBeGreaterThanOrEqual(500);
  });

  it('gives the rate of what is being sent', async () => {
    const { result, sent } = await here.call(
      'probeWhileSending',
      { interval: 250, disks: [], interfaces: ['eth0'] },
      ROUTER,
    );
    const seconds = (result.timings.interval ?? Number.NaN) / 1000;
    const bytes = (result.facts.interfaces[0]?.rates?.txBytes ?? Number.NaN) * seconds;
    expect(bytes).toBeGreaterThan(0.3 * sent * FRAME);
    // The readings are not taken right at the ends of the interval.
    expect(bytes).toBeLessThan(1.2 * (sent + 20) * FRAME);
  });

  it('has the counters that ip(8) has', async () => {
    const before = await counters(client, 'eth0');
    const found = (await interfaceOf(here, 'eth0')).counters;
    const after = await counters(client, 'eth0');
    for (const [name, value] of Object.entries(before)) {
      expect(Reflect.get(found, name), name).toBeGreaterThanOrEqual(value);
      expect(Reflect.get(found, name), name).toBeLessThanOrEqual(Reflect.get(after, name));
    }
    expect(before.txBytes).toBeGreaterThan(0);
  });

  it('has no speed for a cable of software, whatever its driver says', async () => {
    expect(Number((await client.exec('cat', ['/sys/class/net/eth0/speed'])).stdout)).toBeGreaterThan(0);
    const cable = await interfaceOf(here, 'eth0');
    expect(cable.rates).toBeDefined();
    expect(Object.keys(cable)).not.toContain('speed');
    expect(Object.keys(cable)).not.toContain('txUtilisation');
  });

  it('has the speed that another link tells', async () => {
    // A macvlan passes on what its lower link says, as one over a network card would.
    await client.configure(
      ['link', 'add', 'link', 'eth0', 'name', 'mac0', 'type', 'macvlan'],
      ['link', 'set', 'dev', 'mac0', 'up'],
    );
    const found = await interfaceOf(here, 'mac0');
    expect(found.speed).toBe(Number((await client.exec('cat', ['/sys/class/net/mac0/speed'])).stdout) * 1_000_000);
    expect(found.txUtilisation).toBeGreaterThanOrEqual(0);
  });

  it('has the memory, disks and uptime that free, df and /proc have', async () => {
    const uptimeBefore = await uptime();
    const { facts } = await here.call('probe', { interval: 10, disks: ['/'] });
    const [, total = Number.NaN, , , , , available = Number.NaN] = await numbers('free', ['-b'], /^Mem:.*$/m);
    expect(facts.memory.total).toBe(total);
    expect(Math.abs((facts.memory.available ?? Number.NaN) - available)).toBeLessThan(0.2 * total);
    const [, blocks = Number.NaN, used = Number.NaN] = await numbers(
      'df',
      ['-B1', '--output=source,size,used', '/'],
      /^.*\d$/m,
    );
    const [disk] = facts.disks;
    expect(disk?.total).toBe(blocks);
    expect(Math.abs((disk?.total ?? Number.NaN) - (disk?.free ?? 0) - used)).toBeLessThan(0.1 * blocks);
    expect(facts.uptime).toBeGreaterThanOrEqual(uptimeBefore - 1000);
    expect(facts.uptime).toBeLessThanOrEqual((await uptime()) + 1000);
    expect(facts.hostname).toBe((await client.exec('uname', ['-n'])).stdout.trim());
    expect(facts.cpu?.count).toBe(Number((await client.exec('nproc', ['--all'])).stdout));
  });

  async function numbers(program: string, args: readonly string[], line: RegExp): Promise<readonly number[]> {
    const { stdout } = await client.exec(program, args);
    return (line.exec(stdout)?.[0] ?? '').trim().split(/\s+/).map(Number);
  }
});

async function counters(host: Host, name: string): Promise<InterfaceStatistics> {
  const [link] = await host.ip('-statistics', 'link', 'show', 'dev', name);
  const read = (direction: 'rx' | 'tx', counter: string): number => {
    const statistics: unknown = link?.['stats64'];
    const side: unknown =
      typeof statistics === 'object' && statistics !== null ? Reflect.get(statistics, direction) : undefined;
    return Number(typeof side === 'object' && side !== null ? Reflect.get(side, counter) : Number.NaN);
  };
  return {
    rxBytes: read('rx', 'bytes'),
    txBytes: read('tx', 'bytes'),
    rxPackets: read('rx', 'packets'),
    txPackets: read('tx', 'packets'),
    rxErrors: read('rx', 'errors'),
    txErrors: read('tx', 'errors'),
    rxDropped: read('rx', 'dropped'),
    txDropped: read('tx', 'dropped'),
  };
}

/** In milliseconds. */
async function uptime(): Promise<number> {
  return Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0]) * 1000;
}
