import { afterEach, expect, it } from 'vitest';
import { describeInLab } from '../lab/describe-in-lab.js';
import {
  type Actor,
  type ClientRouterServer,
  clientRouterServer,
  createLab,
  type Lab,
  type SpawnOptions,
} from '../lab/index.js';
import type { SysfsActor } from './actors/sysfs-actor.js';

describeInLab('the count of how often a carrier came and went', ['tap'], () => {
  let lab: Lab;
  afterEach(() => lab?.dispose());

  it.each(['tap', 'veth'] as const)(
    'moves at once with the carrier of a %s device, though the kernel may tell of it later',
    async (kind) => {
      lab = await createLab();
      const { client } = await clientRouterServer(lab, { kind });
      const reader = await client.spawn<SysfsActor>(READER);
      const up = await known(reader);
      expect(await reader.call('isUnchanged', up)).toBe(true);
      await lab.pullCable('client');
      expect(await reader.call('isUnchanged', up)).toBe(false);
      const down = await known(reader);
      expect(down.lowerUp).toBe(false);
      expect(await reader.call('isUnchanged', down)).toBe(true);
      await lab.plugIn('client');
      expect(await reader.call('isUnchanged', down)).toBe(false);
    },
  );

  it('is not taken from the /sys of another namespace, though that has a link of the same name and number', async () => {
    lab = await createLab();
    const net = await clientRouterServer(lab);
    const reader = await net.client.spawn<SysfsActor>(READER, withSysOfServer(net));
    const [shown] = await net.server.ip('link', 'show', 'dev', 'eth0');
    const eth0 = await known(reader);
    expect(shown).toMatchObject({ ifname: eth0.name, ifindex: eth0.index });
    expect(await reader.call('isUnchanged', eth0)).toBe(false);
  });
});

const READER = new URL('./actors/sysfs-actor.ts', import.meta.url);

async function known(reader: Actor<SysfsActor>) {
  const link = await reader.call('known', 'eth0');
  if (link === undefined) throw new Error('there is no eth0');
  return link;
}

/** Mounted in a mount namespace of the reader's own. */
function withSysOfServer({ server }: ClientRouterServer): SpawnOptions {
  const mount = `nsenter --net=/proc/${server.namespace.pid}/ns/net mount -t sysfs sysfs /sys`;
  return {
    nodePath: 'unshare',
    execArgv: ['--mount', '--propagation', 'private', 'sh', '-c', `${mount} && exec "$@"`, 'sh', process.execPath],
  };
}
