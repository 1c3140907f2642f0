import { setTimeout as delay } from 'node:timers/promises';
import { ring as ringPlan, roundsToCover } from '../../src/ring/index.js';
import type { Actor, Host } from '../../test/lab/index.js';
import { type Cost, costBetween, costOf } from '../kernel/process-cost.js';
import type { Bench, Scale } from '../part.js';
import { compare, type Row, type Target } from '../row.js';
import { peakMemoryOf, SMALL_HEAP } from './memory.js';
import type { MemberHost } from './programs/member.js';
import type { Peers } from './programs/peers.js';
import { idOf } from './report.js';

const MEMBER = new URL('./programs/member.ts', import.meta.url);
const PEERS = new URL('./programs/peers.ts', import.meta.url);

type Plan = 'mesh' | 'ring';

const PLANS: readonly Plan[] = ['ring', 'mesh'];
const SIZES: Record<Scale, readonly number[]> = { full: [10, 30, 100, 300, 1_000], quick: [10, 30] };

/** Milliseconds: the default of `checkInterval`, of which all others are parts or multiples. */
const MINUTE: Record<Scale, number> = { full: 60_000, quick: 2_000 };
/** Milliseconds in which a member comes to know the others. */
const SETTLING: Record<Scale, number> = { full: 15_000, quick: 1_000 };

/** What one member of a ring costs its host, in a mesh and by a ring plan: all at the same time, as they wait most of it. */
export async function measurePlans(bench: Bench, host: Host): Promise<readonly Row[]> {
  const { stage, scale, say } = bench;
  await using peers = await stage.spawn<Peers>(PEERS, { host });
  const port = await peers.call('listen');
  const rings = SIZES[scale].flatMap((members) => PLANS.map((plan) => ({ name: `${plan}-${members}`, members, plan })));
  say(`members in ${rings.length} rings`);
  const running: Running[] = [];
  try {
    for (const ring of rings) running.push(await start(bench, host, peers, port, ring));
    await delay(SETTLING[scale]);
    const measured = await measureAll(running, peers, scale);
    return SIZES[scale].flatMap((members) => rowsOf(members, measured));
  } finally {
    await Promise.all(running.map(({ actor }) => actor.stop()));
  }
}

interface Ring {
  readonly name: string;
  readonly members: number;
  readonly plan: Plan;
}

interface Running extends Ring {
  readonly actor: Actor<MemberHost>;
  readonly port: number;
}

interface Measured extends Ring {
  /** Checks in one minute, by TCP, HTTP and ping: the mean over all rounds. */
  readonly checks: number;
  /** Milliseconds of processor time in one minute. */
  readonly cpu: number;
  readonly reportBytes: number;
  readonly pageBytes: number;
  readonly series: number;
  /** The most that the process has held, in megabytes (of 1,000,000 bytes). */
  readonly memory: number;
}

async function start(
  { stage, scale }: Bench,
  host: Host,
  peers: Actor<Peers>,
  port: number,
  ring: Ring,
): Promise<Running> {
  const { name, members, plan } = ring;
  const minute = MINUTE[scale];
  await peers.call('add', { name, members });
  const actor = await stage.spawn<MemberHost>(MEMBER, { host, execArgv: SMALL_HEAP });
  const own = await actor.call('start', {
    location: 'here',
    instanceId: idOf(members - 1),
    registryUrl: `http://127.0.0.1:${port}/${name}`,
    port: 0,
    plan,
    pollInterval: minute / 2,
    checkInterval: minute,
    heartbeatInterval: (minute * 3) / 4,
    reportInterval: minute,
    // Measured by themselves: see the part "paths".
    bandwidthInterval: 0,
    tracerouteInterval: 0,
  });
  await peers.call('check', { port: own, count: targetsOf(members, plan), interval: minute });
  return { ...ring, actor, port: own };
}

/**
 * How many others a member checks in a round, and how many check it. By a ring plan that is another number in each round: this is the mean over those
 * that cover all.
 */
function targetsOf(members: number, plan: Plan): number {
  if (plan === 'mesh') return members - 1;
  const ids = Array.from({ length: members }, (_, index) => idOf(index));
  const rounds = roundsToCover(members);
  const counts = Array.from({ length: rounds }, (_, round) => ringPlan(ids, idOf(members - 1), { round }).length);
  return counts.reduce((sum, count) => sum + count, 0) / rounds;
}

async function measureAll(
  running: readonly Running[],
  peers: Actor<Peers>,
  scale: Scale,
): Promise<readonly Measured[]> {
  const connections = () => Promise.all(running.map(({ name }) => peers.call('connections', name)));
  const before = await connections();
  const costs = running.map(({ actor }) => costOf(actor.pid));
  await delay(MINUTE[scale]);
  const cpu = running.map(({ actor }, index) => spent(costs[index], costOf(actor.pid)));
  const after = await connections();
  for (const [index, ring] of running.entries()) {
    assertBusy(ring, (after[index] ?? 0) - (before[index] ?? 0), LEAST_DONE[scale]);
  }
  return Promise.all(
    running.map(async ({ actor, port, ...ring }, index) => {
      const { bytes, series } = await peers.call('scrape', port);
      return {
        ...ring,
        checks: targetsOf(ring.members, ring.plan) * CHECKS_OF_EACH,
        cpu: cpu[index] ?? 0,
        reportBytes: await peers.call('reportBytes', ring.name),
        pageBytes: bytes,
        series,
        memory: peakMemoryOf(actor.pid),
      };
    }),
  );
}

/** One by TCP, two by HTTP, each with a connection of its own; and a ping. */
const CHECKS_OF_EACH = 4;
const CONNECTIONS_TO_EACH = 3;

/** The part of its checks that a member has to make. */
const LEAST_DONE: Record<Scale, number> = { full: 0.8, quick: 0 };

/** What did less than it should has cost less than it should, and counts for nothing. By a ring plan, one round has more of them than another. */
function assertBusy({ name, members, plan }: Ring, connections: number, least: number): void {
  const wanted = plan === 'mesh' ? (members - 1) * CONNECTIONS_TO_EACH : 1;
  if (connections < least * wanted) throw new Error(`${name} made ${connections} of ${wanted} connections`);
}

function spent(before: Cost | undefined, after: Cost): number {
  return before === undefined ? 0 : costBetween(before, after).cpu;
}

function rowsOf(members: number, measured: readonly Measured[]): readonly Row[] {
  const row = (what: string, unit: string, of: (each: Measured) => number, target?: Target) => {
    const by = (plan: Plan) => measured.filter((each) => each.members === members && each.plan === plan).map(of);
    return compare({
      name: `ring plan, ${members.toLocaleString('en')} members: ${what}`,
      unit,
      ours: by('ring'),
      reference: by('mesh'),
      referenceName: 'mesh',
      ...(target !== undefined && { target }),
    });
  };
  return [
    row('checks of a member (calculated)', 'per minute', ({ checks }) => checks),
    row('processor time of a member', 'ms per minute', ({ cpu }) => cpu),
    row('report', 'kB', ({ reportBytes }) => reportBytes / 1e3),
    row('page of metrics', 'kB', ({ pageBytes }) => pageBytes / 1e3),
    row('series on it', 'series', ({ series }) => series),
    row('most memory of a member', 'MB', ({ memory }) => memory, { of: 'ours', atMost: 150 }),
  ];
}
