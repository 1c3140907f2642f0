import { setTimeout as delay } from 'node:timers/promises';
import { type Actor, createLab, labSupport } from '../../test/lab/index.js';
import { BEYOND, openLan } from '../kernel/lan.js';
import { anonymousMemoryOf, type Cost, costBetween, costOf } from '../kernel/process-cost.js';
import { type Bench, type Part, PartUnavailableError, type Scale } from '../part.js';
import { compare, type Row, type Target } from '../row.js';
import type { Idler } from './programs/bare.js';

/** What it costs to have a monitor while nothing happens. */
export const idle: Part = {
  name: 'idle',
  title: 'A process with a monitor, beside the same process without',
  async run(bench) {
    const support = await labSupport();
    if (!support.available) throw new PartUnavailableError(support.reason);
    return toRows(await measure(bench));
  },
};

type Mode = 'bare' | 'no check hosts' | 'three check hosts' | 'work in flight';

const CHECK_HOSTS = [BEYOND, '203.0.113.2', '203.0.113.3'];

const BARE = new URL('./programs/bare.ts', import.meta.url);
const MONITOR = new URL('./programs/monitor.ts', import.meta.url);

const PROGRAMS: readonly { readonly mode: Mode; readonly program: URL; readonly args: readonly string[] }[] = [
  { mode: 'bare', program: BARE, args: [] },
  { mode: 'no check hosts', program: MONITOR, args: ['[]', 'idle'] },
  { mode: 'three check hosts', program: MONITOR, args: [JSON.stringify(CHECK_HOSTS), 'idle'] },
  // The carrier guard asks for the link every 50 ms.
  { mode: 'work in flight', program: MONITOR, args: ['[]', 'working'] },
];

/** How many processes there are of each, all at the same time: they hardly meet. */
const INSTANCES: Record<Scale, number> = { full: 5, quick: 1 };
/** Milliseconds that are watched, and those before, in which a process becomes quiet. */
const WATCHED: Record<Scale, number> = { full: 60_000, quick: 1_000 };
const SETTLING: Record<Scale, number> = { full: 5_000, quick: 500 };

interface Measured {
  readonly mode: Mode;
  /** Percent of one core. */
  readonly cpu: number;
  /** A second. */
  readonly wakeups: number;
  /** Megabytes (of 1,000,000 bytes) of anonymous memory, after a collection. */
  readonly memory: number;
}

async function measure({ scale, stage }: Bench): Promise<readonly Measured[]> {
  await using lab = await createLab();
  const { client, router } = await openLan(stage, lab);
  const others = CHECK_HOSTS.filter((address) => address !== BEYOND);
  await router.configure(...others.map((address) => ['address', 'add', `${address}/32`, 'dev', 'lo']));
  const kinds = Array.from({ length: INSTANCES[scale] }, () => PROGRAMS).flat();
  const idlers: { mode: Mode; actor: Actor<Idler> }[] = [];
  for (const { mode, program, args } of kinds) {
    const actor = await stage.spawn<Idler>(program, { host: client, args, execArgv: ['--expose-gc'] });
    idlers.push({ mode, actor });
  }
  await delay(SETTLING[scale]);
  const begun = idlers.map(({ actor }) => read(actor));
  await delay(WATCHED[scale]);
  const ended = idlers.map(({ actor }) => read(actor));
  await Promise.all(idlers.map(({ actor }) => actor.call('collect')));
  return idlers.map(({ mode, actor }, index) => ({
    mode,
    ...rates(begun[index], ended[index]),
    memory: anonymousMemoryOf(actor.pid) / 1e6,
  }));
}

interface Reading {
  readonly at: number;
  readonly cost: Cost;
}

function read(actor: Actor<Idler>): Reading {
  return { at: performance.now(), cost: costOf(actor.pid) };
}

function rates(from: Reading | undefined, to: Reading | undefined): Pick<Measured, 'cpu' | 'wakeups'> {
  if (from === undefined || to === undefined) throw new RangeError('there is no such process');
  const { cpu, wakeups } = costBetween(from.cost, to.cost);
  const elapsed = to.at - from.at;
  return { cpu: (cpu / elapsed) * 100, wakeups: (wakeups / elapsed) * 1_000 };
}

function toRows(measured: readonly Measured[]): readonly Row[] {
  const row = (mode: Mode, figure: keyof Omit<Measured, 'mode'>, target?: Target) => {
    const of = (wanted: Mode) => measured.filter((each) => each.mode === wanted).map((each) => each[figure]);
    return compare({
      name: `${FIGURES[figure].name}, ${mode}`,
      unit: FIGURES[figure].unit,
      ours: of(mode),
      reference: of('bare'),
      referenceName: 'the bare process',
      ...(target !== undefined && { target }),
    });
  };
  return [
    row('no check hosts', 'cpu', { of: 'difference', atMost: 0.05 }),
    row('three check hosts', 'cpu'),
    row('work in flight', 'cpu', { of: 'difference', atMost: 0.5 }),
    row('no check hosts', 'wakeups'),
    row('three check hosts', 'wakeups'),
    row('work in flight', 'wakeups'),
    row('no check hosts', 'memory', { of: 'difference', atMost: 4 }),
    row('three check hosts', 'memory', { of: 'difference', atMost: 4 }),
    row('work in flight', 'memory', { of: 'difference', atMost: 4 }),
  ];
}

const FIGURES = {
  cpu: { name: 'processor time', unit: '% of a core' },
  wakeups: { name: 'wake-ups', unit: 'per second' },
  memory: { name: 'anonymous memory', unit: 'MB' },
} as const;
