import type { Actor } from '../../test/lab/index.js';
import type { Bench, Scale } from '../part.js';
import { compare, type Row, type Target } from '../row.js';
import type { CrowdCost, CrowdProgram } from './crowd.js';

const TRIALS: Record<Scale, number> = { full: 7, quick: 1 };
const OPERATIONS: Record<Scale, number> = { full: 100_000, quick: 1_000 };
/** Milliseconds after which all of them wait. */
const GATHERING: Record<Scale, number> = { full: 2_000, quick: 100 };
/** Milliseconds of p-retry's backoff: it cannot be ended by hand, so it has to be longer. */
const BACKOFF: Record<Scale, number> = { full: 6_000, quick: 500 };

/** So few that they take no time, after which code and the likes have their places in the heap. */
const WARMING = 1_000;

/** Very many operations that wait together, and go on together. */
export async function measureCrowds({ stage, scale }: Bench): Promise<readonly Row[]> {
  const open = (name: string, args: readonly string[] = []) =>
    stage.spawn<CrowdProgram>(new URL(`./programs/${name}.ts`, import.meta.url), { args, execArgv: ['--expose-gc'] });
  const [ours, theirs] = await Promise.all([open('crowd-netpause'), open('crowd-p-retry', [`${BACKOFF[scale]}`])]);
  const trial = (actor: Actor<CrowdProgram>, count = OPERATIONS[scale]) =>
    actor.call('measure', count, GATHERING[scale]);
  for (const actor of [ours, theirs]) await trial(actor, WARMING);
  const costs: { readonly ours: CrowdCost; readonly theirs: CrowdCost }[] = [];
  for (let count = 0; count < TRIALS[scale]; count += 1) {
    costs.push({ ours: await trial(ours), theirs: await trial(theirs) });
  }
  await Promise.all([ours.stop(), theirs.stop()]);
  return toRows(costs, OPERATIONS[scale]);
}

function toRows(
  costs: readonly { readonly ours: CrowdCost; readonly theirs: CrowdCost }[],
  operations: number,
): readonly Row[] {
  const row = (name: string, unit: string, figure: (cost: CrowdCost) => number, target?: Target) =>
    compare({
      name,
      unit,
      ours: costs.map(({ ours }) => figure(ours)),
      reference: costs.map(({ theirs }) => figure(theirs)),
      referenceName: 'p-retry, in its backoff',
      ...(target !== undefined && { target }),
    });
  const many = operations.toLocaleString('en');
  return [
    row('heap for an operation that waits', 'bytes', ({ bytes }) => bytes),
    row(`${many} go on: delay of the event loop, 99th percentile`, 'ms', ({ delay }) => delay.p99, {
      of: 'ours',
      atMost: 20,
    }),
    row(`${many} go on: delay of the event loop, longest`, 'ms', ({ delay }) => delay.max),
    row(`${many} go on: from the first to the last`, 'ms', ({ lasting }) => lasting),
    row(`${many} are done: heap left`, 'MB', ({ left }) => left / 1e6, { of: 'ours', atMost: 1 }),
  ];
}
