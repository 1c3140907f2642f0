import { address, bothLose, cable, defaultRoute, ip, link, noPath, words } from './faults.js';
import { comesTrue, pass } from './patience.js';
import { WORK_PORT } from './ports.js';
import type { Scenario } from './scenario.js';
import { SUBJECTS } from './scene.js';
import { calm, outage, scenario } from './stories.js';
import { onLink, SERVICE, SERVICE6, tap, uplink6, veth } from './topologies.js';

/** With one family lost, half of the check hosts are silent. */
const HALF = ['up (reachable)', 'degraded (partly-unreachable)'];

/** Links, addresses and routes of one uplink. */
const oneUplink: readonly Scenario[] = [
  outage({
    name: 'path/link-down',
    topology: veth,
    fault: 'the link is set down',
    quick: true,
    ...link,
    ...bothLose('link-down'),
  }),
  outage({
    name: 'path/link-down-tap',
    topology: tap,
    fault: 'the link is set down',
    ...link,
    ...bothLose('link-down'),
  }),
  outage({
    name: 'path/carrier',
    topology: veth,
    fault: 'the cable is pulled',
    quick: true,
    ...cable,
    ...bothLose('no-carrier'),
  }),
  outage({
    name: 'path/carrier-tap',
    topology: tap,
    fault: 'the cable is pulled',
    quick: true,
    ...cable,
    ...bothLose('no-carrier'),
  }),
  outage({
    name: 'path/address-removed',
    topology: veth,
    fault: 'the address is removed',
    quick: true,
    ...address,
    ...bothLose('no-address'),
  }),
  outage({
    name: 'path/default-route-removed',
    topology: veth,
    fault: 'the default route is removed',
    quick: true,
    ...defaultRoute,
    ...bothLose('no-route'),
  }),
  ...(['blackhole', 'unreachable', 'prohibit', 'throw'] as const).map((type) =>
    outage({
      name: `path/default-route-${type}`,
      topology: veth,
      fault: `the default route becomes a ${type} route`,
      ...ip([`route replace ${type} default`], ['route replace default via 192.0.2.1']),
      ...bothLose('no-route'),
    }),
  ),
  calm({
    name: 'path/default-route-replaced',
    topology: veth,
    fault: 'the default route is replaced by one over another gateway',
    prepare: (stage) => stage.router('router').configure(words('address add 192.0.2.254/24 dev eth0')),
    ...ip(['route replace default via 192.0.2.254'], ['route replace default via 192.0.2.1']),
    tidyUp: (stage) => stage.router('router').configure(words('address del 192.0.2.254/24 dev eth0')),
  }),
  calm({
    name: 'path/renumbered',
    topology: veth,
    fault: 'the address is exchanged for another one',
    quick: true,
    prepare: (stage) => stage.client.sysctl('net.ipv4.conf.eth0.promote_secondaries', 1),
    ...ip(
      ['address add 192.0.2.3/24 dev eth0', 'address del 192.0.2.2/24 dev eth0'],
      ['address add 192.0.2.2/24 dev eth0', 'address del 192.0.2.3/24 dev eth0'],
    ),
  }),
  scenario(
    {
      name: 'path/address-put-back',
      topology: veth,
      fault: 'the address is removed and put back within 20 ms',
      quick: true,
    },
    async (scene, stage) => {
      await scene.longWork(SUBJECTS);
      const change = (command: string) => stage.client.configure(words(command));
      for (let count = 0; count < 5; count += 1) {
        const lost = await change('address del 192.0.2.2/24 dev eth0');
        const readdressed = await change('address add 192.0.2.2/24 dev eth0');
        await change('route add default via 192.0.2.1');
        const until = process.hrtime.bigint();
        for (const subject of SUBJECTS) {
          scene.blip(subject, noPath('no-address'), lost, readdressed);
          // What has been read before may be told now; and whoever looks now sees the address, and only the route is not there.
          scene.blip(subject, noPath('no-address', 'no-route'), readdressed, until);
        }
        await scene.work('during', SUBJECTS);
        await pass(100);
      }
      await stage.service.call('release');
      await scene.done();
      await scene.settled();
    },
  ),
  outage({
    name: 'path/source-gone-bound',
    topology: veth,
    fault: 'the address that the work is bound to is removed, another one stays',
    scene: {
      target: { destination: `${SERVICE}:${WORK_PORT}`, options: { source: '192.0.2.3' } },
      dial: { localAddress: '192.0.2.3' },
      lookup: [SERVICE, 'from', '192.0.2.3'],
    },
    prepare: (stage) => stage.client.configure(words('address add 192.0.2.3/24 dev eth0')),
    ...ip(['address del 192.0.2.3/24 dev eth0'], ['address add 192.0.2.3/24 dev eth0']),
    host: 'none',
    target: noPath('no-address'),
    tidyUp: (stage) => stage.client.configure(words('address del 192.0.2.3/24 dev eth0')),
  }),
  outage({
    name: 'path/specific-unreachable',
    topology: veth,
    fault: 'the route to the destination becomes unreachable, the default route stays',
    quick: true,
    prepare: (stage) => stage.client.configure(words(`route add ${SERVICE}/32 via 192.0.2.1`)),
    ...ip([`route replace unreachable ${SERVICE}/32`], [`route replace ${SERVICE}/32 via 192.0.2.1`]),
    host: 'none',
    target: noPath('no-route'),
    tidyUp: (stage) => stage.client.configure(words(`route del ${SERVICE}/32`)),
  }),
  outage({
    name: 'path/default-lost-specific-stays',
    topology: veth,
    fault: 'the default route is removed, a route to the destination stays',
    prepare: (stage) => stage.client.configure(words(`route add ${SERVICE}/32 via 192.0.2.1`)),
    ...defaultRoute,
    host: noPath('no-route'),
    target: 'none',
    workers: ['target'],
    tidyUp: (stage) => stage.client.configure(words(`route del ${SERVICE}/32`)),
  }),
  calm({
    name: 'path/specific-lost-default-stays',
    topology: veth,
    fault: 'the route to the destination is removed, the default route leads there too',
    prepare: (stage) => stage.client.configure(words(`route add ${SERVICE}/32 via 192.0.2.1`)),
    ...ip([`route del ${SERVICE}/32`], [`route add ${SERVICE}/32 via 192.0.2.1`]),
    tidyUp: (stage) => stage.client.configure(words(`route del ${SERVICE}/32`)),
  }),
  calm({
    name: 'path/renamed',
    topology: veth,
    fault: 'the interface is renamed while it is in use',
    ...ip(['link set dev eth0 name wan0'], ['link set dev wan0 name eth0']),
  }),
  calm({
    name: 'path/no-checks-forwarding-stopped',
    topology: veth,
    fault: 'without check hosts the router stops forwarding (stays up by its path, as documented)',
    scene: {
      monitor: { checkHosts: [] },
      calm: { host: ['up (path)'], target: ['up (path)'] },
      blinks: Number.POSITIVE_INFINITY,
    },
    lose: ({ lab }) => lab.stopForwarding('router'),
    restore: ({ lab }) => lab.startForwarding('router'),
    fate: 'spending',
  }),
  outage({
    name: 'path/no-checks-carrier',
    topology: veth,
    fault: 'without check hosts the cable is pulled',
    scene: { monitor: { checkHosts: [] }, calm: { host: ['up (path)'], target: ['up (path)'] } },
    ...cable,
    ...bothLose('no-carrier'),
  }),
  outage({
    name: 'path/on-link-carrier',
    topology: onLink,
    fault: 'the cable is pulled, and there never was a default route',
    ...cable,
    ...bothLose('no-carrier'),
  }),
  outage({
    name: 'path/on-link-address',
    topology: onLink,
    fault: 'the address is removed, and there never was a default route',
    ...address,
    ...bothLose('no-address'),
  }),
];

/** IPv6, alone and beside IPv4. */
const families: readonly Scenario[] = [
  outage({
    name: 'path/ipv6-carrier',
    topology: uplink6,
    fault: 'the cable is pulled',
    quick: true,
    ...cable,
    ...bothLose('no-carrier'),
  }),
  outage({
    name: 'path/ipv6-address',
    topology: uplink6,
    fault: 'the address is removed',
    ...address,
    ...bothLose('no-address'),
  }),
  outage({
    name: 'path/ipv6-default-route',
    topology: uplink6,
    fault: 'the default route is removed',
    ...defaultRoute,
    ...bothLose('no-route'),
  }),
  outage({
    name: 'path/ipv6-tentative',
    topology: uplink6,
    fault: 'the address is put back, and is checked for duplicates before it may be used',
    lose: ({ lab }) => lab.removeAddress('client'),
    async restore(stage) {
      await stage.client.sysctl('net.ipv6.conf.eth0.accept_dad', 1);
      const at = await stage.client.configure(
        words('address add 2001:db8:1::2/64 dev eth0'),
        words('route replace default via 2001:db8:1::1'),
      );
      await stage.witness.call('getThrough', 5_000);
      return at;
    },
    ...bothLose('no-address'),
    tidyUp: (stage) => stage.client.sysctl('net.ipv6.conf.eth0.accept_dad', 0),
  }),
  outage({
    name: 'path/ipv6-dadfailed',
    topology: uplink6,
    fault: 'the address is put back while a neighbour has it',
    async lose(stage) {
      await stage.router('router').configure(words('address add 2001:db8:1::2/64 dev eth0 nodad'));
      await stage.client.sysctl('net.ipv6.conf.eth0.accept_dad', 1);
      const at = await stage.client.configure(
        words('address del 2001:db8:1::2/64 dev eth0'),
        words('address add 2001:db8:1::2/64 dev eth0'),
        words('route replace default via 2001:db8:1::1'),
      );
      const hasFailed = async () =>
        JSON.stringify(await stage.client.ip('address', 'show', 'dev', 'eth0')).includes('dadfailed');
      if (!(await comesTrue(hasFailed, 5_000))) throw new Error('no duplicate was found');
      return at;
    },
    async restore(stage) {
      await stage.router('router').configure(words('address del 2001:db8:1::2/64 dev eth0'));
      await stage.client.sysctl('net.ipv6.conf.eth0.accept_dad', 0);
      return stage.client.configure(
        words('address del 2001:db8:1::2/64 dev eth0'),
        words('address add 2001:db8:1::2/64 dev eth0 nodad'),
        words('route replace default via 2001:db8:1::1'),
      );
    },
    ...bothLose('no-address'),
  }),
  ...(['IPv4', 'IPv6'] as const).map((family) =>
    calm({
      name: `path/dual-stack-${family.toLowerCase()}-lost`,
      topology: veth,
      fault: `a destination of both families loses ${family}`,
      quick: family === 'IPv4',
      prepare: (stage) => stage.cover('/etc/hosts', `${SERVICE} both.test\n${SERVICE6} both.test\n`),
      scene: {
        target: { destination: `both.test:${WORK_PORT}` },
        dial: { host: 'both.test' },
        monitor: { checkHosts: ['203.0.113.53', '2001:db8:53::53'] },
        calm: { host: HALF, target: HALF },
        finally: { host: ['up (reachable)'], target: ['up (reachable)'] },
        lookup: [family === 'IPv4' ? SERVICE6 : SERVICE],
      },
      lose: ({ lab }) => lab.removeAddress('client', { family }),
      restore: ({ lab }) => lab.restoreAddress('client'),
      tidyUp: (stage) => stage.uncover('/etc/hosts'),
    }),
  ),
];

/** What the kernel knows of one way out. */
export const path: readonly Scenario[] = [...oneUplink, ...families];
