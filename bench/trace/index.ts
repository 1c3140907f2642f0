import type { Actor } from '../../test/lab/index.js';
import type { Bench, Part, Scale } from '../part.js';
import { compare, type Row, type Target } from '../row.js';
import type { Played, Player } from './player.js';
import { makeTrace, type TraceSize } from './trace.js';

/** The same work in the same bad weather, by everybody. */
export const trace: Part = {
  name: 'trace',
  title: 'The same operations through the same outages',
  async run(bench) {
    return toRows(await play(bench), SIZES[bench.scale]);
  },
};

/** Each has a seed of its own, which is its number. */
const TRACES: Record<Scale, number> = { full: 20, quick: 1 };
const SIZES: Record<Scale, TraceSize> = { full: { outages: 40, works: 200 }, quick: { outages: 20, works: 40 } };

const OURS = 'netpause';

const CONTESTANTS: readonly { readonly name: string; readonly program: string; readonly args?: readonly string[] }[] = [
  { name: OURS, program: 'netpause' },
  { name: 'p-retry', program: 'p-retry' },
  { name: 'async-retry', program: 'async-retry' },
  { name: 'cockatiel', program: 'cockatiel', args: ['3'] },
  { name: 'cockatiel, 30 attempts', program: 'cockatiel', args: ['30'] },
  { name: 'AWS SDK', program: 'aws-sdk', args: ['3', 'one client'] },
  { name: 'AWS SDK, 30 attempts', program: 'aws-sdk', args: ['30', 'a client each'] },
];

interface Result {
  readonly name: string;
  /** One for each trace. */
  readonly played: readonly Played[];
}

async function play({ stage, scale }: Bench): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const { name, program, args = [] } of CONTESTANTS) {
    const player = await stage.spawn<Player>(new URL(`./programs/${program}.ts`, import.meta.url), { args });
    results.push({ name, played: await playAll(player, TRACES[scale], SIZES[scale]) });
    await player.stop();
  }
  return results;
}

async function playAll(player: Actor<Player>, traces: number, size: TraceSize): Promise<readonly Played[]> {
  const played: Played[] = [];
  for (let seed = 1; seed <= traces; seed += 1) played.push(await player.call('play', makeTrace(seed, size)));
  return played;
}

interface Figure {
  readonly name: string;
  readonly unit: string;
  of(played: Played): readonly number[];
  readonly target?: Target;
}

function figures({ works }: TraceSize): readonly Figure[] {
  return [
    {
      name: 'operations that succeeded',
      unit: '%',
      of: ({ succeeded }) => [(succeeded / works) * 100],
      target: { of: 'ours', atLeast: 100 },
    },
    {
      name: 'attempts spent on outages',
      unit: 'attempts',
      of: ({ wasted }) => [wasted],
      target: { of: 'ours', atMost: 0 },
    },
    { name: 'attempts begun on a dead network', unit: 'attempts', of: ({ inVain }) => [inVain] },
    { name: 'attempts in all', unit: 'attempts', of: ({ attempts }) => [attempts] },
    {
      name: 'time lost after recovery, all operations',
      unit: 's',
      of: ({ delays }) => [delays.reduce((sum, delay) => sum + delay, 0) / 1_000],
      target: { of: 'ratio', atMost: 0.1 },
    },
    { name: 'time lost after a recovery, median', unit: 's', of: ({ delays }) => delays.map((delay) => delay / 1_000) },
  ];
}

function toRows(results: readonly Result[], size: TraceSize): readonly Row[] {
  const ours = results.find(({ name }) => name === OURS)?.played ?? [];
  const others = results.filter(({ name }) => name !== OURS);
  return figures(size).flatMap(({ of, target, ...figure }) =>
    others.map(({ name, played }) =>
      compare({
        ...figure,
        ours: ours.flatMap(of),
        reference: played.flatMap(of),
        referenceName: name,
        ...(target !== undefined && isComparable(target, played, size) && { target }),
      }),
    ),
  );
}

/** Whoever gives up loses no time afterwards: the time of those who got everything done is what ours has to be held to. */
function isComparable({ of }: Target, played: readonly Played[], { works }: TraceSize): boolean {
  return of !== 'ratio' || played.every(({ succeeded }) => succeeded === works);
}
