import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchForLoss } from '../../../../src/adapters/shared/loss-watch.js';
import { NetworkDownError } from '../../../../src/errors/index.js';
import { SimulatedNetwork } from '../../../../src/testing/index.js';

let network: SimulatedNetwork;
const onLost = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  network = new SimulatedNetwork();
  onLost.mockReset();
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  expect(network).toMatchObject({ listeners: 0, tracked: 0 });
  vi.useRealTimers();
});

describe('watchForLoss', () => {
  it.each([
    ['no-carrier', undefined, 2_000],
    ['unreachable', undefined, 10_000],
    ['no-route', 50, 50],
    ['no-route', { path: 70 }, 70],
    ['unreachable', { path: 70 }, 10_000],
  ] as const)('tells of %s, with the limit %o, after %i ms, once', (reason, limit, after) => {
    watchForLoss(network, limit, onLost);
    network.down(reason);
    vi.advanceTimersByTime(after - 1);
    expect(onLost).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onLost).toHaveBeenCalledExactlyOnceWith(expect.any(NetworkDownError));
    expect(onLost).toHaveBeenCalledWith(expect.objectContaining({ reason }));
  });

  it('tells of an outage that was there when it began', () => {
    network.down();
    watchForLoss(network, 10, onLost);
    vi.advanceTimersByTime(10);
    expect(onLost).toHaveBeenCalledOnce();
  });

  it('says nothing of an outage that is over in time', () => {
    const stop = watchForLoss(network, 10, onLost);
    network.down();
    vi.advanceTimersByTime(9);
    network.up();
    vi.advanceTimersByTime(100);
    expect(onLost).not.toHaveBeenCalled();
    stop();
  });

  it('gives each kind of loss its own time, from when it begins', () => {
    watchForLoss(network, { path: 10, reach: 100 }, onLost);
    network.down('no-carrier');
    vi.advanceTimersByTime(9);
    network.down('unreachable');
    vi.advanceTimersByTime(99);
    expect(onLost).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onLost).toHaveBeenCalledOnce();
  });

  it('tells at once of connections that cannot be carried any more', () => {
    watchForLoss(network, Number.POSITIVE_INFINITY, onLost);
    network.strand('no-address');
    expect(onLost).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ reason: 'no-address' }));
  });

  it('never tells where the limit is Infinity, nor after it was ended', () => {
    const stop = watchForLoss(network, Number.POSITIVE_INFINITY, onLost);
    network.down();
    vi.advanceTimersByTime(1e9);
    stop();
    network.strand();
    expect(onLost).not.toHaveBeenCalled();
  });
});
