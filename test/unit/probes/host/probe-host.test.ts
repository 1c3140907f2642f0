import { readFile } from 'node:fs/promises';
import { hostname, totalmem } from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { probeHost } from '../../../../src/probes/host/probe-host.js';
import { FakeMonitor } from '../fake-monitor.js';

vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof import('node:fs/promises')>();
  return { ...actual, readFile: vi.fn(actual.readFile) };
});

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

  it('may run many times at once', async () => {
    const results = await Promise.all(Array.from({ length: 20 }, () => probeHost({ interval: 20, disks: ['/'] })));
    for (const { status, facts } of results) {
      expect(status).toBe('ok');
      expect(facts.disks).toMatchObject([{ path: '/', total: expect.any(Number) }]);
    }
  });

  it('ends in its time when no file answers any more', async () => {
    const reading = vi.mocked(readFile).mockImplementation(() => new Promise(() => {}));
    try {
      const { status, facts } = await probeHost({ interval: 10, timeout: 1, disks: [] });
      expect(status).toBe('ok');
      expect(facts.memory.total).toBe(totalmem());
      expect(facts).not.toHaveProperty('cgroup');
    } finally {
      reading.mockReset();
    }
  });

  it.each([{ interval: 0 }, { disks: [''] }, { interfaces: 'eth0' }, { timeout: -1 }, { disk: [] }])(
    'refuses %j',
    async (options) => {
      const given: object = options;
      await expect(probeHost(given)).rejects.toThrow(InvalidOptionError);
    },
  );
});
