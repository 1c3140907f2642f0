import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInLab } from '../lab/describe-in-lab.js';
import { type Actor, createLab, type Host, type Lab } from '../lab/index.js';
import type { SysfsActor } from './actors/sysfs-actor.js';

describeInLab('what links lie on, by /sys', [], () => {
  let lab: Lab;
  let host: Host;
  let peer: Host;

  beforeAll(async () => {
    lab = await createLab();
    [host, peer] = await Promise.all([lab.host('host'), lab.host('peer')]);
    await lab.link(host, peer, { addresses: [[], []] });
    await host.configure(
      ['link', 'add', 'name', 'pair0', 'type', 'veth', 'peer', 'name', 'pair1'],
      ['link', 'add', 'name', 'br0', 'type', 'bridge'],
      ['link', 'set', 'dev', 'pair0', 'master', 'br0'],
      ['link', 'add', 'link', 'eth0', 'name', 'mv0', 'type', 'macvlan', 'mode', 'bridge'],
      ['link', 'add', 'link', 'br0', 'name', 'mv1', 'type', 'macvlan', 'mode', 'bridge'],
      ['link', 'add', 'link', 'eth0', 'name', 'mv2', 'type', 'macvlan', 'mode', 'bridge'],
      ['link', 'set', 'dev', 'mv2', 'netns', `${peer.namespace.pid}`],
    );
  });
  afterAll(() => lab?.dispose());

  /** `mv0 on eth0`, for every link that lies on one of its own namespace. */
  const stacked = async (on: Host): Promise<readonly string[]> => {
    const actor: Actor<SysfsActor> = await on.spawn(new URL('./actors/sysfs-actor.ts', import.meta.url));
    const links = await actor.call('links');
    const nameOf = (index: number) => links.find((link) => link.index === index)?.name;
    return links.flatMap(({ name, lower }) => (lower === undefined ? [] : [`${name} on ${nameOf(lower)}`])).toSorted();
  };

  it('is the link that a macvlan was made on; a bridge lies on none, and neither do the ends of a pair', async () => {
    expect(await stacked(host)).toEqual(['mv0 on eth0', 'mv1 on br0']);
  });

  it('is nothing where that link stayed behind in another namespace, though its number is that of a link here', async () => {
    const [moved] = await peer.ip('link', 'show', 'dev', 'mv2');
    const [eth0] = await peer.ip('link', 'show', 'dev', 'eth0');
    expect(moved).toMatchObject({ link_index: eth0?.['ifindex'], link_netnsid: expect.any(Number) });
    expect(await stacked(peer)).toEqual([]);
  });
});
