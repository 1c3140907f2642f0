import { setTimeout as delay } from 'node:timers/promises';
import { type Actor, createLab } from '../../test/lab/index.js';
import { BEYOND, openLan, REFUSING_PORT } from '../kernel/lan.js';
import type { Bench, Scale } from '../part.js';
import { compare, type Row } from '../row.js';
import { latenciesOf, milliseconds, OURS, type Samples, toSamples } from './samples.js';
import type { Watcher } from './watcher.js';

interface Poller {
  readonly name: string;
  readonly program: URL;
  /** Milliseconds between two looks. */
  readonly interval: number;
  /** What a look may take beyond that. */
  readonly timeout: number;
}

const POLLERS: readonly Poller[] = [
  {
    name: 'os.networkInterfaces() every 1 s',
    program: new URL('./programs/polling.ts', import.meta.url),
    interval: 1_000,
    timeout: 100,
  },
  {
    name: 'a TCP probe every 5 s',
    program: new URL('./programs/probing.ts', import.meta.url),
    interval: 5_000,
    timeout: 5_000,
  },
];

/** How many look side by side: where in its interval each is when the change comes is what its latency depends on. */
const WATCHERS: Record<Scale, number> = { full: 20, quick: 2 };

/** Milliseconds by which a busy machine may be late. */
const SLACK = 500;

/** One outage for each fault, each in a lab of its own, all at the same time: nothing here is in a hurry. */
export async function measureIntervals(bench: Bench): Promise<readonly Samples[]> {
  const pollers = bench.scale === 'full' ? POLLERS : POLLERS.slice(0, 1);
  const faults = bench.scale === 'full' ? [0, 1, 2, 3] : [0];
  return (await Promise.all(faults.map((index) => measureFault(bench, index, pollers)))).flat();
}

async function measureFault(
  { stage, scale }: Bench,
  index: number,
  pollers: readonly Poller[],
): Promise<readonly Samples[]> {
  await using lab = await createLab();
  const { client, faults } = await openLan(stage, lab);
  const fault = faults[index];
  if (fault === undefined) throw new RangeError(`there is no fault ${index}`);
  const watchers = WATCHERS[scale];
  const options = { checkHosts: [BEYOND], checkPort: REFUSING_PORT, watchers };
  const actors = await Promise.all(
    pollers.map(async (poller) => {
      const actor = await stage.spawn<Watcher>(poller.program, { host: client });
      await actor.call('begin', options);
      return { poller, actor };
    }),
  );
  // Until each has looked once.
  await delay(Math.max(...pollers.map(({ interval }) => interval)) + SLACK);
  const { before } = await fault.lose();
  // Awaited here: the lab goes with the end of this function.
  return await Promise.all(
    actors.map(async ({ poller, actor }) => {
      await delay(poller.interval + poller.timeout + SLACK);
      return toSamples(poller.name, fault.name, latencies(actor, before, watchers));
    }),
  );
}

function latencies(actor: Actor<Watcher>, since: bigint, watchers: number): readonly (number | undefined)[] {
  const said = actor.events('said').map(({ detail }) => detail);
  return Array.from({ length: watchers }, (_, index) => {
    const first = said.find(({ word, at, by }) => word === 'down' && by === index && at >= since);
    return first === undefined ? undefined : milliseconds(since, first.at);
  });
}

/** @param ours what netpause has needed for the same faults. */
export function toIntervalRows(ours: readonly Samples[], pollers: readonly Samples[]): readonly Row[] {
  return pollers.map(({ contender, fault, latencies: reference }) =>
    compare({
      name: `${fault}: median`,
      unit: 'ms',
      ours: latenciesOf(ours, OURS, fault),
      reference,
      referenceName: contender,
    }),
  );
}
