import type { Actor } from '../lab/index.js';
import type { Service } from './actors/service.js';
import { address, bothLose, cable, dropForwarded, filter, forwarding, noReach, words } from './faults.js';
import { pass } from './patience.js';
import type { Scenario } from './scenario.js';
import { type SceneOptions, SUBJECTS, type Subject } from './scene.js';
import { actorModule, type Stage } from './stage.js';
import { calm, type Fault, outage, scenario } from './stories.js';
import { CHECK_HOSTS, onLink, SERVICE, twoVeths, veth } from './topologies.js';

const cutOff = { host: noReach, target: noReach };
const nft = { topology: veth, needs: ['nft'] } as const;
const UP = ['up (reachable)'];
const CHECKS = `{ ${CHECK_HOSTS.join(', ')} }`;

/** Nobody can tell from here that the destination is cut off, so work spends its attempts; what is asked is that nothing is paused. */
const unseen = { fate: 'spending', scene: { blinks: Number.POSITIVE_INFINITY } } as const;

/** Until work has proved the check hosts wrong, their word stands where nobody knows whom else to ask; for no longer than a round. */
const DISAGREEING = [...UP, 'down (unreachable)', 'degraded (checks-disagree)', 'degraded (unverified)'];
const ANSWERED = [...UP, 'degraded (partly-unreachable)'];
const SILENT_THERE = [...UP, 'degraded (unverified)', 'up (path)'];
const ANYTHING = [...DISAGREEING, 'degraded (partly-unreachable)'];

const GAPPED: SceneOptions = {
  monitor: { checkHosts: ['8.8.8.8', '1.1.1.1', '8.8.4.4'] },
  calm: { host: ['degraded (unverified)'], target: ['up (path)'] },
};

const silence: readonly Scenario[] = [
  outage({
    name: 'reach/forwarding',
    topology: veth,
    fault: 'the router stops forwarding while all links stay up',
    quick: true,
    ...forwarding,
    ...cutOff,
  }),
  outage({
    name: 'reach/no-route-beyond',
    topology: veth,
    fault: 'the router has no route any more, and says so',
    lose: (stage) => stage.router('router').configure(words('route del 203.0.113.0/24')),
    restore: (stage) => stage.router('router').configure(words('route add 203.0.113.0/24 via 198.51.100.2')),
    ...cutOff,
  }),
  outage({
    ...nft,
    name: 'reach/drop-all',
    fault: 'the router drops everything',
    lose: ({ lab }) => lab.dropAll('router'),
    restore: ({ lab }) => lab.allow('router'),
    ...cutOff,
  }),
  outage({
    ...nft,
    name: 'reach/drop-all-here',
    fault: 'a packet filter of the client itself drops everything',
    lose: ({ lab }) => lab.dropAll('client'),
    restore: ({ lab }) => lab.allow('client'),
    ...cutOff,
  }),
  calm({
    ...nft,
    ...unseen,
    name: 'reach/drop-target',
    fault: 'only the destination is dropped: a failing server',
    quick: true,
    ...dropForwarded(`ip daddr ${SERVICE}`),
  }),
  calm({
    ...nft,
    name: 'reach/drop-port-53',
    fault: 'only port 53 is dropped',
    ...dropForwarded('tcp dport 53', 'udp dport 53'),
  }),
  checkHostsDropped({
    name: 'reach/drop-check-hosts',
    fault: 'only the check hosts are dropped, the destination answers',
    workers: SUBJECTS,
    // The target's own destination is asked before it is called unreachable, and its answer speaks for the host as well.
    scene: { calm: { host: ANSWERED, target: ANSWERED }, finally: { host: UP, target: UP } },
  }),
  checkHostsDropped({
    name: 'reach/drop-check-hosts-untold',
    fault: 'only the check hosts are dropped, and nobody has said where the work goes',
    workers: ['host'],
    scene: {
      // A neighbour, of which nobody asks anything and whose silence proves nothing.
      target: { destination: '192.0.2.1' },
      calm: { host: DISAGREEING, target: ['up (path)'] },
      finally: { host: UP, target: ['up (path)'] },
      witnessed: ['host'],
    },
  }),
  calm({
    ...nft,
    name: 'reach/half-dropped',
    fault: 'half of all packets to the other side are dropped',
    fate: 'spending',
    scene: {
      blinks: Number.POSITIVE_INFINITY,
      calm: { host: ANYTHING, target: ANYTHING },
      finally: { host: UP, target: UP },
    },
    ...dropForwarded('ip daddr 203.0.113.0/24 numgen random mod 2 0'),
  }),
];

interface DroppedStory {
  readonly name: string;
  readonly fault: string;
  readonly workers: readonly Subject[];
  readonly scene: SceneOptions;
}

/** Silent check hosts must not hold work whose destination answers. */
function checkHostsDropped({ workers, ...story }: DroppedStory): Scenario {
  return scenario({ ...nft, quick: true, ...story }, async (scene, stage) => {
    const drop = dropForwarded(`ip daddr ${CHECKS}`);
    await scene.longWork(workers);
    await drop.lose(stage);
    // Past the time in which a real outage would have been called.
    for (let count = 0; count < 12; count += 1) {
      await pass(200);
      await scene.work('during', workers);
    }
    await pass(2_500);
    await drop.restore(stage);
    await stage.service.call('release');
    await scene.work('after', workers);
    await scene.done();
    await scene.settled();
  });
}

const deadResolver = dropForwarded('udp dport 53');

/** What only looks like a network, or is one without what was there before. */
const pretence: readonly Scenario[] = [
  outage({
    ...nft,
    name: 'reach/resolver-dead',
    fault: 'the resolver is dead for good, and the cable is pulled',
    async prepare(stage) {
      await stage.service.call('serveNames', { 'check.test': [CHECK_HOSTS[0]], 'work.test': [SERVICE] });
      await stage.cover('/etc/resolv.conf', `nameserver 198.51.100.2\noptions timeout:1 attempts:1\n`);
    },
    scene: { monitor: { checkHosts: ['check.test'] }, target: { destination: 'work.test:7000' } },
    async lose(stage) {
      await deadResolver.lose(stage);
      return cable.lose(stage);
    },
    restore: cable.restore,
    ...bothLose('no-carrier'),
    async tidyUp(stage) {
      await deadResolver.restore(stage);
      await stage.uncover('/etc/resolv.conf');
    },
  }),
  calm({
    ...nft,
    ...unseen,
    name: 'reach/captive-portal',
    fault: 'a captive portal answers for everybody (TCP checks stay up, as documented)',
    prepare: openPortal,
    ...captivePortal(),
  }),
  outage({
    ...nft,
    name: 'reach/captive-portal-url',
    fault: 'a captive portal answers for everybody, and a URL is checked',
    quick: true,
    prepare: openPortal,
    scene: { monitor: { checkHosts: [`http://${CHECK_HOSTS[0]}/generate_204`] } },
    ...captivePortal(),
    ...cutOff,
  }),
  calm({
    name: 'reach/checks-refused',
    topology: veth,
    fault: 'the check hosts refuse every connection',
    scene: { monitor: { checkPorts: [81] } },
    ...nothing(),
  }),
  scenario(
    { ...nft, name: 'reach/mtu-hole', fault: 'large packets are lost on the way (stays up, as documented)' },
    async (scene, stage) => {
      const hole = dropForwarded(`ip saddr ${SERVICE} meta length > 1000`);
      await hole.lose(stage);
      await scene.work('during', SUBJECTS);
      const bulk = {
        message: 'bulk 20000',
        fate: 'spending',
        options: { retries: 100, minTimeout: 100, factor: 1, timeout: 500 },
      } as const;
      await scene.work('bulk', SUBJECTS, bulk);
      await pass(2_500);
      await hole.restore(stage);
      await scene.done();
    },
  ),
  calm({
    name: 'reach/air-gapped',
    topology: onLink,
    fault: 'the default check hosts cannot be reached and never could',
    quick: true,
    scene: GAPPED,
    ...nothing(),
  }),
  outage({
    name: 'reach/air-gapped-carrier',
    topology: onLink,
    fault: 'the default check hosts cannot be reached and never could; the cable is pulled',
    scene: GAPPED,
    ...cable,
    ...bothLose('no-carrier'),
  }),
  outage({
    name: 'reach/air-gapped-address',
    topology: onLink,
    fault: 'the default check hosts cannot be reached and never could; the address is removed',
    scene: GAPPED,
    ...address,
    ...bothLose('no-address'),
  }),
  calm({
    name: 'reach/roaming',
    topology: twoVeths,
    needs: ['nft'],
    fault: 'the host moves to another network, where the check hosts are silent',
    quick: true,
    async prepare(stage) {
      const rules = `table inet roaming { chain forward { type filter hook forward priority 0; ip daddr ${CHECKS} drop; }; }`;
      await stage.router('b').exec('nft', ['-f', '-'], { input: rules });
    },
    scene: { calm: { host: SILENT_THERE, target: SILENT_THERE }, finally: { host: UP, target: UP } },
    lose: ({ client }) => client.configure(words('address del 192.0.2.2/26 dev eth0')),
    restore: ({ client }) =>
      client.configure(words('address add 192.0.2.2/26 dev eth0'), words('route add default via 192.0.2.1 metric 100')),
    tidyUp: (stage) => stage.router('b').exec('nft', ['delete', 'table', 'inet', 'roaming']),
  }),
];

const portals = new WeakMap<Stage, Actor<Service>>();

/** A portal on the router, and the page that it takes the place of. */
async function openPortal(stage: Stage): Promise<void> {
  if (portals.has(stage)) return;
  const portal = await stage.router('router').spawn<Service>(actorModule('service'));
  portals.set(stage, portal);
  await portal.call('serveHttp', 8080, 302);
  await stage.service.call('serveHttp', 80, 204);
}

function captivePortal(): Fault {
  return filter(
    'chain portal { type nat hook prerouting priority -100; iifname eth0 tcp dport { 53, 80, 443 } redirect to :8080; }',
    'chain forward { type filter hook forward priority 0; iifname eth0 drop; }',
  );
}

/** What the topology itself does is the fault. */
function nothing(): Fault {
  const now = async () => process.hrtime.bigint();
  return { lose: now, restore: now };
}

/** Whether packets come through. */
export const reach: readonly Scenario[] = [...silence, ...pretence];
