import { setTimeout as delay } from 'node:timers/promises';
import type { TraceProbeOptions } from '../../src/probes/index.js';
import type { Actor } from '../../test/lab/index.js';
import type { Bench } from '../part.js';
import type { Traced, Tracer } from './programs/tracer.js';

/** One way to trace, by both. */
export interface Contest {
  readonly name: string;
  readonly target: string;
  /** Who is to be found at each hop. */
  readonly hops: readonly string[];
  readonly options: TraceProbeOptions;
  /** Of traceroute(8), before the target. */
  readonly flags: readonly string[];
}

/** Milliseconds of each trace. Empty where one did not find the hops that are there: then it was no trace, and no figure. */
export interface Times {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

/** Milliseconds between two traces. A tracer that has just sent a few hundred probes sends the next ones no faster than 4,000 a second. */
const PAUSE = 10;

/** Both trace in turns, so many times. */
export async function race(
  { say }: Pick<Bench, 'say'>,
  tracer: Actor<Tracer>,
  { name, target, hops, options, flags }: Contest,
  turns: number,
): Promise<Times> {
  const times: Record<'ours' | 'theirs', number[]> = { ours: [], theirs: [] };
  const wrong = new Set<string>();
  const take = ({ ms, hops: found }: Traced, whose: 'ours' | 'theirs') => {
    times[whose].push(ms);
    if (found.join() === hops.join()) return;
    wrong.add(whose);
    say(
      `${name}: ${whose === 'ours' ? 'netpause' : 'traceroute'} found ${found.join(', ')} instead of ${hops.join(', ')}`,
    );
  };
  for (let turn = 0; turn < turns; turn += 1) {
    take(await tracer.call('trace', target, options), 'ours');
    await delay(PAUSE);
    take(await tracer.call('traceroute', ['-n', ...flags, target]), 'theirs');
    await delay(PAUSE);
  }
  return { ours: wrong.has('ours') ? [] : times.ours, theirs: wrong.has('theirs') ? [] : times.theirs };
}
