import { describe, expect, it } from 'vitest';
import { NetworkMonitor } from '../../../src/monitor/index.js';
import * as presets from '../../../src/presets/index.js';
import { createRetryer } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';

describe.each(Object.entries(presets))('the preset %s', (_name, preset) => {
  it('is accepted by a monitor and a retryer', async () => {
    expect(() => new NetworkMonitor(preset.monitor)).not.toThrow();
    const retryer = createRetryer({ ...preset.retry, network: new SimulatedNetwork() });
    expect(await retryer.run(async () => 'done')).toBe('done');
  });

  it('cannot be changed for everybody by one of its users', () => {
    expect(Object.isFrozen(preset)).toBe(true);
    expect(Object.isFrozen(preset.monitor)).toBe(true);
    expect(Object.isFrozen(preset.retry)).toBe(true);
  });
});

it('waits the longer the more patient it is', () => {
  const { conservative, balanced, patient } = presets;
  const retries = [conservative, balanced, patient].map(({ retry }) => retry.retries);
  expect(retries).toEqual([...retries].sort((a, b) => (a ?? 0) - (b ?? 0)));
});
