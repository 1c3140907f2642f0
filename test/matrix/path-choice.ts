import { bothLose, cable, ip, link, noPath, words } from './faults.js';
import { type Finding, falsePause, missed } from './judge.js';
import { comesTrue } from './patience.js';
import { CHECK_PORTS, WORK_PORT } from './ports.js';
import type { Scenario } from './scenario.js';
import type { SceneOptions } from './scene.js';
import type { Stage } from './stage.js';
import { calm, type Fault, outage } from './stories.js';
import { MORE_SERVICES, SERVICE, twoTaps, twoVeths } from './topologies.js';

const UP = ['up (reachable)'];
const UP_OR_CUT = ['up (reachable)', 'up (path)', 'down (no-carrier)'];

/** While one way is left for another, a moment may pass in which no check host speaks for the one that the target takes. */
const CHANGING: SceneOptions = {
  calm: { host: UP, target: [...UP, 'up (path)'] },
  finally: { host: UP, target: UP },
};

const bothLinks: Fault = {
  async lose(stage) {
    await stage.lab.linkDown('client', { interface: 'eth1' });
    return link.lose(stage);
  },
  async restore(stage) {
    await link.restore(stage);
    await stage.lab.linkUp('client', { interface: 'eth1' });
    return stage.lab.reconfigure('client', { interface: 'eth1' });
  },
};

const bothCables: Fault = {
  async lose(stage) {
    await stage.lab.pullCable('client', { interface: 'eth1' });
    return cable.lose(stage);
  },
  async restore(stage) {
    await cable.restore(stage);
    return stage.lab.plugIn('client', { interface: 'eth1' });
  },
};

const ignoreLinkdown = (value: 0 | 1) => (stage: Stage) =>
  stage.client.sysctl('net.ipv4.conf.all.ignore_routes_with_linkdown', value);
const avoidingDeadLinks = { prepare: ignoreLinkdown(1), tidyUp: ignoreLinkdown(0) };

const twoUplinks: readonly Scenario[] = [
  calm({
    name: 'choice/one-link-down',
    topology: twoVeths,
    fault: 'the preferred of two links is set down',
    quick: true,
    // Its router has looked for the client in vain meanwhile, and asks again only after a second (neighbour discovery, retrans_time_ms).
    scene: { ...CHANGING, blinks: 30 },
    ...link,
  }),
  outage({
    name: 'choice/one-carrier',
    topology: twoVeths,
    fault: 'the preferred of two cables is pulled; the kernel goes on choosing its route',
    quick: true,
    ...cable,
    ...bothLose('no-carrier'),
  }),
  outage({
    name: 'choice/one-carrier-tap',
    topology: twoTaps,
    fault: 'the preferred of two cables is pulled; the kernel goes on choosing its route',
    ...cable,
    ...bothLose('no-carrier'),
  }),
  calm({
    name: 'choice/one-carrier-ignored',
    scene: CHANGING,
    topology: twoVeths,
    fault: 'the preferred of two cables is pulled; the kernel ignores routes of dead links',
    ...cable,
    ...avoidingDeadLinks,
  }),
  calm({
    name: 'choice/one-carrier-ignored-tap',
    topology: twoTaps,
    fault: 'the preferred of two cables is pulled; the kernel ignores routes of dead links',
    // Until the kernel itself has noticed, which takes up to a second, it goes on using the dead one.
    scene: { blinks: 30, calm: { host: UP_OR_CUT, target: UP_OR_CUT }, finally: { host: UP, target: UP } },
    ...cable,
    ...avoidingDeadLinks,
  }),
  outage({
    name: 'choice/both-links-down',
    topology: twoVeths,
    fault: 'both links are set down',
    ...bothLinks,
    ...bothLose('link-down'),
  }),
  outage({
    name: 'choice/both-carriers-ignored',
    topology: twoVeths,
    fault: 'both cables are pulled; the kernel ignores routes of dead links',
    ...bothCables,
    ...bothLose('no-carrier'),
    ...avoidingDeadLinks,
  }),
  calm({
    name: 'choice/metric-failover',
    scene: CHANGING,
    topology: twoVeths,
    fault: 'the default route of the lower metric is removed',
    ...ip(['route del default via 192.0.2.1 metric 100'], ['route add default via 192.0.2.1 metric 100']),
  }),
];

/** Table 20 leads over the second router. */
function policy(rule: string) {
  return {
    prepare: ({ client }: Stage) =>
      client.configure(
        words('route add default via 192.0.2.65 table 20'),
        words(`rule add pref 1000 ${rule} table 20`),
      ),
    tidyUp: ({ client }: Stage) => client.configure(words('rule del pref 1000'), words('route flush table 20')),
  };
}

const table20 = ip(['route replace unreachable default table 20'], ['route replace default via 192.0.2.65 table 20']);
const mainTable = ip(
  ['route del default via 192.0.2.1 metric 100', 'route del default via 192.0.2.65 metric 200'],
  ['route add default via 192.0.2.1 metric 100', 'route add default via 192.0.2.65 metric 200'],
);

/** No check host is reached by the way that the work takes, so the path is all that is known of it. */
const UP_BY_PATH = { calm: { target: ['up (path)'] } };

const bound: SceneOptions = {
  ...UP_BY_PATH,
  target: { destination: `${SERVICE}:${WORK_PORT}`, options: { source: '192.0.2.66' } },
  dial: { localAddress: '192.0.2.66' },
  lookup: [SERVICE, 'from', '192.0.2.66'],
};
const marked: SceneOptions = {
  ...UP_BY_PATH,
  target: { destination: `${SERVICE}:${WORK_PORT}`, options: { mark: 7 } },
  dial: { mark: 7 },
  lookup: [SERVICE, 'mark', '7'],
};
const byPort: SceneOptions = { ...UP_BY_PATH, lookup: [SERVICE, 'ipproto', 'tcp', 'dport', `${WORK_PORT}`] };

/** Nobody in particular. */
const NOBODY = 65_534;

/** Monitor, work and witness all run as somebody else. */
async function asNobody(stage: Stage): Promise<SceneOptions> {
  const [worker, witness] = await Promise.all([stage.hire(), stage.hireWitness()]);
  await Promise.all([worker.call('become', NOBODY), witness.call('become', NOBODY)]);
  return { worker, witness, lookup: [SERVICE, 'uid', `${NOBODY}`] };
}

/** `ip rule` sends the work and the check hosts by different tables. */
const policyRouting: readonly Scenario[] = [
  outage({
    name: 'policy/from',
    topology: twoVeths,
    fault: 'ip rule from …: the table of the work loses its route, that of the check hosts does not',
    quick: true,
    scene: bound,
    ...policy('from 192.0.2.66'),
    ...table20,
    host: 'none',
    target: noPath('no-route'),
  }),
  outage({
    name: 'policy/fwmark',
    topology: twoVeths,
    fault: 'ip rule fwmark …: the table of the work loses its route, that of the check hosts does not',
    scene: marked,
    ...policy('fwmark 7'),
    ...table20,
    host: 'none',
    target: noPath('no-route'),
  }),
  outage({
    name: 'policy/fwmark-main-lost',
    topology: twoVeths,
    fault: 'ip rule fwmark …: the table of the check hosts loses its route, that of the work does not',
    scene: marked,
    ...policy('fwmark 7'),
    ...mainTable,
    host: noPath('no-route'),
    target: 'none',
    workers: ['target'],
  }),
  outage({
    name: 'policy/dport',
    topology: twoVeths,
    fault: 'ip rule dport …: the table of the work loses its route, that of the check hosts does not',
    scene: byPort,
    ...policy(`ipproto tcp dport ${WORK_PORT}`),
    ...table20,
    host: 'none',
    target: noPath('no-route'),
  }),
  outage({
    name: 'policy/uid',
    topology: twoVeths,
    fault: 'ip rule uidrange …: the table of this user loses its route, the main table does not',
    scene: asNobody,
    ...policy(`uidrange ${NOBODY}-${NOBODY}`),
    ...table20,
    ...bothLose('no-route'),
  }),
  calm({
    name: 'policy/uid-main-lost',
    topology: twoVeths,
    fault: 'ip rule uidrange …: the main table loses its route, that of this user does not',
    scene: asNobody,
    ...policy(`uidrange ${NOBODY}-${NOBODY}`),
    ...mainTable,
  }),
];

const multipath = {
  add: ({ client }: Stage) =>
    client.configure(words('route add default nexthop via 192.0.2.1 dev eth0 nexthop via 192.0.2.65 dev eth1')),
  remove: ({ client }: Stage) => client.configure(words('route del default')),
};
const nexthopObjects = {
  add: ({ client }: Stage) =>
    client.configure(
      words('nexthop add id 1 via 192.0.2.1 dev eth0'),
      words('nexthop add id 2 via 192.0.2.65 dev eth1'),
      words('nexthop add id 10 group 1/2'),
      words('route add default nhid 10'),
    ),
  remove: ({ client }: Stage) =>
    client.configure(words('route del default'), ...[10, 2, 1].map((id) => words(`nexthop del id ${id}`))),
};

/** One of two next hops is dead, and which destinations the kernel sends there is its own choice. */
const severalNextHops: readonly Scenario[] = [
  agreement({
    name: 'choice/multipath-carrier',
    fault: 'the cable of one of two next hops is pulled',
    quick: true,
    ways: multipath,
    ...cable,
  }),
  agreement({
    name: 'choice/multipath-link-down',
    fault: 'the link of one of two next hops is set down',
    ways: multipath,
    lose: ({ client }) => client.configure(words('link set dev eth0 down')),
    restore: ({ client }) => client.configure(words('link set dev eth0 up')),
  }),
  agreement({
    name: 'choice/nexthop-objects-carrier',
    fault: 'the cable of one of two next hop objects is pulled',
    ways: nexthopObjects,
    lose: cable.lose,
    async restore(stage) {
      await cable.restore(stage);
      // The kernel deletes a next hop object with the carrier of its link (net/ipv4/nexthop.c).
      return stage.client.configure(
        words('nexthop replace id 1 via 192.0.2.1 dev eth0'),
        words('nexthop replace id 10 group 1/2'),
      );
    },
  }),
  agreement({
    name: 'choice/nexthop-object-deleted',
    fault: 'one of two next hop objects is deleted',
    ways: nexthopObjects,
    lose: ({ client }) => client.configure(words('nexthop del id 1')),
    restore: ({ client }) =>
      client.configure(words('nexthop add id 1 via 192.0.2.1 dev eth0'), words('nexthop replace id 10 group 1/2')),
  }),
];

interface AgreementStory extends Fault {
  readonly name: string;
  readonly fault: string;
  readonly quick?: boolean;
  readonly ways: Record<'add' | 'remove', (stage: Stage) => Promise<bigint>>;
}

/** Of eight destinations, those that a fresh connection reaches are not down, and the others are. */
function agreement({ ways, lose, restore, ...head }: AgreementStory): Scenario {
  return {
    ...head,
    topology: twoVeths,
    async play(stage) {
      const { client } = stage;
      await client.configure(words('route del default via 192.0.2.1'), words('route del default via 192.0.2.65'));
      await ways.add(stage);
      const destinations = [SERVICE, ...MORE_SERVICES];
      const watched = destinations.map((host) => ({ name: host, destination: `${host}:${WORK_PORT}` }));
      const monitor = {
        checkHosts: stage.scenery.checkHosts,
        checkPorts: CHECK_PORTS,
        checkInterval: 500,
        checkTimeout: 500,
      };
      await stage.worker.call('start', monitor, watched);
      await lose(stage);
      const findings = await compare(stage, destinations, 'while it is dead');
      await restore(stage);
      const findingsAfter = await compare(stage, destinations, 'afterwards');
      await stage.worker.call('finish');
      await ways.remove(stage);
      // Setting a link down has cost its routes.
      await client.configure(
        words('route replace default via 192.0.2.1 metric 100'),
        words('route replace default via 192.0.2.65 metric 200'),
      );
      return { observations: [], findings: [...findings, ...findingsAfter] };
    },
  };
}

async function compare(stage: Stage, destinations: readonly string[], when: string): Promise<readonly Finding[]> {
  const disagreements = async () => {
    const all = await Promise.all(destinations.map((host) => disagreement(stage, host, when)));
    return all.filter((finding) => finding !== undefined);
  };
  let left = await disagreements();
  // Twice the time in which a path outage must be seen while nobody works.
  await comesTrue(async () => {
    left = await disagreements();
    return left.length === 0;
  }, 2_400);
  return left;
}

async function disagreement(stage: Stage, host: string, when: string): Promise<Finding | undefined> {
  const outcome = await stage.witness.call('connect', { host, port: WORK_PORT });
  const { state, reason } = await stage.worker.call('verdictOn', host);
  const isDown = state === 'down';
  if (outcome === 'connected')
    return isDown
      ? falsePause(`${host} is ${state} (${reason}) ${when}, and a fresh connection gets through`)
      : undefined;
  return isDown
    ? undefined
    : missed(`${host} is ${state} (${reason}) ${when}, and a fresh connection fails (${outcome})`);
}

/** Which of several ways the kernel takes, and what is known of the one it takes. */
export const pathChoice: readonly Scenario[] = [...twoUplinks, ...policyRouting, ...severalNextHops];
