import { type Actor, createLab, type Host, labSupport } from '../../test/lab/index.js';
import { openLan } from '../kernel/lan.js';
import type { Bench, Scale } from '../part.js';
import { compare, type Row } from '../row.js';
import type { Caller, Pace } from './caller.js';

const TRIALS: Record<Scale, number> = { full: 25, quick: 1 };
/** Milliseconds of one trial. */
const LASTING: Record<Scale, number> = { full: 50, quick: 5 };
/** Milliseconds before the first, after which the engine has compiled what it will. */
const WARMING: Record<Scale, number> = { full: 1_000, quick: 5 };

const PACES: readonly Pace[] = ['in a row', 'a turn each'];

interface Contender {
  readonly name: string;
  readonly program: URL;
  readonly args?: readonly string[];
  /** Whether it watches a network, which is to be a quiet one. */
  readonly watches?: true;
}

const program = (name: string) => new URL(`./programs/${name}.ts`, import.meta.url);

/** netpause with what it may know of the network, the usual first. */
const OURS: readonly Contender[] = [
  { name: 'a monitor', program: program('netpause'), args: ['monitor'], watches: true },
  { name: 'the shared monitor', program: program('netpause'), args: ['shared'], watches: true },
  { name: 'a target', program: program('netpause'), args: ['target'], watches: true },
  { name: 'a simulated network', program: program('netpause'), args: ['simulated'] },
  { name: 'no network', program: program('netpause'), args: ['none'] },
];

const P_RETRY = 'p-retry';

const OTHERS: readonly Contender[] = [
  { name: 'bare await', program: program('bare') },
  { name: P_RETRY, program: program('p-retry') },
  { name: 'p-retry with { retries: 5 }', program: program('p-retry-with-options') },
  { name: 'cockatiel', program: program('cockatiel') },
  { name: 'async-retry', program: program('async-retry') },
];

interface Measured {
  readonly contender: string;
  readonly pace: Pace;
  /** Nanoseconds. */
  readonly times: readonly number[];
}

/** What a call costs that succeeds with its first attempt, at once. Each contender has a process of its own, with nothing else in it. */
export async function measureCalls(bench: Bench): Promise<readonly Row[]> {
  const support = await labSupport();
  if (support.available) {
    await using lab = await createLab();
    return toRows(await measure(bench, (await openLan(bench.stage, lab)).client));
  }
  bench.say(`nothing that watches a network: ${support.reason}`);
  return toRows(await measure(bench, undefined));
}

async function measure({ stage, scale }: Bench, host: Host | undefined): Promise<readonly Measured[]> {
  const contenders = [...OURS, ...OTHERS].filter(({ watches }) => watches === undefined || host !== undefined);
  const actors: { contender: string; actor: Actor<Caller> }[] = [];
  for (const { name, program, args = [], watches } of contenders) {
    const options = { args, ...(watches && host !== undefined && { host }) };
    actors.push({ contender: name, actor: await stage.spawn<Caller>(program, options) });
  }
  const measured: Measured[] = [];
  for (const pace of PACES) {
    for (const { actor } of actors) await actor.call('measure', pace, WARMING[scale]);
    const rounds: number[][] = actors.map(() => []);
    for (let trial = 0; trial < TRIALS[scale]; trial += 1) {
      for (const [index, { actor }] of actors.entries()) {
        rounds[index]?.push(await actor.call('measure', pace, LASTING[scale]));
      }
    }
    measured.push(...actors.map(({ contender }, index) => ({ contender, pace, times: rounds[index] ?? [] })));
  }
  await Promise.all(actors.map(({ actor }) => actor.stop()));
  return measured;
}

function toRows(measured: readonly Measured[]): readonly Row[] {
  const timesOf = (contender: string, pace: Pace) =>
    measured.find((each) => each.contender === contender && each.pace === pace)?.times ?? [];
  const row = (ours: string, referenceName: string, pace: Pace) =>
    compare({
      name: `a call that succeeds, ${ours}${pace === 'in a row' ? '' : ', a turn of the loop each'}`,
      unit: 'ns',
      ours: timesOf(ours, pace),
      reference: timesOf(referenceName, pace),
      referenceName,
      ...(referenceName === P_RETRY && ours !== 'a target' && { target: { of: 'ratio', atMost: 1 } }),
    });
  const [usual, ...special] = OURS.map(({ name }) => name).filter((name) => timesOf(name, 'in a row').length > 0);
  if (usual === undefined) return [];
  return [
    ...OTHERS.map(({ name }) => row(usual, name, 'in a row')),
    ...special.map((name) => row(name, P_RETRY, 'in a row')),
    row(usual, P_RETRY, 'a turn each'),
  ];
}
