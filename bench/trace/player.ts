import { serveActor } from '../../test/lab/actor/serve.js';
import { carry, exchange, outageAt } from './connection.js';
import { randomFrom } from './random.js';
import type { Outage, Trace, Work } from './trace.js';
import { VirtualClock } from './virtual-clock.js';

/** One attempt at the exchange. The signal ends it. */
export type Attempt = (signal?: AbortSignal) => Promise<void>;

/** A library with its settings. */
export interface Contestant {
  /** Runs attempts until one succeeds, or it gives up. */
  retry(attempt: Attempt): Promise<unknown>;
  /** How many failed attempts it did not count. @default none */
  readonly unspent?: () => number;
}

/** What became of a trace. */
export interface Played {
  /** Operations that succeeded. */
  readonly succeeded: number;
  readonly attempts: number;
  /** Attempts that began on a dead network. */
  readonly inVain: number;
  /** Attempts that failed because of the network and were counted. */
  readonly wasted: number;
  /** Milliseconds from the end of an outage until an operation went on that it had held up: one for each of both. */
  readonly delays: readonly number[];
}

/** The server's answer to a request that it does not take now. */
export class ServerError extends Error {
  readonly status = 503;
}

/** Makes a program of the bench one that plays traces, by some library. The clock is virtual from before the library is opened. */
export function servePlayer(open: (trace: Trace, clock: VirtualClock) => Contestant | Promise<Contestant>) {
  return serveActor(() => ({
    async play(trace: Trace): Promise<Played> {
      const clock = new VirtualClock();
      const { random } = Math;
      Math.random = randomFrom(trace.seed);
      clock.install();
      try {
        const contestant = await open(trace, clock);
        const courses = trace.works.map((work) => new Course(work, trace, clock));
        await clock.runUntil(Promise.all(courses.map((course) => course.run(contestant))));
        return judge(trace, courses, contestant.unspent?.() ?? 0);
      } finally {
        clock.uninstall();
        Math.random = random;
      }
    },
  }));
}

export type Player = ReturnType<typeof servePlayer>;

/** What one operation goes through. */
class Course {
  readonly #work: Work;
  readonly #trace: Trace;
  readonly #clock: VirtualClock;
  #refusals: number;
  succeeded = false;
  endedAt = Number.POSITIVE_INFINITY;
  networkFailures = 0;
  /** When attempts began. */
  readonly attempts: number[] = [];
  /** When attempts got through that an outage had held up. */
  readonly moves: number[] = [];

  constructor(work: Work, trace: Trace, clock: VirtualClock) {
    this.#work = work;
    this.#trace = trace;
    this.#clock = clock;
    this.#refusals = work.refusals;
  }

  async run({ retry }: Contestant): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#clock.at(this.#work.begins, resolve);
    });
    try {
      await retry((signal) => this.#attempt(signal));
      this.succeeded = true;
    } catch {
      // It has given up, and that is what is counted.
    }
    this.endedAt = this.#clock.now;
  }

  /** Milliseconds from the end of an outage until it went on; undefined where it was not under way, or never did. */
  delayAfter({ until }: Outage, next: Outage | undefined): number | undefined {
    if (this.#work.begins >= until || this.endedAt < until) return undefined;
    const steps = [...this.attempts, ...this.moves].filter((at) => at >= until);
    if (steps.length === 0) return undefined;
    // What comes after the next outage is lost to that one.
    return Math.min(...steps, next?.from ?? Number.POSITIVE_INFINITY) - until;
  }

  async #attempt(signal: AbortSignal | undefined): Promise<void> {
    const { now } = this.#clock;
    this.attempts.push(now);
    const carried = carry(this.#trace, now, this.#work.takes);
    try {
      await exchange(this.#clock, carried, signal);
    } catch (error) {
      this.networkFailures += 1;
      throw error;
    } finally {
      this.moves.push(...carried.movesAgainAt.filter((at) => at <= this.#clock.now));
    }
    if (this.#refusals === 0) return;
    this.#refusals -= 1;
    throw new ServerError('Service Unavailable');
  }
}

function judge({ outages }: Trace, courses: readonly Course[], unspent: number): Played {
  const attempts = courses.flatMap((course) => course.attempts);
  return {
    succeeded: courses.filter(({ succeeded }) => succeeded).length,
    attempts: attempts.length,
    inVain: attempts.filter((at) => outageAt(outages, at) !== undefined).length,
    wasted: courses.reduce((sum, { networkFailures }) => sum + networkFailures, 0) - unspent,
    delays: outages.flatMap((outage, index) =>
      courses.flatMap((course) => course.delayAfter(outage, outages[index + 1]) ?? []),
    ),
  };
}
