import { setTimeout as delay } from 'node:timers/promises';
import { WIRE_LIMITS } from '../../src/ring/wire/index.js';
import type { Actor, Host } from '../../test/lab/index.js';
import { costBetween, costOf } from '../kernel/process-cost.js';
import type { Bench, Scale } from '../part.js';
import { compare, type Row, type Target } from '../row.js';
import { peakMemoryOf, SMALL_HEAP } from './memory.js';
import type { Answers, Kind, Loader } from './programs/load.js';
import type { RegistryHost } from './programs/registry.js';

export const REGISTRY = new URL('./programs/registry.ts', import.meta.url);
const BARE = new URL('./programs/bare-registry.ts', import.meta.url);
export const LOADER = new URL('./programs/load.ts', import.meta.url);

/** Processes that play the members. */
const LOADERS = 2;

/** A ring of so many members, who report of so many others. */
interface Ring {
  readonly name: string;
  readonly members: number;
  readonly targets: number;
  /** Seconds that are watched. */
  readonly watched: number;
}

const FULL: readonly Ring[] = [
  // Also what a ring plan comes to when it has covered enough of the others.
  { name: '1,000 members, full reports', members: 1_000, targets: 999, watched: 30 },
  { name: '1,000 members, ring plan after 5 minutes', members: 1_000, targets: 14, watched: 15 },
  { name: '200 members, mesh', members: 200, targets: 199, watched: 15 },
];
const QUICK: readonly Ring[] = [{ name: '20 members, mesh', members: 20, targets: 19, watched: 1 }];
const RINGS: Record<Scale, readonly Ring[]> = { full: FULL, quick: QUICK };

/** Milliseconds of load before it is measured. */
const SETTLING: Record<Scale, number> = { full: 3_000, quick: 200 };
/** By what all intervals are divided: in a quick run something has to happen in a second. */
const SPEED: Record<Scale, number> = { full: 1, quick: 30 };

/** What a registry takes for many members at the default intervals. */
export async function measureRegistry(bench: Bench, host: Host): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const ring of RINGS[bench.scale]) {
    bench.say(`${ring.name}`);
    const ours = await measure(bench, host, ring, REGISTRY);
    rows.push(
      ...rowsOf(ring, ours, await measure(bench, host, { ...ring, watched: REFERENCE_WATCHED[bench.scale] }, BARE)),
    );
  }
  return rows;
}

/** Seconds. It does the same all the time. */
const REFERENCE_WATCHED: Record<Scale, number> = { full: 8, quick: 1 };

interface Measured {
  /** Percent of one core. */
  readonly cpu: number;
  /** The most that the process has held, in megabytes (of 1,000,000 bytes). */
  readonly memory: number;
  readonly answers: readonly Answers[];
}

async function measure(bench: Bench, host: Host, ring: Ring, program: URL): Promise<Measured> {
  const { stage, scale } = bench;
  await using registry = await stage.spawn<RegistryHost>(program, { host, execArgv: SMALL_HEAP });
  const port = await registry.call('listen');
  const loaders = await Promise.all(Array.from({ length: LOADERS }, () => stage.spawn<Loader>(LOADER, { host })));
  try {
    await play(loaders, ring, port, SPEED[scale]);
    await Promise.all(loaders.map((loader) => loader.call('start')));
    await delay(SETTLING[scale]);
    await Promise.all(loaders.map((loader) => loader.call('take')));
    const [begun, before] = [performance.now(), costOf(registry.pid)];
    await delay(ring.watched * 1_000);
    const cpu = (costBetween(before, costOf(registry.pid)).cpu / (performance.now() - begun)) * 100;
    const answers = await Promise.all(loaders.map((loader) => loader.call('take')));
    assertAnswered(answers);
    return { cpu, memory: peakMemoryOf(registry.pid), answers };
  } finally {
    await Promise.all(loaders.map((loader) => loader.stop()));
  }
}

/** Has members join that are played by as many processes. They do so in groups, so that each call is answered soon. */
export async function play(
  loaders: readonly Actor<Loader>[],
  { members, targets }: Pick<Ring, 'members' | 'targets'>,
  port: number,
  speed: number,
): Promise<void> {
  const share = Math.ceil(members / loaders.length);
  const bytes = Math.floor(WIRE_LIMITS.ringBytes / members);
  await Promise.all(
    loaders.map(async (loader, index) => {
      const [first, end] = [index * share, Math.min(members, (index + 1) * share)];
      await loader.call('play', { port, members: [first, end], targets, bytes, speed });
      for (let from = first; from < end; from += GROUP) await loader.call('join', [from, Math.min(end, from + GROUP)]);
    }),
  );
}

const GROUP = 50;

/** A registry that refuses has it easy. */
function assertAnswered(answers: readonly Answers[]): void {
  const { asked, refused } = totalOf(answers);
  if (refused > 0) throw new Error(`${refused} of ${asked} requests were refused`);
}

/** How many requests there were. */
export function totalOf(answers: readonly Answers[]): { readonly asked: number; readonly refused: number } {
  const sum = (of: (answer: Answers, kind: Kind) => number): number =>
    answers.reduce((total, answer) => total + KINDS.reduce((more, kind) => more + of(answer, kind), 0), 0);
  return {
    asked: sum(({ latencies }, kind) => latencies[kind].length),
    refused: sum(({ refused }, kind) => refused[kind]),
  };
}

function rowsOf({ name }: Ring, ours: Measured, bare: Measured): readonly Row[] {
  const row = (what: string, unit: string, of: (measured: Measured) => readonly number[], more: More = {}) =>
    compare({
      name: `${name}: ${what}`,
      unit,
      ours: of(ours),
      reference: of(bare),
      referenceName: 'node:http and JSON.parse',
      ...more,
    });
  const latency = (kind: Kind, percentile: number, of: string) =>
    row(`${kind}, ${of}`, 'ms', ({ answers }) => answers.flatMap(({ latencies }) => latencies[kind]), { percentile });
  return [
    row('processor time', '% of a core', ({ cpu }) => [cpu]),
    row('most memory', 'MB', ({ memory }) => [memory], { target: { of: 'ours', atMost: 150 } }),
    ...KINDS.flatMap((kind) => [latency(kind, 50, 'median'), latency(kind, 99, '99th of 100')]),
  ];
}

interface More {
  readonly percentile?: number;
  readonly target?: Target;
}

const KINDS: readonly Kind[] = ['heartbeat', 'report', 'members'];
