import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NetworkMonitor } from '../../../src/monitor/index.js';
import { retry } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { expectNothingLeft, holdTime, Manual, networkError, succeed, turn, watch } from './support.js';

/** A network that counts its outages, as a NetworkMonitor does. */
class CountingNetwork extends SimulatedNetwork {
  recoveries = 0;

  override up(): void {
    if (this.state === 'down') this.recoveries += 1;
    super.up();
  }
}

let network: CountingNetwork;

beforeEach(() => {
  holdTime();
  network = new CountingNetwork();
});

afterEach(() => {
  expectNothingLeft(network);
  vi.useRealTimers();
});

describe('an operation that succeeds at once', () => {
  it('subscribes to nothing of a source that counts its outages itself', async () => {
    const onChange = vi.spyOn(network, 'onChange');
    const track = vi.spyOn(network, 'track');
    await retry(async () => 'done', { network });
    await retry(() => 'done', { network });
    await Promise.all(Array.from({ length: 10 }, () => retry(async () => 'done', { network })));
    await turn();
    expect([onChange, track].map(({ mock }) => mock.calls)).toEqual([[], []]);
  });
});

describe('an operation that goes on', () => {
  it('is watched when the turn in which it began is over', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network }));
    await turn();
    expect(network).toMatchObject({ listeners: 1, tracked: 1 });
    await succeed(manual, call);
  });

  it('has an outage that began in that turn held against the network', async () => {
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, interruptAfter: 100 }));
    network.down();
    await turn();
    await vi.advanceTimersByTimeAsync(100);
    expect(manual.last.signal).toMatchObject({ aborted: true, reason: { code: 'ERR_NETPAUSE_NETWORK_DOWN' } });
    manual.last.reject(manual.last.signal.reason);
    await turn();
    network.up();
    await vi.advanceTimersByTimeAsync(100);
    await succeed(manual, call);
  });

  it('spends nothing on an outage that has come and gone in that turn', async () => {
    let attempts = 0;
    const operation = async () => {
      attempts += 1;
      if (attempts > 1) return 'done';
      network.down();
      network.up();
      throw networkError();
    };
    const call = watch(retry(operation, { network, retries: 0 }));
    await turn();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(call).toMatchObject({ state: 'resolved', value: 'done' });
  });
});

describe('a monitor', () => {
  it('counts the outages that have ended', () => {
    expect(new NetworkMonitor().recoveries).toBe(0);
  });
});
