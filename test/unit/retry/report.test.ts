import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { retry, retryReport } from '../../../src/retry/index.js';
import type { SimulatedNetwork } from '../../../src/testing/index.js';
import { heldNetwork, Manual, networkError, pass, releaseNetwork, turn, watch } from './support.js';

let network: SimulatedNetwork;

beforeEach(() => {
  network = heldNetwork();
});

afterEach(() => releaseNetwork(network));

describe('the report', () => {
  it('tells every attempt and every outage behind a rejection', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, retries: 1, minTimeout: 100 }));
    await turn();
    const start = Date.now();
    network.down('no-route');
    const lost = networkError();
    manual.last.reject(lost);
    await pass(5000);
    network.up();
    await turn();
    const spent = new Error('the server');
    await pass(50);
    manual.last.reject(spent);
    await pass(100);
    const last = Object.freeze(new Error('the server again'));
    manual.last.reject(last);
    await turn();
    expect(call.error).toBe(last);
    expect(retryReport(last)).toEqual({
      attempts: [
        { number: 1, startedAt: start, duration: 0, error: lost, spent: false, isTrial: false },
        { number: 1, startedAt: start + 5000, duration: 50, error: spent, spent: true, isTrial: false },
        { number: 2, startedAt: start + 5150, duration: 0, error: last, spent: true, isTrial: false },
      ],
      attemptsOmitted: 0,
      outages: [{ startedAt: start, duration: 5000, reason: 'no-route' }],
      outagesOmitted: 0,
    });
  });

  it('keeps the first and the last of many', async () => {
    const call = watch(
      retry((number) => Promise.reject(new Error(`${number}`)), { network, retries: 999, minTimeout: 0 }),
    );
    await vi.waitFor(() => expect(call.state).toBe('rejected'), { timeout: 10_000 });
    const report = retryReport(call.error);
    expect(report?.attempts.map(({ number }) => number)).toEqual([
      ...Array.from({ length: 20 }, (_, index) => index + 1),
      ...Array.from({ length: 20 }, (_, index) => index + 981),
    ]);
    expect(report?.attemptsOmitted).toBe(960);
  });

  it('tells when an attempt began, however long the source took to look again', async () => {
    const start = Date.now();
    vi.spyOn(network, 'report').mockImplementation(() => new Promise((resolve) => void setTimeout(resolve, 3000)));
    const call = watch(retry(() => Promise.reject(networkError()), { network, retries: 0 }));
    await pass(3000);
    expect(retryReport(call.error)?.attempts).toMatchObject([{ startedAt: start, duration: 0 }]);
  });

  it('includes the outage in which the call was given up', async () => {
    network.down();
    const call = watch(retry(() => 'never', { network, maxPause: 100 }));
    await pass(100);
    expect(retryReport(call.error)?.outages).toMatchObject([{ duration: 100, reason: 'no-carrier' }]);
  });

  it.each([undefined, null, 'text', 1, new Error('from elsewhere'), {}])('knows nothing of %s', (error) => {
    expect(retryReport(error)).toBeUndefined();
  });
});
