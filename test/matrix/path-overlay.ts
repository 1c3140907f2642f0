import type { Actor, Host } from '../lab/index.js';
import type { Tunnel } from './actors/tunnel.js';
import { bothLose, cable, ip, noReach } from './faults.js';
import type { Scenario } from './scenario.js';
import { actorModule, type Stage } from './stage.js';
import { type Fault, outage } from './stories.js';
import { bridge, macvlan, tunnel, vxlan } from './topologies.js';

const lowerLink = ip(['link set dev eth0 down'], ['link set dev eth0 up']);

const stacked: readonly Scenario[] = [
  outage({
    name: 'overlay/macvlan-carrier',
    topology: macvlan,
    fault: 'the cable under it is pulled',
    quick: true,
    ...cable,
    ...bothLose('no-carrier'),
  }),
  outage({
    name: 'overlay/macvlan-lower-down',
    topology: macvlan,
    fault: 'the link under it is set down',
    ...lowerLink,
    ...bothLose('no-carrier'),
  }),
  outage({
    name: 'overlay/made-again',
    topology: macvlan,
    fault: 'the interface is deleted and made again, with the same name and another index',
    quick: true,
    ...ip(
      ['link del dev mv0'],
      [
        'link add link eth0 name mv0 type macvlan mode bridge',
        'link set dev mv0 up',
        'address add 192.0.2.2/24 dev mv0',
        'route add default via 192.0.2.1',
      ],
    ),
    ...bothLose('link-down'),
  }),
  outage({
    name: 'overlay/bridge-carrier',
    topology: bridge,
    fault: 'the cable of its only port is pulled',
    ...cable,
    ...bothLose('no-carrier'),
  }),
  outage({
    name: 'overlay/bridge-port-down',
    topology: bridge,
    fault: 'its only port is set down',
    ...lowerLink,
    ...bothLose('no-carrier'),
  }),
  outage({
    name: 'overlay/bridge-port-detached',
    topology: bridge,
    fault: 'its only port is taken out',
    ...ip(['link set dev eth0 nomaster'], ['link set dev eth0 master br0']),
    ...bothLose('no-carrier'),
  }),
  outage({
    name: 'overlay/vxlan-carrier',
    topology: vxlan,
    fault: 'the cable under the tunnel is pulled',
    quick: true,
    ...cable,
    host: noReach,
    target: noReach,
  }),
  outage({
    name: 'overlay/vxlan-route',
    topology: vxlan,
    fault: 'the route to the far end of the tunnel is removed',
    ...ip(['route del 198.51.100.2/32'], ['route add 198.51.100.2/32 via 192.0.2.1']),
    host: noReach,
    target: noReach,
  }),
  outage({
    name: 'overlay/vxlan-down',
    topology: vxlan,
    fault: 'the tunnel is set down',
    ...ip(['link set dev vx0 down'], ['link set dev vx0 up', 'route replace default via 203.0.113.129 dev vx0']),
    ...bothLose('link-down'),
  }),
];

/** The client's end of the tunnel, as long as its process runs. */
const ends = new WeakMap<Stage, Actor<Tunnel>>();

async function openNearEnd(stage: Stage): Promise<bigint> {
  const near = await stage.client.spawn<Tunnel>(actorModule('tunnel'));
  ends.set(stage, near);
  await near.call('open', 'tun0', '198.51.100.2');
  return ipAfresh(
    stage.client,
    'link set dev tun0 up',
    'address add 203.0.113.130/25 dev tun0',
    'route replace default via 203.0.113.129 dev tun0',
  );
}

/** By an ip(8) of its own: one that stays remembers the number of the tun0 before. */
async function ipAfresh(host: Host, ...commands: readonly string[]): Promise<bigint> {
  const at = process.hrtime.bigint();
  await host.exec('ip', ['-batch', '-'], { input: `${commands.join('\n')}\n` });
  return at;
}

async function closeNearEnd(stage: Stage): Promise<bigint> {
  const at = process.hrtime.bigint();
  await ends.get(stage)?.stop();
  return at;
}

async function openTunnel(stage: Stage): Promise<void> {
  const { server } = stage.scenery;
  const far = await server.spawn<Tunnel>(actorModule('tunnel'));
  farEnds.set(stage, far);
  await far.call('open', 'tun0', '192.0.2.2');
  await ipAfresh(server, 'link set dev tun0 up', 'address add 203.0.113.129/25 dev tun0');
  await openNearEnd(stage);
}

const farEnds = new WeakMap<Stage, Actor<Tunnel>>();

async function closeTunnel(stage: Stage): Promise<void> {
  await closeNearEnd(stage);
  await farEnds.get(stage)?.stop();
}

const nearEnd: Fault = { lose: closeNearEnd, restore: openNearEnd };
const withTunnel = { prepare: openTunnel, tidyUp: closeTunnel };

const userSpace: readonly Scenario[] = [
  outage({
    name: 'overlay/tunnel-carrier',
    topology: tunnel,
    fault: 'the cable under the tunnel is pulled',
    ...withTunnel,
    ...cable,
    host: noReach,
    target: noReach,
  }),
  outage({
    name: 'overlay/tunnel-ended',
    topology: tunnel,
    fault: 'the process of the tunnel ends',
    ...withTunnel,
    ...nearEnd,
    ...bothLose('link-down'),
  }),
];

/** Interfaces that stand on others. Where the kernel does not pass the loss on, reach decides. */
export const pathOverlay: readonly Scenario[] = [...stacked, ...userSpace];
