import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInLab } from '../lab/describe-in-lab.js';
import { type Actor, createLab, type Host, type Lab } from '../lab/index.js';
import type { NativeActor } from './actors/native-actor.js';

describeInLab('the table of rtnetlink', [], () => {
  let lab: Lab;
  let host: Host;
  let actor: Actor<NativeActor>;

  beforeAll(async () => {
    lab = await createLab();
    host = await lab.host('host');
    const peer = await lab.host('peer');
    await lab.link(host, peer, { addresses: [['192.0.2.2/24', '2001:db8::2/64'], '192.0.2.1/24'] });
    await host.defaultRoute('192.0.2.1');
    actor = await host.spawn<NativeActor>(new URL('./actors/native-actor.ts', import.meta.url));
  });
  afterAll(() => lab?.dispose());

  const linksByIp = async () => (await host.ip('link')).map(({ ifname }) => String(ifname)).sort();
  const addressesByIp = async () =>
    (await host.ip('address'))
      .flatMap(({ addr_info: list }) => (Array.isArray(list) ? list : []))
      .map(({ local }) => String(local))
      .sort();

  it('begins with what ip(8) shows', async () => {
    expect(await actor.call('openTable')).toEqual(await linksByIp());
    expect(await actor.call('addresses')).toEqual(await addressesByIp());
  });

  it('follows links and addresses that come and go', async () => {
    await host.configure(['link', 'add', 'name', 'new0', 'type', 'veth', 'peer', 'name', 'new1']);
    await actor.event('change', ({ change, name }) => change === 'added' && name === 'new0');
    await host.configure(['address', 'add', '203.0.113.9/24', 'dev', 'new0']);
    await actor.event('change', ({ change, name }) => change === 'added' && name === '203.0.113.9');
    await host.configure(['link', 'del', 'dev', 'new0']);
    await actor.event('change', ({ change, name }) => change === 'removed' && name === 'new0');
    expect(await actor.call('links')).toEqual(await linksByIp());
  });

  it('does not lose a link that leaves its bridge', async () => {
    await host.configure(
      ['link', 'add', 'name', 'br0', 'type', 'bridge'],
      ['link', 'add', 'name', 'port0', 'type', 'veth', 'peer', 'name', 'port1'],
      ['link', 'set', 'dev', 'port0', 'master', 'br0'],
      ['link', 'set', 'dev', 'port0', 'nomaster'],
      ['link', 'add', 'name', 'last0', 'type', 'veth', 'peer', 'name', 'last1'],
    );
    await actor.event('change', ({ change, name }) => change === 'added' && name === 'last0');
    expect(await actor.call('links')).toEqual(await linksByIp());
  });

  it('answers for one destination as the kernel would send', async () => {
    expect(await actor.call('route', '198.51.100.1')).toBe('unicast 192.0.2.1 192.0.2.2');
    expect(await actor.call('route', '192.0.2.1')).toBe('unicast undefined 192.0.2.2');
    expect(await actor.call('route', '2001:db8:9::1')).toBe('refused ENETUNREACH');
    await host.configure(
      ['route', 'add', 'unreachable', '198.51.100.0/25'],
      ['route', 'add', 'blackhole', '203.0.113.0/24'],
    );
    expect(await actor.call('route', '198.51.100.1')).toBe('refused EHOSTUNREACH');
    expect(await actor.call('route', '203.0.113.1')).toBe('refused EINVAL');
    expect(await actor.call('route', '198.51.100.200')).toBe('unicast 192.0.2.1 192.0.2.2');
  });

  it('dumps the routes of one table', async () => {
    const routes = await actor.call('routes');
    const shown = [...(await host.ip('-4', 'route')), ...(await host.ip('-6', 'route'))];
    expect(routes?.length).toBe(shown.length);
    expect(routes?.some(({ type }) => type === 'blackhole')).toBe(true);
  });

  it('counts what a link carries, and knows one that does not exist', async () => {
    const eth0 = await actor.call('link', 'eth0');
    expect(eth0).toMatchObject({ name: 'eth0', kind: 'veth', up: true, lowerUp: true, operState: 'up' });
    expect(eth0?.statistics?.tx.packets).toBeGreaterThan(0);
    expect(await actor.call('link', 'nothing0')).toBeUndefined();
  });

  it('is right again after an overrun, and neither lost nor invented a change', async () => {
    await actor.call('closeTable');
    const small = await host.spawn<NativeActor>(new URL('./actors/native-actor.ts', import.meta.url));
    await small.call('openTable', 2_048);
    const blocked = small.call('block', 2_000);
    const names = Array.from({ length: 30 }, (_, index) => `many${index}`);
    await host.configure(...names.map((name) => ['link', 'add', 'name', name, 'type', 'bridge'] as const));
    await host.configure(...names.slice(10).map((name) => ['link', 'del', 'dev', name] as const));
    await blocked;
    await small.event('change', ({ name }) => name === 'many9');
    expect(await small.call('links')).toEqual(await linksByIp());
    const told = small.events('change').map(({ detail }) => detail);
    const added = told.filter(({ change }) => change === 'added').map(({ name }) => name);
    const removed = told.filter(({ change }) => change === 'removed').map(({ name }) => name);
    // What is there now was told once; what came and went in between may have been told or not, but never one half of it.
    for (const name of names.slice(0, 10)) expect(added.filter((each) => each === name)).toEqual([name]);
    expect(removed.filter((name) => !added.includes(name))).toEqual([]);
    expect(added.filter((name) => !removed.includes(name)).sort()).toEqual(names.slice(0, 10).sort());
    expect(small.events('error')).toEqual([]);
    await small.stop();
  });
});
