import { parseArgs } from 'node:util';
import { clientRouterServer, createLab, type Lab, TCP_ACTOR, type Tcp } from '../lab/index.js';
import type { Holdings, Soaked } from './actors/soaked.js';
import { seededRandom } from './seeded-random.js';
import { growth, type Sample } from './trend.js';

/**
 * Breaks and mends a network at random for as long as it is told, and after each quiet moment compares the monitor's state with the truth: a
 * connect by another process, and what was done. In half of the rounds work is in flight. Ends with one JSON line, and with exit code 0 only
 * when nothing was wrong and what the process holds has not grown.
 *
 *     npm run soak:monitor -- --minutes 30 --seed 1
 */
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, seed: { type: 'string', default: `${Date.now() % 100_000}` } },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) throw new Error('--minutes takes a positive number, --seed a whole one');

const PORT = 7000;
/** Milliseconds in which the state must agree with the truth once nothing changes any more: a check interval and two timeouts, and some. */
const QUIET = 4_000;
/** Addresses that come and go in each round. Unlike links, of which removing one holds the whole machine's network up, they are many at no cost. */
const ADDRESSES = 50;
/** How often it is measured what the process holds. */
const SAMPLES = 60;
/** What is held grows while it warms up: for a quarter of the time, but at least for so many milliseconds. A shorter run says nothing of it. */
const WARMING_UP = 180_000;
/**
 * By how much that may seem to grow. Of the heap, what some sockets more or less at the moment of a collection amount to: any leak of a change,
 * a check or an operation is many times as much in half an hour. Of all memory, by how much the reserves of allocator and collector swing.
 */
const ALLOWED: Holdings = { heap: 64 * 1024, anonymous: 16 * 1024 * 1024, descriptors: 1 };
/**
 * Without its compilers: optimized code and its bookkeeping still grow after half an hour, by more than what is looked for (measured: 0.8 MB,
 * all of it code, and none with these options); and code that is thrown away for want of use would hide a leak.
 */
const WITHOUT_COMPILERS = ['--jitless', '--no-flush-bytecode'];

interface Fault {
  readonly name: string;
  /** The reasons that the state may have while this is the only fault. */
  readonly reasons: readonly string[];
  apply(): Promise<unknown>;
  undo(): Promise<unknown>;
}

await using lab = await createLab();
const net = await clientRouterServer(lab);
const { ipv4: address } = net.addresses.server;
const server = await net.server.spawn<Tcp>(TCP_ACTOR);
await server.call('listen', PORT);
const witness = await net.client.spawn<Tcp>(TCP_ACTOR);
const soaked = await net.client.spawn<Soaked>(new URL('./actors/soaked.ts', import.meta.url), {
  execArgv: ['--expose-gc', ...WITHOUT_COMPILERS],
});
await soaked.call('start', { checkHosts: [address], checkPorts: [PORT], checkInterval: 1_000, checkTimeout: 500 });
await soaked.event('state', ({ to }) => to === 'up');

await net.client.configure(
  ['link', 'add', 'name', 'beside0', 'type', 'veth', 'peer', 'name', 'beside1'],
  ['link', 'set', 'dev', 'beside0', 'up'],
);

const random = seededRandom(seed);
const faults = faultsOf(lab);
const result = { minutes, seed, changes: 0, noise: 0, comparisons: 0, mismatches: 0, errors: 0 };
const samples: (Holdings & { readonly at: number })[] = [];
const begin = performance.now();
const duration = minutes * 60_000;

while (performance.now() < begin + duration) {
  if (random() < 0.5) await soaked.call('work', address, PORT);
  else await soaked.call('finish');
  await makeNoise();
  const fault = pick(faults);
  await fault.apply();
  result.changes += 1;
  await pause(random() * 300);
  // Half of the faults are over before anybody could have looked.
  if (random() < 0.5) await compare(fault);
  await fault.undo();
  result.changes += 1;
  await pause(random() * 300);
  if (random() < 0.5) await compare(undefined);
  await measureWhenDue();
}
const work = await soaked.call('finish');
result.errors = soaked.events('error').length;
const { starved } = await soaked.call('verdict');
const grown: Holdings = {
  heap: growthOf('heap'),
  anonymous: growthOf('anonymous'),
  descriptors: growthOf('descriptors'),
};
process.stdout.write(
  `${JSON.stringify({ ...result, ...work, starved, first: settled()[0], last: samples.at(-1), grown })}\n`,
);
process.exitCode =
  result.mismatches === 0 && result.errors === 0 && work.failed === 0 && isWithin(grown, ALLOWED) ? 0 : 1;

/** The state must come to agree with the truth, and both are asked until they do or the time is over. */
async function compare(fault: Fault | undefined): Promise<void> {
  result.comparisons += 1;
  const before = await soaked.call('verdict');
  const from = performance.now();
  for (;;) {
    const outcome = await witness.call('connect', address, PORT, 500);
    const { state, reason, starved } = await soaked.call('verdict');
    const connected = outcome === 'connected';
    const agrees =
      fault === undefined
        ? connected && state === 'up'
        : !connected && state === 'down' && fault.reasons.includes(reason);
    if (agrees) return;
    // On a machine that is overloaded, what the process did not get to do is not what it got wrong.
    const missed = starved - before.starved;
    if (performance.now() - from > QUIET + missed) {
      result.mismatches += 1;
      process.stderr.write(
        `after ${fault?.name ?? 'mending'}, ${missed} ms starved: connect ${outcome}, state ${state} (${reason})\n${lastEvents()}\n`,
      );
      return;
    }
    await pause(50);
  }
}

/** Only while nothing is wrong and no work is under way is what is held the same each time. */
async function measureWhenDue(): Promise<void> {
  if (performance.now() < begin + (samples.length * duration) / SAMPLES) return;
  await compare(undefined);
  await soaked.call('finish');
  samples.push({ at: performance.now() - begin, ...(await soaked.call('holdings')) });
  process.stderr.write(`${JSON.stringify({ ...result, ...samples.at(-1) })}\n`);
}

function settled(): typeof samples {
  return samples.filter(({ at }) => at > Math.max(duration / 4, WARMING_UP));
}

function growthOf(what: keyof Holdings): number {
  return Math.round(growth(settled().map((sample): Sample => ({ at: sample.at, value: sample[what] }))));
}

function isWithin(found: Holdings, allowed: Holdings): boolean {
  return found.heap <= allowed.heap && found.anonymous <= allowed.anonymous && found.descriptors <= allowed.descriptors;
}

function faultsOf(in_: Lab): readonly Fault[] {
  return [
    { name: 'cable', reasons: ['no-carrier'], apply: () => in_.pullCable('client'), undo: () => in_.plugIn('client') },
    {
      name: 'link',
      reasons: ['link-down'],
      apply: () => in_.linkDown('client'),
      undo: async () => {
        await in_.linkUp('client');
        await in_.reconfigure('client');
      },
    },
    {
      name: 'address',
      reasons: ['no-address'],
      apply: () => in_.removeAddress('client'),
      undo: () => in_.restoreAddress('client'),
    },
    {
      name: 'route',
      reasons: ['no-route'],
      apply: () => in_.removeDefaultRoute('client'),
      undo: () => in_.restoreDefaultRoute('client'),
    },
    {
      name: 'router',
      reasons: ['unreachable'],
      apply: () => in_.stopForwarding('router'),
      undo: () => in_.startForwarding('router'),
    },
  ];
}

/** What happens beside the uplink all the time on a host with containers: one comes and goes, and others change their addresses. */
async function makeNoise(): Promise<void> {
  const name = `n${Math.floor(random() * 1_000)}`;
  const numbers = Array.from({ length: ADDRESSES }, (_, index) => index);
  const commands = [
    ['link', 'add', 'name', name, 'type', 'veth', 'peer', 'name', `${name}p`],
    ['link', 'set', 'dev', name, 'up'],
    ['address', 'add', '203.0.113.1/32', 'dev', name],
    ['route', 'add', '203.0.113.128/25', 'dev', name],
    ...['add', 'del'].flatMap((verb) =>
      numbers.map((number) => ['address', verb, `203.0.113.${number + 2}/32`, 'dev', 'beside0']),
    ),
    ['link', 'del', 'dev', name],
  ];
  await net.client.configure(...commands);
  result.noise += commands.length;
}

/** What the monitor told last, with how long ago that was. */
function lastEvents(): string {
  const now = process.hrtime.bigint();
  const told = [...soaked.events('check'), ...soaked.events('state')].sort((a, b) => Number(a.at - b.at));
  return told
    .slice(-12)
    .map(({ at, detail }) => `  ${Number(now - at) / 1e6} ms ago ${JSON.stringify(detail)}`)
    .join('\n');
}

function pick(from: readonly Fault[]): Fault {
  const fault = from[Math.floor(random() * from.length)];
  if (fault === undefined) throw new Error('there are no faults');
  return fault;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
