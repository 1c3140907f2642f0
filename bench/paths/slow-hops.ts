import type { Join } from '../../test/kernel/probes/paths/chain.js';
import { type Actor, createLab, type Host, type Lab, type LabSupport } from '../../test/lab/index.js';
import type { Bench, Scale } from '../part.js';
import { isInstalled } from '../probes/command-process.js';
import { compare, type Row } from '../row.js';
import { HOPS, hopsIn, openChain, targetOf } from './chain.js';
import { type Contest, race } from './contest.js';
import { METHODS, ONE_FLOW } from './methods.js';
import type { SlowCables } from './programs/slow-cables.js';
import type { Tracer } from './programs/tracer.js';

const CABLES = new URL('./programs/slow-cables.ts', import.meta.url);
const TRACER = new URL('./programs/tracer.ts', import.meta.url);

/** Milliseconds that a frame takes over each cable, one way. */
const DELAY = 5;
const TURNS: Record<Scale, number> = { full: 10, quick: 1 };

/** How long a trace takes where it is the round trips that take the time. */
export async function measureSlowHops(bench: Bench, support: Available): Promise<readonly Row[]> {
  if (!support.tap.available) {
    bench.say(`no hops that take their time: ${support.tap.reason}`);
    return [];
  }
  if (!(await isInstalled('traceroute'))) return [];
  await using lab = await createLab();
  const cables = await openCables(lab);
  const chain = await openChain(lab, slowly(cables));
  await using tracer = await bench.stage.spawn<Tracer>(TRACER, { host: chain.client, execArgv: ['--expose-gc'] });
  const rows: Row[] = [];
  for (const method of [...METHODS, ONE_FLOW]) {
    const name = `${HOPS} hops of ${2 * DELAY} ms each, ${method.name}`;
    const contest = { ...method, name, target: targetOf(chain), hops: hopsIn(chain) };
    await race(bench, tracer, contest, 1);
    rows.push(await raceFor(bench, tracer, contest, TURNS[bench.scale]));
  }
  return rows;
}

type Available = Extract<LabSupport, { readonly available: true }>;

/** As far as a target that does not answer is looked for: what it takes until that is known. */
const LIMITS: Record<Scale, Pick<Contest, 'options' | 'flags'>> = {
  full: { options: { maxHops: 20 }, flags: ['-m', '20'] },
  quick: { options: { maxHops: HOPS, timeout: 200 }, flags: ['-m', `${HOPS}`, '-w', '0.2'] },
};

const UNANSWERED = '203.0.113.9';

/** A target behind seven routers that drops what it gets, as many do. */
export async function measureSilentTarget(bench: Bench): Promise<readonly Row[]> {
  if (!(await isInstalled('traceroute'))) return [];
  await using lab = await createLab();
  const chain = await openChain(lab);
  await chain.server.configure(['route', 'add', 'blackhole', `${UNANSWERED}/32`]);
  await using tracer = await bench.stage.spawn<Tracer>(TRACER, { host: chain.client, execArgv: ['--expose-gc'] });
  const contest = {
    ...LIMITS[bench.scale],
    name: `${HOPS - 1} hops and a target that is silent`,
    target: UNANSWERED,
    hops: hopsIn(chain).slice(0, -1),
  };
  return [await raceFor(bench, tracer, contest, 1)];
}

async function raceFor(bench: Bench, tracer: Actor<Tracer>, contest: Contest, turns: number): Promise<Row> {
  const { ours, theirs } = await race(bench, tracer, contest, turns);
  return compare({
    name: contest.name,
    unit: 'ms',
    ours,
    reference: theirs,
    referenceName: ['traceroute', '-n', ...contest.flags].join(' '),
  });
}

async function openCables(lab: Lab): Promise<Actor<SlowCables>> {
  const bench = await lab.host('cables');
  return bench.spawn<SlowCables>(CABLES);
}

/** Joins two hosts by a cable that takes {@link DELAY}. */
function slowly(cables: Actor<SlowCables>): Join {
  return async (near, far, addresses) => {
    const ends = [near, far].map((host) => ({ interface: host.nextInterface(), pid: host.namespace.pid }));
    const [here, there] = ends;
    if (here === undefined || there === undefined) return;
    await cables.call('connect', here, there, DELAY);
    await plug(near, here.interface, addresses[0]);
    await plug(far, there.interface, addresses[1]);
  };
}

async function plug(host: Host, device: string, addresses: readonly string[]): Promise<void> {
  await host.configure(...addresses.map((address) => ['address', 'add', address, 'dev', device] as const), [
    'link',
    'set',
    'dev',
    device,
    'up',
  ]);
}
