import { Churn } from './churn.js';
import { bothLose, cable, words } from './faults.js';
import type { Finding } from './judge.js';
import { pass } from './patience.js';
import type { Scale, Scenario } from './scenario.js';
import { SUBJECTS } from './scene.js';
import type { Stage } from './stage.js';
import { outage } from './stories.js';
import { veth } from './topologies.js';

/** How many interfaces and route changes there are, and the tenth of it. */
const INTERFACES: Record<Scale, number> = { full: 1_000, quick: 100 };
const ROUTE_CHANGES: Record<Scale, number> = { full: 100_000, quick: 10_000 };
const CONTAINERS: Record<Scale, number> = { full: 200, quick: 20 };

const BRIDGES = 8;

/** So many commands are handed to ip(8) at once. */
const BATCH = 1_000;

/** Milliseconds of processor time for one change of the kernel's tables, twice what one event costs on a slow machine; and what work costs. */
const CPU_PER_CHANGE = 0.05;
const CPU_AT_REST = 1_500;
/** Bytes by which the process may have grown when all is over. */
const GROWTH = 64 * 2 ** 20;
/** Milliseconds for which the event loop may be kept busy in one go. */
const LONGEST_STALL = 500;

const churns: readonly Scenario[] = [
  noise({
    name: 'noise/interfaces',
    fault: 'veth and bridge interfaces come, flap and go beside the uplink',
    amount: INTERFACES,
    // Of each: two ends that are added, set up, enslaved, flapped and removed.
    changesEach: 20,
    make: manyInterfaces,
  }),
  noise({
    name: 'noise/containers',
    fault: 'containers start and stop: a bridge, a veth pair, addresses, a route',
    amount: CONTAINERS,
    changesEach: 30,
    make: manyContainers,
  }),
  noise({
    name: 'noise/routes',
    fault: 'route changes that concern no destination of the work',
    amount: ROUTE_CHANGES,
    changesEach: 1,
    make: manyRoutes,
  }),
];

const containers = new Churn((stage) => manyContainers(stage, 1));
const routes = new Churn((stage) => manyRoutes(stage, 2 * BATCH));

/** None is missed in the noise. */
const outagesInNoise: readonly Scenario[] = [
  outage({
    name: 'noise/containers-carrier',
    topology: veth,
    fault: 'the cable is pulled while containers start and stop',
    quick: true,
    alone: true,
    prepare: containers.start,
    ...cable,
    ...bothLose('no-carrier'),
    tidyUp: containers.stop,
  }),
  outage({
    name: 'noise/routes-carrier',
    topology: veth,
    fault: 'the cable is pulled while routes come and go all the time',
    alone: true,
    prepare: routes.start,
    ...cable,
    ...bothLose('no-carrier'),
    tidyUp: routes.stop,
  }),
];

interface Noise {
  readonly name: string;
  readonly fault: string;
  readonly amount: Record<Scale, number>;
  /** How many messages of the kernel each makes. */
  readonly changesEach: number;
  make(stage: Stage, amount: number): Promise<unknown>;
}

/** Nothing changes, and it costs no more than it must. */
function noise({ name, fault, amount, changesEach, make }: Noise): Scenario {
  return {
    name,
    fault: `${amount.full} ${fault} (a tenth of it in the quick form)`,
    topology: veth,
    quick: true,
    alone: true,
    seconds: 300,
    async play(stage, scale) {
      const scene = await stage.begin();
      await scene.longWork(SUBJECTS);
      const before = await stage.worker.call('usage');
      const made = make(stage, amount[scale]);
      await pass(200);
      await scene.work('during', SUBJECTS);
      await made;
      await scene.work('during', SUBJECTS);
      await pass(1_000);
      const after = await stage.worker.call('usage');
      await stage.service.call('release');
      await scene.work('after', SUBJECTS);
      await scene.done();
      const observations = await scene.end();
      const stalls = observations[0]?.stalls ?? [];
      return {
        observations,
        findings: [
          ...excess(
            'ms of processor time',
            after.cpu - before.cpu,
            CPU_AT_REST + amount[scale] * changesEach * CPU_PER_CHANGE,
          ),
          ...excess('bytes of memory', after.memory - before.memory, GROWTH),
          ...excess('descriptors', after.descriptors - before.descriptors, 20),
          ...excess(
            'ms in which the event loop stood still',
            Math.max(0, ...stalls.map(({ from, until }) => until - from)),
            LONGEST_STALL,
          ),
        ],
      };
    },
  };
}

function excess(what: string, amount: number, bound: number): readonly Finding[] {
  if (amount <= bound) return [];
  return [{ kind: 'excess', text: `${Math.round(amount)} ${what}, and ${Math.round(bound)} are allowed` }];
}

async function manyInterfaces(stage: Stage, amount: number): Promise<void> {
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
  const bridges = (command: (n: number) => string) => inBatches(stage, numbers(BRIDGES).map(command));
  const pairs = (command: (n: number) => string) => inBatches(stage, numbers((amount - BRIDGES) / 2).map(command));
  await bridges((n) => `link add name noise${n} type bridge`);
  await bridges((n) => `link set dev noise${n} up`);
  await pairs((n) => `link add name nv${n} type veth peer name np${n}`);
  await pairs((n) => `link set dev nv${n} master noise${n % BRIDGES}`);
  for (const state of ['up', 'down', 'up']) {
    await pairs((n) => `link set dev nv${n} ${state}`);
    await pairs((n) => `link set dev np${n} ${state}`);
  }
  await pairs((n) => `link del dev nv${n}`);
  await bridges((n) => `link del dev noise${n}`);
}

async function manyContainers(stage: Stage, amount: number): Promise<void> {
  const life = [
    'link add name docker9 type bridge',
    'link set dev docker9 up',
    'address add 198.51.100.129/25 dev docker9',
    'link add name vethc0 type veth peer name vethc1',
    'link set dev vethc0 master docker9',
    'link set dev vethc0 up',
    'link set dev vethc1 up',
    'address add 198.51.100.130/25 dev vethc1',
    'route add 203.0.113.128/25 via 198.51.100.130 dev docker9',
    'link set dev vethc1 down',
    'link del dev vethc0',
    'link del dev docker9',
  ].map(words);
  for (let count = 0; count < amount; count += 1) await stage.client.configure(...life);
}

async function manyRoutes(stage: Stage, amount: number): Promise<void> {
  const prefixes = Array.from({ length: amount / 2 }, (_, n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}/32`);
  await inBatches(
    stage,
    prefixes.map((prefix) => `route add blackhole ${prefix}`),
  );
  await inBatches(
    stage,
    prefixes.map((prefix) => `route del blackhole ${prefix}`),
  );
}

async function inBatches(stage: Stage, commands: readonly string[]): Promise<void> {
  for (let from = 0; from < commands.length; from += BATCH) {
    await stage.client.configure(...commands.slice(from, from + BATCH).map(words));
  }
}

/** What happens beside the uplink, and much of it. */
export const noises: readonly Scenario[] = [...churns, ...outagesInNoise];
