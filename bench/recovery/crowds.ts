import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../test/lab/bounded.js';
import type { Actor } from '../../test/lab/index.js';
import type { Fault, Lan } from '../kernel/lan.js';
import type { Bench, Scale } from '../part.js';
import type { Contestant } from './contestant.js';
import { OUTAGES } from './outages.js';
import type { Step, Worker } from './worker.js';

/** Many pieces of work of each library in the same outage. */
export interface Crowd {
  readonly library: string;
  readonly fault: string;
  /** Milliseconds from the network being back until each went on: with its next attempt, or because one that hung got through. */
  readonly delays: readonly number[];
  /** How many had given up by then. */
  readonly lost: number;
}

interface Plan {
  readonly works: number;
  /** Milliseconds over which they begin, evenly: where each is in its backoff when the network returns is what its delay depends on. */
  readonly spread: number;
  /** Milliseconds for which the network is gone. */
  readonly outage: number;
}

const PLANS: Record<Scale, Plan> = {
  full: { works: 40, spread: 4_000, outage: 6_000 },
  quick: { works: 2, spread: 200, outage: 500 },
};

/** Milliseconds after the outage in which all should have gone on: more than any backoff has grown to. */
const PATIENCE = 30_000;

/** All lose their networks, and get them back, at the same time. */
export async function measureCrowds({ scale }: Bench, contestants: readonly Contestant[]): Promise<readonly Crowd[]> {
  const { works, spread, outage } = PLANS[scale];
  const crowds: Crowd[] = [];
  let first = FIRST_WORK;
  for (const fault of OUTAGES) {
    const faults = contestants.map(({ lan }) => faultNamed(lan, fault));
    await Promise.all(faults.map((each) => each.lose()));
    const begun = performance.now();
    for (let work = first; work < first + works; work += 1) {
      for (const { worker } of contestants) await worker.call('begin', work);
      await delay(spread / works);
    }
    await delay(outage - (performance.now() - begun));
    const restored = await Promise.all(faults.map((each) => each.restore()));
    for (const [index, { library, worker }] of contestants.entries()) {
      const steps = await settled(worker, first, works);
      crowds.push({ library, fault, ...judge(steps, restored[index]?.before ?? 0n) });
    }
    first += works;
  }
  return crowds;
}

function faultNamed({ faults }: Lan, name: string): Fault {
  const fault = faults.find((each) => each.name === name);
  if (fault === undefined) throw new RangeError(`there is no fault ${name}`);
  return fault;
}

/** Behind the numbers of the work that was done before. */
const FIRST_WORK = 1_000_000;

/** The steps of this outage's work, when all of it has ended. */
async function settled(worker: Actor<Worker>, first: number, works: number): Promise<readonly Step[]> {
  const steps = () =>
    worker
      .events('step')
      .map(({ detail }) => detail)
      .filter(({ work }) => work >= first);
  const ended = () => new Set(steps().flatMap(({ kind, work }) => (kind === 'attempt' ? [] : [work]))).size;
  const describe = () => `${works - ended()} pieces of work have not ended`;
  await until(() => ended() === works, describe, PATIENCE);
  return steps();
}

function judge(steps: readonly Step[], restoredAt: bigint): Pick<Crowd, 'delays' | 'lost'> {
  const works = [...new Set(steps.map(({ work }) => work))];
  const delays = works.flatMap((work) => {
    const next = steps.find((step) => step.work === work && step.kind !== 'failed' && step.at >= restoredAt);
    return next === undefined ? [] : [Number(next.at - restoredAt) / 1e6];
  });
  return { delays, lost: works.length - delays.length };
}
