import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInLab } from '../lab/describe-in-lab.js';
import { type Actor, createLab, type Host, type Lab } from '../lab/index.js';
import type { NativeActor } from './actors/native-actor.js';

describeInLab('the sockets of native/', [], () => {
  let lab: Lab;
  let host: Host;
  let native: Actor<NativeActor>;

  beforeAll(async () => {
    lab = await createLab();
    host = await lab.host('host');
    native = await host.spawn<NativeActor>(new URL('./actors/native-actor.ts', import.meta.url));
  });
  afterAll(() => lab?.dispose());

  it('leak no descriptor in 1,000 cycles of opening and closing', async () => {
    const { before, after } = await native.call('cycle', 1_000);
    expect(after).toBeLessThanOrEqual(before);
  });

  it('hand over one datagram after another, and nothing once they are closed', async () => {
    await native.call('subscribe', 200_000);
    await host.configure(['link', 'add', 'name', 'veth0', 'type', 'veth', 'peer', 'name', 'veth1']);
    await native.event('message', ({ name }) => name === 'veth0');
    await native.call('unsubscribe');
    const heard = native.events('message').length;
    await host.configure(['link', 'del', 'dev', 'veth0']);
    await native.call('cycle', 1);
    expect(native.events('message').length).toBe(heard);
  });

  it('survive an overrun, say so, and go on', async () => {
    await host.configure(['link', 'add', 'name', 'after0', 'type', 'veth', 'peer', 'name', 'after1']);
    const granted = await native.call('subscribe', 2_048);
    expect(granted).toBeLessThan(10_000);
    const blocked = native.call('block', 700);
    for (let count = 0; count < 40; count += 1) {
      await host.configure(['link', 'set', 'dev', 'lo', count % 2 === 0 ? 'up' : 'down']);
    }
    await blocked;
    await native.event('overrun');
    const hears = () => native.events('message').some(({ detail }) => detail.name === 'after0');
    // So small a buffer may still be full of what is left, or be filled by what the kernel tells besides.
    for (let mtu = 1_400; !hears(); mtu += 1) {
      expect(mtu).toBeLessThan(1_500);
      await host.configure(['link', 'set', 'dev', 'after0', 'mtu', `${mtu}`]);
      await native.call('block', 0);
    }
    expect(native.events('error')).toEqual([]);
    await native.call('unsubscribe');
  });

  it('work in a worker thread', async () => {
    await native.call('inWorker');
    await host.configure(['link', 'add', 'name', 'worker0', 'type', 'veth', 'peer', 'name', 'worker1']);
    await native.event('message', ({ kind, name }) => kind === 'worker' && name?.startsWith('worker') === true);
  });

  it('work in a forked child', async () => {
    await native.call('inChild');
    await host.configure(['link', 'add', 'name', 'child0', 'type', 'veth', 'peer', 'name', 'child1']);
    await native.event('message', ({ kind, name }) => kind === 'child' && name?.startsWith('child') === true);
  });

  it('do not keep a process alive unless asked', async () => {
    const program = `
      import { NetworkMonitor } from ${JSON.stringify(new URL('../../src/monitor/index.ts', import.meta.url).href)};
      const monitor = new NetworkMonitor({ checkHosts: ['192.0.2.1'] });
      await monitor.start();
      console.log(monitor.snapshot().source);
    `;
    const { stdout } = await host.exec(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program]);
    expect(stdout.trim()).toBe('netlink');
  });
});
