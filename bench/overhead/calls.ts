import { type Actor, createLab, type Host, labSupport } from '../../test/lab/index.js';
import { openLan } from '../kernel/lan.js';
import type { Bench, Scale } from '../part.js';
import { compare, type Row, type Target } from '../row.js';
import type { Caller, Pace } from './caller.js';

/** New processes of each contender: what the engine makes of the same code is not the same in each. */
const PROCESSES: Record<Scale, number> = { full: 7, quick: 1 };
/** In each process. */
const TRIALS: Record<Scale, number> = { full: 5, quick: 1 };
/** Milliseconds of one trial. */
const LASTING: Record<Scale, number> = { full: 50, quick: 5 };
/** Milliseconds before the first, after which the engine has compiled what it will. */
const WARMING: Record<Scale, number> = { full: 300, quick: 5 };

const PACES: readonly Pace[] = ['in a row', 'a turn each'];

interface Contender {
  readonly name: string;
  readonly program: URL;
  readonly args?: readonly string[];
  /** Whether it watches a network, which is to be a quiet one. */
  readonly watches?: true;
  /** Whether it is to cost less than p-retry. */
  readonly isForService?: true;
}

const program = (name: string) => new URL(`./programs/${name}.ts`, import.meta.url);

/** netpause with what it may know of the network, the usual first. */
const OURS: readonly Contender[] = [
  { name: 'a monitor', program: program('netpause'), args: ['monitor'], watches: true, isForService: true },
  { name: 'the shared monitor', program: program('netpause'), args: ['shared'], watches: true, isForService: true },
  { name: 'a target', program: program('netpause'), args: ['target'], watches: true },
  { name: 'a simulated network', program: program('netpause'), args: ['simulated'] },
  { name: 'no network', program: program('netpause'), args: ['none'], isForService: true },
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
  readonly time: number;
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

async function measure(bench: Bench, host: Host | undefined): Promise<readonly Measured[]> {
  const contenders = [...OURS, ...OTHERS].filter(({ watches }) => watches === undefined || host !== undefined);
  const measured: Measured[] = [];
  for (let count = 0; count < PROCESSES[bench.scale]; count += 1) {
    measured.push(...(await measureOnce(bench, contenders, host)));
  }
  return measured;
}

async function measureOnce(
  { stage, scale }: Bench,
  contenders: readonly Contender[],
  host: Host | undefined,
): Promise<readonly Measured[]> {
  const actors: { readonly contender: string; readonly actor: Actor<Caller> }[] = [];
  for (const { name, program, args = [], watches } of contenders) {
    const options = { args, ...(watches && host !== undefined && { host }) };
    actors.push({ contender: name, actor: await stage.spawn<Caller>(program, options) });
  }
  const measured: Measured[] = [];
  for (const pace of PACES) {
    for (const { actor } of actors) await actor.call('measure', pace, WARMING[scale]);
    for (let trial = 0; trial < TRIALS[scale]; trial += 1) {
      for (const { contender, actor } of actors) {
        measured.push({ contender, pace, time: await actor.call('measure', pace, LASTING[scale]) });
      }
    }
  }
  await Promise.all(actors.map(({ actor }) => actor.stop()));
  return measured;
}

function toRows(measured: readonly Measured[]): readonly Row[] {
  const timesOf = (contender: string, pace: Pace) =>
    measured.filter((each) => each.contender === contender && each.pace === pace).map(({ time }) => time);
  const row = (name: string, ours: string, referenceName: string, pace: Pace, target?: Target) =>
    compare({
      name,
      unit: 'ns',
      ours: timesOf(ours, pace),
      reference: timesOf(referenceName, pace),
      referenceName,
      ...(target !== undefined && { target }),
    });
  const [usual, ...special] = OURS.filter(({ name }) => timesOf(name, 'in a row').length > 0);
  if (usual === undefined) return [];
  const nameOf = ({ name }: Contender) => `a call that succeeds, ${name}`;
  const targetOf = ({ isForService }: Contender): Target | undefined => isForService && { of: 'ratio', atMost: 1 };
  return [
    ...OTHERS.map(({ name }) =>
      row(nameOf(usual), usual.name, name, 'in a row', name === P_RETRY ? targetOf(usual) : undefined),
    ),
    ...special.map((each) => row(nameOf(each), each.name, P_RETRY, 'in a row', targetOf(each))),
    row(`${nameOf(usual)}, a turn of the loop each`, usual.name, P_RETRY, 'a turn each'),
  ];
}
