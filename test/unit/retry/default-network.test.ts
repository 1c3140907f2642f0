import { expect, it, vi } from 'vitest';
import { createRetryer, retry } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { turn, watch } from './support.js';

const { shared } = vi.hoisted(() => ({ shared: vi.fn() }));

vi.mock('../../../src/monitor/index.js', async (original) => ({
  ...(await original<object>()),
  sharedMonitor: shared,
}));

it('is the monitor that the process shares, asked for only when it is needed', async () => {
  const network = new SimulatedNetwork({ state: 'down' });
  shared.mockReturnValue(network);
  const retryer = createRetryer();
  await retry(() => 'done', { waitForNetwork: false });
  await retry(() => 'done', { network: new SimulatedNetwork() });
  expect(shared).not.toHaveBeenCalled();

  const calls = [watch(retryer.run(() => 'done')), watch(retry(() => 'done'))];
  await turn();
  expect(calls.map(({ state }) => state)).toEqual(['pending', 'pending']);
  network.up();
  await expect(Promise.all(calls.map(({ promise }) => promise))).resolves.toEqual(['done', 'done']);
});
