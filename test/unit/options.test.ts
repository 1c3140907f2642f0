import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../src/errors/index.js';
import { NetworkMonitor } from '../../src/monitor/index.js';
import { collectPrometheus, subscribe } from '../../src/observe/index.js';
import { createRetryer } from '../../src/retry/index.js';
import { livenessHandler, readinessHandler } from '../../src/service/index.js';
import { SimulatedNetwork } from '../../src/testing/index.js';

/** Calls a function as JavaScript lets anybody call it. */
const call = (fn: (...given: never[]) => unknown, ...given: unknown[]): unknown => Reflect.apply(fn, undefined, given);

describe('what is given in the wrong place is refused', () => {
  it('a monitor in the place of options', async () => {
    await expect(call(collectPrometheus, new NetworkMonitor())).rejects.toThrow(InvalidOptionError);
    expect(() => call(createRetryer, new AbortController().signal)).toThrow(InvalidOptionError);
  });

  it("options of a class of one's own are options", () => {
    class Settings {
      retries = 2;
    }
    expect(() => createRetryer(new Settings())).not.toThrow();
  });

  it('no network at all', () => {
    expect(() => call(livenessHandler)).toThrow(/livenessHandler: network/);
    expect(() => call(readinessHandler, {})).toThrow(/readinessHandler: network/);
  });

  it('a reason or a channel that does not exist', () => {
    const network = new SimulatedNetwork();
    expect(() => Reflect.apply(network.degraded, network, ['tired'])).toThrow(/SimulatedNetwork.degraded: reason/);
    expect(() => call(subscribe, 'netpause.retry.paused', () => {})).toThrow(/netpause.retry.pause,/);
  });
});
