import fc from 'fast-check';
import pRetry, { type Options, AbortError as TheirAbortError } from 'p-retry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AbortError, makeRetriable, type RetryContext, retry } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { expectNothingLeft, holdTime, pass, turn, watch } from './support.js';

/** One attempt of a script: how long it takes, how it ends, and what the callbacks say to that. */
interface Attempt {
  readonly duration: number;
  readonly outcome: 'value' | 'error' | 'type error' | 'network error' | 'abort' | 'string';
  readonly consume: boolean;
  readonly retryAgain: boolean;
  readonly callbackDuration: number;
  readonly callbackThrows: boolean;
}

interface Script {
  readonly options: Pick<Options, 'retries' | 'factor' | 'minTimeout' | 'maxTimeout' | 'maxRetryTime' | 'randomize'>;
  readonly attempts: readonly Attempt[];
  readonly withCallbacks: boolean;
}

const usually = <Value>(value: Value, otherwise: Value) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: fc.constant(otherwise) });

const scripts: fc.Arbitrary<Script> = fc.record({
  options: fc.record(
    {
      retries: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(Number.POSITIVE_INFINITY)),
      factor: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant(1.5)),
      minTimeout: fc.integer({ min: 0, max: 50 }),
      maxTimeout: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constant(Number.POSITIVE_INFINITY)),
      maxRetryTime: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constant(Number.POSITIVE_INFINITY)),
      randomize: fc.boolean(),
    },
    { requiredKeys: ['minTimeout'] },
  ),
  attempts: fc.array(
    fc.record({
      duration: fc.integer({ min: 0, max: 30 }),
      outcome: fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom('error' as const, 'network error' as const) },
        { weight: 1, arbitrary: fc.constantFrom('value' as const, 'type error' as const, 'abort' as const) },
        { weight: 1, arbitrary: fc.constantFrom('string' as const, 'value' as const) },
      ),
      consume: usually(true, false),
      retryAgain: usually(true, false),
      callbackDuration: usually(0, 20),
      callbackThrows: fc.oneof(
        { weight: 30, arbitrary: fc.constant(false) },
        { weight: 1, arbitrary: fc.constant(true) },
      ),
    }),
    { minLength: 1, maxLength: 10 },
  ),
  withCallbacks: fc.boolean(),
});

type Runner = (
  operation: (number: number) => Promise<string>,
  options: Script['options'] & Callbacks,
) => Promise<string>;

interface Callbacks {
  onFailedAttempt?: (context: RetryContext) => Promise<void>;
  shouldRetry?: (context: RetryContext) => Promise<boolean>;
  shouldConsumeRetry?: (context: RetryContext) => Promise<boolean>;
}

/** Everything that can be seen of a call from outside, with the time at which it happened. */
async function play(script: Script, run: Runner): Promise<unknown[]> {
  const start = performance.now();
  const seen: unknown[] = [];
  const note = (...what: unknown[]) => void seen.push([performance.now() - start, ...what]);
  const entry = (number: number): Attempt => script.attempts[number - 1] ?? LAST;
  const seed = vi.spyOn(Math, 'random');
  let drawn = 0;
  seed.mockImplementation(() => {
    drawn += 1;
    return (drawn * 0.37) % 1;
  });
  const callback = (name: string, answer: (attempt: Attempt) => boolean) => async (context: RetryContext) => {
    const { attemptNumber, retriesConsumed, retriesLeft, error } = context;
    note(name, attemptNumber, retriesConsumed, retriesLeft, String(error), Object.isFrozen(context));
    const attempt = entry(attemptNumber);
    if (attempt.callbackDuration > 0) await wait(attempt.callbackDuration);
    if (attempt.callbackThrows) throw new Error(`${name} threw`);
    return answer(attempt);
  };
  const operation = async (number: number) => {
    note('attempt', number);
    const attempt = entry(number);
    if (attempt.duration > 0) await wait(attempt.duration);
    return finish(attempt.outcome);
  };
  const callbacks: Callbacks = script.withCallbacks
    ? {
        onFailedAttempt: async (context) => void (await callback('onFailedAttempt', () => true)(context)),
        shouldConsumeRetry: callback('shouldConsumeRetry', ({ consume }) => consume),
        shouldRetry: callback('shouldRetry', ({ retryAgain }) => retryAgain),
      }
    : {};
  const call = watch(run(operation, { ...script.options, ...callbacks }));
  while (call.state === 'pending') {
    await turn();
    if (call.state === 'pending') await vi.advanceTimersToNextTimerAsync();
  }
  note(call.state, call.value, String(call.error));
  seed.mockRestore();
  return seen;
}

/** What comes after the end of a script, so that no script goes on for ever. */
const LAST: Attempt = {
  duration: 0,
  outcome: 'value',
  consume: true,
  retryAgain: true,
  callbackDuration: 0,
  callbackThrows: false,
};

function finish(outcome: Attempt['outcome']): string {
  switch (outcome) {
    case 'value':
      return 'done';
    case 'error':
      throw new Error('the server');
    case 'network error':
      throw new TypeError('fetch failed');
    case 'type error':
      throw new TypeError('a bug');
    case 'abort':
      throw new AbortError('enough');
    case 'string':
      throw 'a string';
  }
}

const wait = (duration: number) => new Promise((resolve) => setTimeout(resolve, duration));

/** p-retry, with the one millisecond that a retry which takes none of the budget costs here. */
const theirs: Runner = (operation, options) => {
  let isFree = false;
  const { shouldConsumeRetry } = options;
  return pRetry(
    async (number) => {
      if (isFree) await wait(1);
      isFree = false;
      return operation(number);
    },
    {
      ...options,
      ...(shouldConsumeRetry && {
        shouldConsumeRetry: async (context) => {
          const consume = await shouldConsumeRetry(context);
          isFree = !consume;
          return consume;
        },
      }),
    },
  );
};

beforeEach(holdTime);

afterEach(() => {
  vi.useRealTimers();
});

describe('retry, in the place of p-retry', () => {
  it('makes the same attempts at the same times, asks the same and ends the same, whatever the options and failures', async () => {
    const network = new SimulatedNetwork();
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const expected = await play(script, theirs);
        expect(
          await play(script, (operation, options) => retry(operation, { ...options, waitForNetwork: false })),
        ).toEqual(expected);
        expect(await play(script, (operation, options) => retry(operation, { ...options, network }))).toEqual(expected);
        expectNothingLeft(network);
      }),
      { numRuns: 300 },
    );
  });

  it('rejects with the very object that the operation threw', async () => {
    const error = new Error('the server');
    await expect(retry(() => Promise.reject(error), { retries: 0, waitForNetwork: false })).rejects.toBe(error);
  });

  it('keeps those who called it in the stack trace, on later attempts too', async () => {
    const network = new SimulatedNetwork();
    const theCaller = async () => {
      await retry(
        async () => {
          throw new Error('the server');
        },
        { network, retries: 1, minTimeout: 0 },
      );
    };
    await expect(theCaller()).rejects.toMatchObject({ stack: expect.stringContaining('theCaller') });
  });

  it('stops at the AbortError of another copy of p-retry, of which one project can have several', async () => {
    class AbortError extends Error {
      override readonly name = 'AbortError';
      constructor(readonly originalError: Error) {
        super(originalError.message);
      }
    }
    const enough = new Error('enough');
    const operation = vi.fn(async () => {
      throw new AbortError(enough);
    });
    await expect(retry(operation, { waitForNetwork: false })).rejects.toBe(enough);
    expect(operation).toHaveBeenCalledOnce();
  });

  it("has p-retry's AbortError", () => {
    expect(AbortError).toBe(TheirAbortError);
  });

  it('wraps a function, its arguments and its this', async () => {
    const network = new SimulatedNetwork();
    const store = {
      failures: 2,
      async put(key: string, value: number): Promise<string> {
        this.failures -= 1;
        if (this.failures >= 0) throw new Error('busy');
        return `${key}=${value}`;
      },
    };
    const reliable = { ...store, put: makeRetriable(store.put, { network, minTimeout: 0 }) };
    await expect(reliable.put('a', 1)).resolves.toBe('a=1');
    expect(reliable.failures).toBe(-1);
  });

  it.each(['onFailedAttempt', 'shouldConsumeRetry'] as const)('counts the time that %s takes', async (name) => {
    const network = new SimulatedNetwork();
    const slow = async () => {
      await wait(1000);
      return true;
    };
    for (const runner of [retry, pRetry]) {
      const operation = vi.fn(() => Promise.reject(new Error('the server')));
      const options = { ...(runner === retry && { network }), maxRetryTime: 1000, minTimeout: 0, [name]: slow };
      const call = watch(runner(operation, options));
      await pass(1000);
      expect(call.state).toBe('rejected');
      expect(operation).toHaveBeenCalledTimes(1);
    }
  });

  it('does not retry for ever where Node would make a long delay a short one', async () => {
    const network = new SimulatedNetwork();
    const operation = vi.fn(() => Promise.reject(new Error('the server')));
    const controller = new AbortController();
    const { signal } = controller;
    const call = watch(retry(operation, { network, minTimeout: 2 ** 30, factor: 4, signal }));
    await pass(2 ** 30);
    expect(operation).toHaveBeenCalledTimes(2);
    await pass(1000);
    expect(operation).toHaveBeenCalledTimes(2);
    controller.abort();
    await turn();
    expect(call.state).toBe('rejected');
  });
});

describe('what goes beyond p-retry', () => {
  it('waits as long as the server asks by Retry-After, up to maxTimeout', async () => {
    for (const [maxTimeout, delay] of [
      [Number.POSITIVE_INFINITY, 7000],
      [3000, 3000],
    ] as const) {
      const busy = Object.assign(new Error('busy'), { status: 429, headers: new Headers({ 'Retry-After': '7' }) });
      const operation = vi.fn().mockRejectedValueOnce(busy).mockResolvedValue('done');
      const call = watch(retry(operation, { waitForNetwork: false, minTimeout: 10, maxTimeout }));
      await pass(delay - 1);
      expect(operation).toHaveBeenCalledTimes(1);
      await pass(1);
      await expect(call.promise).resolves.toBe('done');
    }
  });
});
