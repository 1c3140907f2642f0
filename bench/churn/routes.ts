import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { PATIENCE, within } from '../../test/lab/bounded.js';
import { environment, unreference } from '../../test/lab/command.js';
import { type Argv, createLab, type Host } from '../../test/lab/index.js';
import { Changer } from '../kernel/changer.js';
import { BEYOND, openLan, UPLINK } from '../kernel/lan.js';
import { type Cost, costBetween, costOf } from '../kernel/process-cost.js';
import type { Bench, Scale } from '../part.js';
import { compare, type Row } from '../row.js';
import type { Listener } from './programs/listen.js';

/** Half of them come, half of them go. */
const CHANGES: Record<Scale, number> = { full: 100_000, quick: 2_000 };
const TRIALS: Record<Scale, number> = { full: 5, quick: 1 };

/** Milliseconds until a process that was just started, or has just been given much to read, is quiet again. */
const SETTLING: Record<Scale, number> = { full: 500, quick: 200 };

/** Somebody who hears of routes, for one trial. */
interface Listening {
  readonly pid: number;
  end(): Promise<unknown>;
}

type Contender = 'filtered' | 'unfiltered' | 'C, epoll' | 'ip monitor > /dev/null';

interface Trial {
  readonly contender: Contender;
  /** Milliseconds of processor time, and wake-ups, for 100,000 changes. */
  readonly cost: Cost;
}

export async function measureRoutes(bench: Bench): Promise<readonly Row[]> {
  await using lab = await createLab();
  const { client } = await openLan(bench.stage, lab);
  const changer = await Changer.open(bench.stage, client);
  const open = await openers(bench, client);
  const trials: Trial[] = [];
  for (let turn = 0; turn < TRIALS[bench.scale]; turn += 1) {
    for (const { contender, begin } of open) {
      const listening = await begin();
      await delay(SETTLING[bench.scale]);
      const before = costOf(listening.pid);
      for (const verb of ['add', 'del']) await changer.change(`blackholes ${verb} ${CHANGES[bench.scale] / 2}`);
      await delay(SETTLING[bench.scale]);
      trials.push({ contender, cost: scaled(costBetween(before, costOf(listening.pid)), bench.scale) });
      await listening.end();
    }
  }
  return toRows(trials);
}

async function openers(
  { stage }: Bench,
  host: Host,
): Promise<readonly { readonly contender: Contender; begin(): Promise<Listening> }[]> {
  const reader = await stage.cProgram(new URL('../kernel/reader.c', import.meta.url));
  const node = async (destinations: readonly string[] | 'all') => {
    const actor = await stage.spawn<Listener>(new URL('./programs/listen.ts', import.meta.url), { host });
    await actor.call('begin', destinations);
    return { pid: actor.pid, end: () => actor.stop() };
  };
  return [
    { contender: 'filtered', begin: () => node([BEYOND]) },
    { contender: 'unfiltered', begin: () => node('all') },
    { contender: 'C, epoll', begin: () => listen(host, [reader, UPLINK]) },
    {
      contender: 'ip monitor > /dev/null',
      begin: () => listen(host, ['sh', '-c', 'exec ip monitor route > /dev/null']),
    },
  ];
}

async function listen(host: Host, argv: Argv): Promise<Listening> {
  const [program, ...args] = host.namespace.command(argv);
  const child = spawn(program, args, { env: environment(), stdio: ['pipe', 'ignore', 'ignore'] });
  unreference(child);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${argv.join(' ')} cannot be started`);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    pid,
    end: () => {
      child.kill();
      return within(PATIENCE, () => `the end of ${argv.join(' ')}`, closed);
    },
  };
}

function scaled({ cpu, wakeups }: Cost, scale: Scale): Cost {
  const factor = 100_000 / CHANGES[scale];
  return { cpu: cpu * factor, wakeups: wakeups * factor };
}

function toRows(trials: readonly Trial[]): readonly Row[] {
  const of = (wanted: Contender, figure: keyof Cost) =>
    trials.filter(({ contender }) => contender === wanted).map(({ cost }) => cost[figure]);
  const cpu = (ours: 'filtered' | 'unfiltered', reference: Contender) =>
    compare({
      name: `100,000 route changes, ${ours}`,
      unit: 'ms of processor time',
      ours: of(ours, 'cpu'),
      reference: of(reference, 'cpu'),
      referenceName: reference,
    });
  const wakeups = compare({
    name: '100,000 route changes, filtered: wake-ups',
    unit: 'wake-ups',
    ours: of('filtered', 'wakeups'),
    reference: of('unfiltered', 'wakeups'),
    referenceName: 'unfiltered',
    target: { of: 'ours', atMost: 0 },
  });
  const references = ['C, epoll', 'ip monitor > /dev/null'] as const;
  return [
    ...references.map((reference) => cpu('filtered', reference)),
    ...references.map((reference) => cpu('unfiltered', reference)),
    wakeups,
  ];
}
