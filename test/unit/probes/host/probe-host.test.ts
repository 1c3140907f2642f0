import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { probeHost } from '../../../../src/probes/host/probe-host.js';
import { FakeMonitor } from '../fake-monitor.js';

describe('probeHost', () => {
  it('gives a result as every probe does', async () => {
    const result = await probeHost({ interval: 20, disks: ['/'], interfaces: ['lo'] });
    expect(result).toMatchObject({ probe: 'host', target: hostname(), status: 'ok', samples: [] });
    expect(result.facts.disks).toHaveLength(1);
    expect(result.facts.interfaces.map(({ name }) => name)).toEqual(['lo']);
    expect(result.timings.interval).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it('does not depend on the network', async () => {
    const monitor = new FakeMonitor();
    monitor.become('down', 'no-carrier');
    expect(await probeHost({ interval: 10 }, { monitor })).toMatchObject({ status: 'ok' });
    expect(monitor.reports).toEqual([]);
    expect(monitor.listeners).toBe(0);
  });

  it('ends with the signal', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const probing = probeHost({ interval: 100_000 }, { signal: controller.signal });
    setImmediate(() => controller.abort(reason));
    await expect(probing).rejects.toBe(reason);
    await expect(probeHost({}, { signal: controller.signal })).rejects.toBe(reason);
  });

  it.each([{ interval: 0 }, { disks: [''] }, { interfaces: 'eth0' }, { timeout: -1 }, { disk: [] }])(
    'refuses %j',
    async (options) => {
      const given: object = options;
      await expect(probeHost(given)).rejects.toThrow(InvalidOptionError);
    },
  );
});
