import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, Lan } from '../kernel/lan.js';
import { BEYOND, REFUSING_PORT, UPLINK } from '../kernel/lan.js';
import type { Bench, Scale } from '../part.js';
import { compare, type Row } from '../row.js';
import { type Contender, lineContender, nodeContender } from './contender.js';
import { goSubscriber } from './go-subscriber.js';
import { distinct, FLOOR, latenciesOf, milliseconds, missedBy, OURS, type Samples, toSamples } from './samples.js';
import type { Load } from './watcher.js';

/** Contenders take turns of this many trials with each fault. */
const TURNS: Record<Scale, { readonly turns: number; readonly trials: number }> = {
  full: { turns: 10, trials: 20 },
  quick: { turns: 1, trials: 2 },
};

/** What the kernel sends at once is there in a millisecond; this is the bound for what never comes. Milliseconds. */
const PATIENCE = 1_000;

/** A probe that gets lost while the link comes up is sent again after a second: nothing more may happen until all is well again. */
const RECOVERY = 5_000;

/**
 * Milliseconds between two changes: more than the 10 for which netpause gathers what follows the first of a burst. Not always the same, so
 * that no timer keeps step with it.
 */
const PAUSE = { least: 15, more: 10 };

const HALF_BUSY: Load = { busy: 5, period: 10 };

/** Those that the kernel itself tells. A busy loop is for those that have a loop: the floor then keeps its own as busy. */
export async function directContenders(
  { stage, say }: Bench,
  { client }: Lan,
  loop: 'idle' | 'half busy',
): Promise<readonly Contender[]> {
  const reader = await stage.cProgram(new URL('../kernel/reader.c', import.meta.url));
  const at = { stage, host: client };
  const checks = { checkHosts: [BEYOND], checkPort: REFUSING_PORT };
  const program = new URL('./programs/netpause.ts', import.meta.url);
  if (loop === 'half busy') {
    const times = [HALF_BUSY.busy, HALF_BUSY.period].map((ms) => `${ms * 1_000}`);
    return [
      await nodeContender(at, { name: OURS, program, options: { ...checks, load: HALF_BUSY } }),
      lineContender(client, FLOOR, [reader, UPLINK, ...times]),
    ];
  }
  const subscriber = await goSubscriber(stage);
  if (subscriber.kind === 'unavailable') say(`without the Go subscriber: ${subscriber.reason}`);
  return [
    await nodeContender(at, { name: OURS, program, options: checks }),
    lineContender(client, FLOOR, [reader, UPLINK]),
    await nodeContender(at, {
      name: 'Node, socket and decoder',
      program: new URL('./programs/rtnetlink.ts', import.meta.url),
    }),
    await nodeContender(at, {
      name: 'ip monitor, piped',
      program: new URL('./programs/ip-monitor.ts', import.meta.url),
    }),
    ...(subscriber.kind === 'built' ? [lineContender(client, 'Go, vishvananda', [subscriber.path, UPLINK])] : []),
  ];
}

export async function measureDirectly(
  { scale }: Bench,
  { faults }: Lan,
  contenders: readonly Contender[],
): Promise<readonly Samples[]> {
  const { turns, trials } = TURNS[scale];
  const samples: Samples[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    // The one that begins differs from turn to turn.
    const order = contenders.map((_, index) => contenders[(index + turn) % contenders.length]);
    for (const contender of order) {
      if (contender !== undefined) samples.push(...(await takeTurn(contender, faults, trials)));
    }
  }
  return samples;
}

async function takeTurn(contender: Contender, faults: readonly Fault[], trials: number): Promise<readonly Samples[]> {
  const samples: Samples[] = [];
  await contender.begin();
  try {
    // The first is for getting used to it, and does not count: ip(8) does not say when it listens.
    for (const fault of faults.slice(0, 1)) await tryOnce(contender, fault);
    for (const fault of faults) {
      const latencies: (number | undefined)[] = [];
      for (let trial = 0; trial < trials; trial += 1) latencies.push(await tryOnce(contender, fault));
      samples.push(toSamples(contender.name, fault.name, latencies));
    }
  } finally {
    await contender.end();
  }
  return samples;
}

async function tryOnce(contender: Contender, fault: Fault): Promise<number | undefined> {
  const { before } = await fault.lose();
  const at = await contender.said('down', before, PATIENCE);
  const restored = await fault.restore();
  await contender.said('up', restored.before, RECOVERY);
  await delay(PAUSE.least + Math.random() * PAUSE.more);
  return at === undefined ? undefined : milliseconds(before, at);
}

export function toDirectRows(condition: string, samples: readonly Samples[]): readonly Row[] {
  const references = distinct(samples.map(({ contender }) => contender)).filter((name) => name !== OURS);
  const faults = distinct(samples.map(({ fault }) => fault));
  const medians = faults.flatMap((fault) =>
    references.map((referenceName) =>
      compare({
        name: `${fault}${condition}: median`,
        unit: 'ms',
        ours: latenciesOf(samples, OURS, fault),
        reference: latenciesOf(samples, referenceName, fault),
        referenceName,
        // Of a loop that is busy half of the time, the median lies where waiting begins: by a hair on this side or on the other.
        ...(referenceName === FLOOR && condition === '' && { target: { of: 'ratio', atMost: 2 } }),
      }),
    ),
  );
  const tails = faults.map((fault) =>
    compare({
      name: `${fault}${condition}: 99th percentile`,
      unit: 'ms',
      percentile: 99,
      ours: latenciesOf(samples, OURS, fault),
      reference: latenciesOf(samples, FLOOR, fault),
      referenceName: FLOOR,
      // A loop that is busy for five milliseconds at a time cannot hear of anything sooner.
      ...(condition === '' && { target: { of: 'ours', atMost: 2 } }),
    }),
  );
  return [...medians, ...tails, toMissedRow(condition, samples)];
}

function toMissedRow(condition: string, samples: readonly Samples[]): Row {
  return {
    ...compare({
      name: `all of these${condition}: missed`,
      unit: 'changes',
      ours: [missedBy(samples, OURS)],
      reference: [missedBy(samples, FLOOR)],
      referenceName: FLOOR,
      target: { of: 'ours', atMost: 0 },
    }),
    trials: samples
      .filter(({ contender }) => contender === OURS)
      .reduce((sum, { latencies, missed }) => sum + latencies.length + missed, 0),
  };
}
