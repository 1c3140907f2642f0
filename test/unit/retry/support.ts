import { expect, vi } from 'vitest';
import { SimulatedNetwork } from '../../../src/testing/index.js';

/** Timers and monotonic time stand still until a test moves them; setImmediate stays real. */
export function holdTime(): void {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
  });
}

/** Lets time pass, and everything that it sets off. */
export async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  await turn();
}

/** Lets everything run that is due without time. */
export async function turn(): Promise<void> {
  for (let count = 0; count < 5; count += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** The state of a promise, looked at without waiting for it. */
export interface Watched<Value> {
  readonly promise: Promise<Value>;
  state: 'pending' | 'resolved' | 'rejected';
  value?: Value;
  error?: unknown;
}

export function watch<Value>(promise: Promise<Value>): Watched<Value> {
  const watched: Watched<Value> = { promise, state: 'pending' };
  promise.then(
    (value) => {
      watched.state = 'resolved';
      watched.value = value;
    },
    (error: unknown) => {
      watched.state = 'rejected';
      watched.error = error;
    },
  );
  return watched;
}

export function expectNothingLeft(network: SimulatedNetwork): void {
  expect({
    timers: vi.getTimerCount(),
    waiters: network.waiters,
    listeners: network.listeners,
    tracked: network.tracked,
  }).toEqual({ timers: 0, waiters: 0, listeners: 0, tracked: 0 });
}

/** Time stands still from here on, with a network that is up. */
export function heldNetwork(): SimulatedNetwork {
  holdTime();
  return new SimulatedNetwork();
}

/** Nothing of the code under test may be left; time goes on. */
export function releaseNetwork(network: SimulatedNetwork): void {
  expectNothingLeft(network);
  vi.useRealTimers();
}

/** The attempt that runs succeeds, and so does the call. */
export async function succeed(manual: Manual, call: Watched<string>): Promise<void> {
  manual.last.resolve('done');
  await expect(call.promise).resolves.toBe('done');
}

/** An error as Node throws it for a refused or impossible connect. */
export function networkError(code = 'ECONNRESET', fields: object = {}): Error {
  return Object.assign(new Error(`${code} (test)`), { code }, fields);
}

/** An operation that the test settles by hand, attempt by attempt. */
export class Manual<Value = string> {
  readonly attempts: ManualAttempt<Value>[] = [];

  readonly operation = (
    number: number,
    context: { readonly signal: AbortSignal; readonly outages: number; readonly progress: (offset: number) => void },
  ): Promise<Value> =>
    new Promise<Value>((resolve, reject) => {
      this.attempts.push({ number, at: performance.now(), context, signal: context.signal, resolve, reject });
    });

  get last(): ManualAttempt<Value> {
    const last = this.attempts.at(-1);
    if (last === undefined) throw new Error('no attempt has started');
    return last;
  }
}

/** Like fetch: as Manual, but it rejects with the signal's reason when aborted. */
export class Abortable extends Manual {
  override readonly operation: Manual['operation'] = (number, context) =>
    new Promise((resolve, reject) => {
      const { signal } = context;
      signal.addEventListener('abort', () => reject(signal.reason));
      this.attempts.push({ number, at: performance.now(), context, signal, resolve, reject });
    });
}

export interface ManualAttempt<Value> {
  readonly number: number;
  readonly at: number;
  readonly context: {
    readonly signal: AbortSignal;
    readonly outages: number;
    readonly progress: (offset: number) => void;
  };
  readonly signal: AbortSignal;
  resolve(value: Value): void;
  reject(error: unknown): void;
}
