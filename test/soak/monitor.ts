import { parseArgs } from 'node:util';
import { type Actor, clientRouterServer, createLab, type Lab, TCP_ACTOR, type Tcp } from '../lab/index.js';
import type { Soaked } from './actors/soaked.js';
import { seededRandom } from './seeded-random.js';

/**
 * Breaks and mends a network at random for as long as it is told, and after each quiet moment compares the monitor's state with the truth: a
 * connect by another process, and what was done. Ends with one JSON line.
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

interface Fault {
  readonly name: string;
  /** The reasons that the state may have while this is the only fault. */
  readonly reasons: readonly string[];
  apply(): Promise<unknown>;
  undo(): Promise<unknown>;
}

await using lab = await createLab();
const net = await clientRouterServer(lab);
const server = await net.server.spawn<Tcp>(TCP_ACTOR);
await server.call('listen', PORT);
const witness = await net.client.spawn<Tcp>(TCP_ACTOR);
const soaked = await net.client.spawn<Soaked>(new URL('./actors/soaked.ts', import.meta.url), {
  execArgv: ['--expose-gc'],
});
await soaked.call('start', {
  checkHosts: [net.addresses.server.ipv4],
  checkPorts: [PORT],
  checkInterval: 1_000,
  checkTimeout: 500,
});
await soaked.event('state', ({ to }) => to === 'up');

const random = seededRandom(seed);
const faults = faultsOf(lab);
const result = { minutes, seed, changes: 0, comparisons: 0, mismatches: 0, errors: 0 };
const deadline = performance.now() + minutes * 60_000;
let early: Awaited<ReturnType<typeof holdings>> | undefined;
let lastLine = performance.now();

while (performance.now() < deadline) {
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
  // The first minute is for warming up: compiled code, filled pools.
  if (early === undefined && performance.now() > deadline - minutes * 60_000 + Math.min(60_000, minutes * 15_000))
    early = await holdings();
  if (performance.now() - lastLine > 30_000) {
    lastLine = performance.now();
    process.stderr.write(`${JSON.stringify({ ...result, ...(await holdings()) })}\n`);
  }
}
const late = await holdings();
result.errors = soaked.events('error').length;
process.stdout.write(`${JSON.stringify({ ...result, early, late })}\n`);
process.exitCode =
  result.mismatches === 0 && result.errors === 0 && late.descriptors <= (early ?? late).descriptors ? 0 : 1;

/** The state must come to agree with the truth, and both are asked until they do or the time is over. */
async function compare(fault: Fault | undefined): Promise<void> {
  result.comparisons += 1;
  const until = performance.now() + QUIET;
  for (;;) {
    const outcome = await witness.call('connect', net.addresses.server.ipv4, PORT, 500);
    const { state, reason } = await soaked.call('verdict');
    const connected = outcome === 'connected';
    const agrees =
      fault === undefined
        ? connected && state === 'up'
        : !connected && state === 'down' && fault.reasons.includes(reason);
    if (agrees) return;
    if (performance.now() > until) {
      result.mismatches += 1;
      process.stderr.write(
        `after ${fault?.name ?? 'mending'}: connect ${outcome}, state ${state} (${reason})\n${lastEvents()}\n`,
      );
      return;
    }
    await pause(50);
  }
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

/** What happens beside the uplink all the time on a host with containers. */
async function makeNoise(): Promise<void> {
  const name = `n${Math.floor(random() * 1_000)}`;
  await net.client.configure(
    ['link', 'add', 'name', name, 'type', 'veth', 'peer', 'name', `${name}p`],
    ['link', 'set', 'dev', name, 'up'],
    ['address', 'add', '203.0.113.1/32', 'dev', name],
    ['route', 'add', '203.0.113.128/25', 'dev', name],
    ['link', 'del', 'dev', name],
  );
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

function holdings(): ReturnType<typeof ask> {
  return ask(soaked);
}

function ask(actor: Actor<Soaked>) {
  return actor.call('holdings');
}

function pick(from: readonly Fault[]): Fault {
  const fault = from[Math.floor(random() * from.length)];
  if (fault === undefined) throw new Error('there are no faults');
  return fault;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
