import { runInNewContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import { AbortError, createRetryer, type RetryOptions } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';

/** As every error of Node.js is under Jest, whose tests run in a sandbox with globals of its own. */
const foreignError: unknown = runInNewContext("Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })");
const foreignFetchError: unknown = runInNewContext("new TypeError('fetch failed')");
const foreignBug: unknown = runInNewContext("new TypeError('x is not a function')");

const retryer = createRetryer({ network: new SimulatedNetwork(), retries: 2, minTimeout: 0 });

it.each([
  ['an error', foreignError],
  ['a failed fetch', foreignFetchError],
])('retries %s of another realm, and rejects with that very error', async (_what, error) => {
  expect(error).not.toBeInstanceOf(Error);
  const operation = vi.fn().mockRejectedValue(error);
  const [outcome] = await Promise.allSettled([retryer.run(operation)]);
  expect(outcome).toMatchObject({ status: 'rejected', reason: expect.toSatisfy((reason) => reason === error) });
  expect(operation).toHaveBeenCalledTimes(3);
});

it('shows it to the callbacks as it is', async () => {
  const told: unknown[] = [];
  const tell = ({ error }: { readonly error: Error }) => told.push(error) > 0;
  const callbacks: RetryOptions = {
    onFailedAttempt: (context) => void tell(context),
    shouldConsumeRetry: tell,
    shouldRetry: tell,
  };
  await Promise.allSettled([retryer.run(() => Promise.reject(foreignError), { ...callbacks, retries: 1 })]);
  expect(told).toHaveLength(5);
  expect(told.every((error) => error === foreignError)).toBe(true);
});

it('takes a TypeError of another realm for the bug that it is', async () => {
  const operation = vi.fn().mockRejectedValue(foreignBug);
  const [outcome] = await Promise.allSettled([retryer.run(operation)]);
  expect(outcome).toMatchObject({ status: 'rejected', reason: expect.toSatisfy((reason) => reason === foreignBug) });
  expect(operation).toHaveBeenCalledTimes(1);
});

it('leaves what is no error to p-retry, and an AbortError too', async () => {
  await expect(retryer.run(() => Promise.reject('a word'))).rejects.toThrow('Non-error was thrown');
  await expect(retryer.run(() => Promise.reject(new AbortError('enough')))).rejects.toThrow('enough');
});
