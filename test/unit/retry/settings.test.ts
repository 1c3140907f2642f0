import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../src/errors/index.js';
import { createRetryer, makeRetriable, retry } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';

const NUMBERS = ['1', Number.NaN, -1, null, {}];
const SWITCHES = ['true', 1, null, {}];
const FUNCTIONS = ['f', 1, true, null, {}];

const REFUSED: Readonly<Record<string, readonly unknown[]>> = {
  retries: [...NUMBERS, 1.5],
  factor: [...NUMBERS, Number.POSITIVE_INFINITY],
  minTimeout: [...NUMBERS, Number.POSITIVE_INFINITY],
  maxTimeout: NUMBERS,
  randomize: SWITCHES,
  maxRetryTime: NUMBERS,
  onFailedAttempt: FUNCTIONS,
  shouldRetry: FUNCTIONS,
  shouldConsumeRetry: FUNCTIONS,
  signal: ['signal', 1, {}, new AbortController()],
  unref: SWITCHES,
  network: ['up', 1, {}, { state: 'up', onChange() {}, waitForNetwork() {} }],
  waitForNetwork: SWITCHES,
  name: ['', 1, {}],
  logger: ['console', 1, {}, { debug() {}, info() {}, warn() {} }],
  maxPause: NUMBERS,
  maxOutages: [...NUMBERS, 1.5],
  interruptAfter: [...NUMBERS, { path: -1 }, { reach: '1' }, { paths: 1 }].filter((value) => !isEmptyObject(value)),
  idempotent: SWITCHES,
  abandon: ['true', -1, Number.NaN, Number.POSITIVE_INFINITY, {}],
  timeout: [...NUMBERS, 0],
  trialInterval: [...NUMBERS, 0],
  countPausedTime: SWITCHES,
  onPause: FUNCTIONS,
  onResume: FUNCTIONS,
  // p-retry's of old, and a slip of the pen.
  forever: [true],
  retires: [3],
};

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

const EVERY_REFUSED = Object.entries(REFUSED).flatMap(([name, values]) =>
  values.map((value) => [name, value] as const),
);

describe('an option with a wrong name, type or range', () => {
  it.each(EVERY_REFUSED)('%s: %s', async (name, value) => {
    const options = { network: new SimulatedNetwork(), [name]: value };
    expect(() => createRetryer(options)).toThrow(InvalidOptionError);
    expect(() => createRetryer(options)).toThrow(name);
    expect(() => makeRetriable(() => 1, options)).toThrow(InvalidOptionError);
    expect(() => createRetryer().wrap(() => 1, options)).toThrow(InvalidOptionError);
    await expect(retry(() => 1, options)).rejects.toThrow(InvalidOptionError);
    await expect(createRetryer().run(() => 1, options)).rejects.toThrow(InvalidOptionError);
  });

  it.each([null, 'options', 1, []])('options of %s', async (options) => {
    const call: unknown = Reflect.apply(retry, undefined, [() => 1, options]);
    await expect(call).rejects.toThrow(InvalidOptionError);
  });

  it.each([undefined, null, 'operation', {}])('an operation of %s', async (operation) => {
    const call: unknown = Reflect.apply(retry, undefined, [operation, { waitForNetwork: false }]);
    await expect(call).rejects.toThrow(InvalidOptionError);
    expect(() => Reflect.apply(makeRetriable, undefined, [operation])).toThrow(InvalidOptionError);
  });
});

describe('options', () => {
  it('of undefined are not given', async () => {
    const names = Object.keys(REFUSED).filter((name) => name !== 'forever' && name !== 'retires');
    const options = Object.fromEntries(names.map((name) => [name, undefined]));
    const retryer = createRetryer({ network: new SimulatedNetwork(), retries: 0 });
    await expect(retryer.run(() => 'done', options)).resolves.toBe('done');
  });

  it('may be as long as p-retry allows', () => {
    expect(() =>
      createRetryer({ maxTimeout: Number.MAX_SAFE_INTEGER, maxRetryTime: 2 ** 40, maxPause: 2 ** 40 }),
    ).not.toThrow();
  });

  it('of a run go before those of the retryer', async () => {
    const network = new SimulatedNetwork();
    const retryer = createRetryer({ network, retries: 5, minTimeout: 0 });
    let attempts = 0;
    const operation = () => {
      attempts += 1;
      throw new Error('the server');
    };
    await expect(retryer.run(operation, { retries: 1 })).rejects.toThrow('the server');
    expect(attempts).toBe(2);
    await expect(retryer.run(operation)).rejects.toThrow('the server');
    expect(attempts).toBe(2 + 6);
  });
});
