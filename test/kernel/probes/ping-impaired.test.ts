import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { type Actor, createLab, type Host, type Lab } from '../../lab/index.js';
import type { ImpairedCable } from './actors/impaired-cable.js';
import type { PingActor } from './actors/ping-actor.js';

const FAR = '203.0.113.2';

describeInLab('probePing over a cable that', ['tap'], () => {
  let lab: Lab;
  let near: Host;
  let cable: Actor<ImpairedCable>;
  let pinger: Actor<PingActor>;

  beforeAll(async () => {
    lab = await createLab();
    const [here, far] = await Promise.all([lab.host('near'), lab.host('far')]);
    near = here;
    cable = await near.spawn<ImpairedCable>(new URL('./actors/impaired-cable.ts', import.meta.url));
    await cable.call('connect', 'tap0', { interface: 'tap0', pid: far.namespace.pid });
    await plug(near, '203.0.113.1/24');
    await plug(far, `${FAR}/24`);
    await near.sysctl('net.ipv4.ping_group_range', '0 2147483647');
    pinger = await near.spawn<PingActor>(new URL('./actors/ping-actor.ts', import.meta.url));
  });
  afterAll(() => lab?.dispose());

  it('delays is as slow as ping says', async () => {
    await cable.call('impair', { seed: 1, delay: 40 });
    const result = await pinger.call('probe', FAR, { count: 10, interval: 10 });
    expect(result).toMatchObject({ status: 'ok', facts: { received: 10, reordered: 0 } });
    // A timer of the cable may be a millisecond early.
    expect(result.facts.rtt?.min).toBeGreaterThan(38);
    const { stdout } = await near.exec('ping', ['-n', '-q', '-c', '10', '-i', '0.01', FAR]);
    const theirs = Number(/= ([\d.]+)\//.exec(stdout)?.[1]);
    const ours = result.facts.rtt?.min ?? Number.NaN;
    expect(Math.max(ours, theirs) / Math.min(ours, theirs)).toBeLessThan(2);
    const slow = await pinger.call('probe', FAR, { count: 2, interval: 10, maxRtt: 30 });
    expect(slow).toMatchObject({ status: 'failed', failureSource: 'path', reason: 'slow' });
  });

  it.each([7, 42])('loses, doubles and reorders counts each (seed %d)', async (seed) => {
    await cable.call('impair', { seed, loss: 0.2, duplicate: 0.2, delay: 5, jitter: 60 });
    const { result, counters } = await pinger.call('count', FAR, { count: 60, interval: 5, timeout: 700 });
    const done = await cable.call('count');
    expect(done.replies).toBe(60);
    for (const count of [done.lost, done.duplicated, done.reordered]) expect(count).toBeGreaterThan(0);
    const { received, loss, duplicates, reordered, jitter } = result.facts;
    expect({ received, loss, duplicates, reordered }).toEqual({
      received: 60 - done.lost,
      loss: done.lost / 60,
      duplicates: done.duplicated,
      reordered: done.reordered,
    });
    expect(jitter).toBeGreaterThan(1);
    expect(counters).toMatchObject({ sent: 60, forged: 0, unexpected: 0 });
  });

  it('delays beyond the timeout has lost what comes too late', async () => {
    await cable.call('impair', { seed: 1, delay: 300 });
    const result = await pinger.call('probe', FAR, { count: 2, interval: 10, timeout: 100 });
    expect(result).toMatchObject({ status: 'failed', failureSource: 'path', reason: 'timeout', samples: [] });
  });

  it('delays while the process stands still loses nothing: the kernel has kept the replies, and their times', async () => {
    await cable.call('impair', { seed: 1, delay: 80 });
    const result = await pinger.call('stall', FAR, { count: 2, interval: 100, timeout: 200 }, 600);
    // Read half a second late, and given up by our own clock.
    expect(result).toMatchObject({ status: 'ok', facts: { sent: 2, received: 2, clock: 'kernel' } });
  });

  it.each(['0 2147483647', '1 0'])(
    'brings forged replies ignores each of them (ping_group_range %s)',
    async (range) => {
      await near.sysctl('net.ipv4.ping_group_range', range);
      await cable.call('impair', { seed: 1, forge: true });
      const { result, counters } = await pinger.call('count', FAR, { count: 20, interval: 5 });
      expect(result).toMatchObject({ status: 'ok', facts: { received: 20, duplicates: 0, errors: [] } });
      expect(result.facts.method).toBe(range === '1 0' ? 'icmp-raw' : 'icmp-datagram');
      expect(counters).toMatchObject({ sent: 20, received: 20, forged: 60, unexpected: 20 });
    },
  );

  it('brings nothing but forged replies has had no answer', async () => {
    await cable.call('impair', { seed: 1, forge: true, loss: 1 });
    const { result, counters } = await pinger.call('count', FAR, { count: 5, interval: 5, timeout: 300 });
    expect(result).toMatchObject({ status: 'failed', reason: 'timeout', facts: { received: 0 } });
    expect(counters).toMatchObject({ received: 0, forged: 15 });
  });
});

async function plug(host: Host, address: string): Promise<void> {
  await host.configure(['address', 'add', address, 'dev', 'tap0'], ['link', 'set', 'dev', 'tap0', 'up']);
}
