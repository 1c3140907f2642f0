import { readFileSync } from 'node:fs';
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

it('has the numbers that the guide states', () => {
  const guide = readFileSync(new URL('../../../NETWORK_MONITORING.md', import.meta.url), 'utf8');
  for (const [name, { monitor, retry }] of Object.entries(presets)) {
    const row = guide.split('\n').find((line) => line.startsWith(`| \`${name}\``)) ?? '';
    const stated = [monitor.checkInterval, monitor.checkTimeout, retry.minTimeout, retry.maxTimeout];
    for (const milliseconds of stated) expect(row).toContain(`${Number(milliseconds) / 1_000} s`);
    expect(row).toContain(`${retry.retries} retries`);
  }
});
