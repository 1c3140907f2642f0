import { setTimeout as delay } from 'node:timers/promises';
import type { Bench, Scale } from '../part.js';
import type { Contestant } from './contestant.js';
import { OUTAGES } from './outages.js';

/** One piece of work in each of many short outages. */
export interface Alone {
  readonly fault: string;
  /** Milliseconds from the network being back to the start of the attempt. */
  readonly delays: readonly number[];
  /** Milliseconds of one exchange with the same server while all is well. */
  readonly roundTrips: readonly number[];
}

const TRIALS: Record<Scale, number> = { full: 50, quick: 2 };

/** Milliseconds for which the network is gone, and for which it is there again; not always the same, so that no timer keeps step. */
const OUTAGE = { least: 150, more: 50 };
const RECOVERY = { least: 150, more: 50 };

export async function measureAlone({ scale }: Bench, { lan, worker }: Contestant): Promise<readonly Alone[]> {
  const measured: Alone[] = [];
  let work = 0;
  for (const fault of lan.faults.filter(({ name }) => OUTAGES.includes(name))) {
    const delays: number[] = [];
    const roundTrips: number[] = [];
    for (let trial = 0; trial < TRIALS[scale]; trial += 1) {
      roundTrips.push(await worker.call('roundTrip'));
      await fault.lose();
      await delay(OUTAGE.least + Math.random() * OUTAGE.more);
      const mine = work++;
      await worker.call('begin', mine);
      const { before } = await fault.restore();
      const { detail } = await worker.event('step', (step) => step.work === mine && step.kind === 'attempt');
      delays.push(Number(detail.at - before) / 1e6);
      await worker.event('step', (step) => step.work === mine && step.kind === 'done');
      await delay(RECOVERY.least + Math.random() * RECOVERY.more);
    }
    measured.push({ fault: fault.name, delays, roundTrips });
  }
  return measured;
}
