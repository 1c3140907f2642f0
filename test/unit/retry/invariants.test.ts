import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type AttemptContext, createRetryer, type RetryOptions } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { expectNothingLeft, holdTime, networkError, pass, type Watched, watch } from './support.js';

/** How an attempt ends by itself, unless its signal ends it before. */
interface Ending {
  readonly duration: number;
  readonly outcome: 'value' | 'network' | 'response' | 'own' | 'throws at once' | 'hangs';
  readonly progresses: boolean;
}

type Happening =
  | 'down'
  | 'unreachable'
  | 'unnoticed'
  | 'up'
  | 'degraded'
  | 'blink'
  | 'strand'
  | { readonly abort: number };

interface World {
  readonly calls: readonly { readonly attempts: readonly Ending[]; readonly options: RetryOptions }[];
  readonly happenings: readonly { readonly after: number; readonly what: Happening }[];
}

const TRIAL_INTERVAL = 5000;
const MAX_CALLS = 12;

const endings: fc.Arbitrary<Ending> = fc.record({
  duration: fc.integer({ min: 0, max: 3000 }),
  outcome: fc.constantFrom<Ending['outcome']>(
    'value',
    'network',
    'network',
    'response',
    'own',
    'throws at once',
    'hangs',
  ),
  progresses: fc.boolean(),
});

const worlds: fc.Arbitrary<World> = fc.record({
  calls: fc.array(
    fc.record({
      attempts: fc.array(endings, { maxLength: 6 }),
      options: fc.record({
        retries: fc.integer({ min: 0, max: 3 }),
        minTimeout: fc.integer({ min: 0, max: 500 }),
        maxOutages: fc.integer({ min: 0, max: 3 }),
        idempotent: fc.boolean(),
        interruptAfter: fc.integer({ min: 0, max: 2000 }),
      }),
    }),
    { minLength: 1, maxLength: MAX_CALLS },
  ),
  happenings: fc.array(
    fc.record({
      after: fc.integer({ min: 0, max: 8000 }),
      what: fc.oneof(
        {
          weight: 9,
          arbitrary: fc.constantFrom<Happening>(
            'down',
            'unreachable',
            'unnoticed',
            'up',
            'degraded',
            'blink',
            'strand',
          ),
        },
        { weight: 1, arbitrary: fc.record({ abort: fc.nat(MAX_CALLS - 1) }) },
      ),
    }),
    { maxLength: 20 },
  ),
});

/** One call, and what is seen of it. */
class Subject {
  readonly call: Watched<string>;
  readonly controller = new AbortController();
  /** Whatever must not happen. */
  readonly violations: string[] = [];
  readonly trials: number[] = [];
  settled = 0;
  readonly #network: SimulatedNetwork;
  readonly #script: World['calls'][number];
  #starts = 0;
  #number = 1;
  #running = 0;
  #isTrial = false;
  #offset = 0;
  #spentInARow = 0;
  #lostInARow = 0;

  constructor(network: SimulatedNetwork, script: World['calls'][number]) {
    this.#network = network;
    this.#script = script;
    const { signal } = this.controller;
    const retryer = createRetryer({ network, trialInterval: TRIAL_INTERVAL, signal, ...script.options });
    retryer.on('attempt', ({ isTrial }) => {
      this.#isTrial = isTrial;
      if (isTrial) this.trials.push(performance.now());
    });
    retryer.on('failure', ({ spent, isTrial }) => this.#onFailure(spent, isTrial));
    retryer.on('settle', () => {
      this.settled += 1;
    });
    this.call = watch(retryer.run((number, context) => this.#attempt(number, context)));
  }

  #onFailure(spent: boolean, isTrial: boolean): void {
    const { retries = 0, maxOutages = 0 } = this.#script.options;
    if (spent) {
      this.#number += 1;
      this.#spentInARow += 1;
    } else if (!isTrial) {
      this.#lostInARow += 1;
    }
    this.#never(this.#spentInARow > retries + 1, 'more attempts were spent than there are');
    this.#never(this.#lostInARow > maxOutages, 'more attempts were lost than may be');
  }

  #attempt(number: number, context: AttemptContext): Promise<string> {
    const ending = this.#script.attempts[this.#starts];
    this.#starts += 1;
    this.#never(number !== this.#number, `attempt ${number} began in the place of ${this.#number}`);
    this.#never(this.#running > 0, 'two attempts overlap');
    this.#never(this.#network.state === 'down' && !this.#isTrial, 'an attempt began while the network was down');
    this.#never(this.settled > 0, 'an attempt began after the end');
    if (ending === undefined) return Promise.resolve('done');
    if (ending.outcome === 'throws at once') throw new Error('at once');
    this.#running += 1;
    return this.#run(ending, context).finally(() => {
      this.#running -= 1;
    });
  }

  #run({ duration, outcome, progresses }: Ending, { signal, progress }: AttemptContext): Promise<string> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
      const timer = setTimeout(
        () => {
          if (progresses) this.#advance(progress);
          if (outcome === 'value') resolve('done');
          else reject(errorOf(outcome));
          // What hangs is given up by its server in the end.
        },
        outcome === 'hangs' ? 60_000 : duration,
      );
    });
  }

  #advance(progress: (offset: number) => void): void {
    this.#offset += 1;
    this.#spentInARow = 0;
    this.#lostInARow = 0;
    progress(this.#offset);
  }

  #never(isSo: boolean, violation: string): void {
    if (isSo) this.violations.push(violation);
  }
}

function errorOf(outcome: Ending['outcome']): Error {
  if (outcome === 'network') return networkError('ECONNREFUSED', { syscall: 'connect' });
  if (outcome === 'hangs') return networkError('ETIMEDOUT');
  return outcome === 'response' ? Object.assign(new Error('busy'), { status: 503 }) : new Error('the server');
}

function happen(what: Happening, network: SimulatedNetwork, subjects: readonly Subject[]): void {
  if (typeof what === 'object') {
    subjects[what.abort]?.controller.abort(new Error('enough'));
    return;
  }
  const acts: Record<typeof what, () => void> = {
    down: () => network.down('no-carrier'),
    unreachable: () => network.down('unreachable'),
    unnoticed: () => network.downUnnoticed(),
    up: () => network.up(),
    degraded: () => network.degraded(),
    blink: () => {
      network.down();
      network.up();
    },
    strand: () => network.strand(),
  };
  acts[what]();
}

beforeEach(holdTime);

afterEach(() => {
  vi.useRealTimers();
});

it('holds its promises in any world', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async ({ calls, happenings }) => {
      const network = new SimulatedNetwork();
      const subjects = calls.map((script) => new Subject(network, script));
      for (const { after, what } of happenings) {
        await pass(after);
        happen(what, network, subjects);
      }
      network.up();
      for (let rounds = 0; subjects.some(({ call }) => call.state === 'pending') && rounds < 100; rounds += 1) {
        await pass(10_000);
      }
      expect(subjects.flatMap(({ violations }) => violations)).toEqual([]);
      expect(subjects.map(({ settled }) => settled)).toEqual(subjects.map(() => 1));
      expect(subjects.every(({ call }) => call.state !== 'pending')).toBe(true);
      const trials = subjects.flatMap((subject) => subject.trials).sort((a, b) => a - b);
      const gaps = trials.slice(1).map((at, index) => at - (trials[index] ?? 0));
      expect(gaps.filter((gap) => gap < TRIAL_INTERVAL)).toEqual([]);
      await pass(100_000);
      expectNothingLeft(network);
    }),
    { numRuns: 300 },
  );
});
