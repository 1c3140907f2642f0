import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failedBy, inconclusive } from '../../../src/probes/failure.js';
import type { ProbeVerdict } from '../../../src/probes/result.js';
import { type ProbeRun, runProbe } from '../../../src/probes/run-probe.js';
import { FakeMonitor, FakeMonitorWithTargets } from './fake-monitor.js';

const TASK = { probe: 'test', target: 'example.com:1', timeout: 1_000 };
const SILENT = failedBy('path', 'timeout', 'nothing came');
const WRONG = failedBy('target', 'refused', 'it said no');

const found = (verdict: ProbeVerdict) => ({ verdict, samples: [], timings: {}, facts: {} });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('runProbe', () => {
  it('gives what was measured, with its target and its times', async () => {
    vi.setSystemTime(1_700_000_000_000);
    const result = await runProbe(TASK, {}, async () => ({
      verdict: { status: 'ok' },
      address: '192.0.2.1',
      samples: [1.5],
      timings: { connect: 1.5 },
      facts: { answer: 42 },
    }));
    expect(result).toEqual({
      probe: 'test',
      target: 'example.com:1',
      status: 'ok',
      address: '192.0.2.1',
      startedAt: 1_700_000_000_000,
      duration: expect.any(Number),
      samples: [1.5],
      timings: { connect: 1.5 },
      facts: { answer: 42 },
    });
  });

  it('aborts the signal of the engine when the time is over', async () => {
    const probing = runProbe(TASK, {}, async (run) => {
      await new Promise((resolve) => run.signal.addEventListener('abort', resolve));
      return { ...found(SILENT), facts: { isOver: run.isOver } };
    });
    await vi.advanceTimersByTimeAsync(999);
    vi.advanceTimersByTime(1);
    expect(await probing).toMatchObject({ status: 'failed', failureSource: 'path', facts: { isOver: true } });
  });

  it('rejects with the reason of the caller, whatever the engine makes of it', async () => {
    const controller = new AbortController();
    const probing = runProbe(TASK, { signal: controller.signal }, async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return found(SILENT);
    });
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(probing).rejects.toBe(reason);
    await expect(runProbe(TASK, { signal: controller.signal }, async () => found(SILENT))).rejects.toBe(reason);
  });

  it('leaves no timer and no listener behind, also after an engine that throws', async () => {
    const monitor = new FakeMonitor();
    const failing = runProbe(TASK, { monitor }, () => Promise.reject(new TypeError('a bug')));
    await expect(failing).rejects.toThrow('a bug');
    expect(vi.getTimerCount()).toBe(0);
    expect(monitor.listeners).toBe(0);
  });
});

describe('a failure', () => {
  it('is nobody’s while this host was offline at its beginning', async () => {
    const monitor = new FakeMonitor();
    monitor.become('down', 'no-carrier');
    const result = await runProbe(TASK, { monitor }, async () => {
      monitor.become('up', 'reachable');
      return found(WRONG);
    });
    expect(result).toMatchObject({
      status: 'inconclusive',
      failureSource: 'local',
      reason: 'offline',
      offline: 'no-carrier',
      message: expect.stringContaining('it said no'),
    });
  });

  it('is nobody’s where this host went offline for a moment in between', async () => {
    const monitor = new FakeMonitor();
    const result = await runProbe(TASK, { monitor }, async (run) => {
      expect(run.wasOffline).toBe(false);
      monitor.become('down', 'no-route');
      expect(run.wasOffline).toBe(true);
      monitor.become('up', 'reachable');
      return found(SILENT);
    });
    expect(result).toMatchObject({ status: 'inconclusive', offline: 'no-route' });
  });

  it('has the monitor look again, and is nobody’s where that finds an outage', async () => {
    const monitor = new FakeMonitor();
    monitor.finds = { state: 'down', reason: 'unreachable' };
    expect(await runProbe(TASK, { monitor }, async () => found(SILENT))).toMatchObject({
      status: 'inconclusive',
      offline: 'unreachable',
    });
    expect(monitor.reports).toMatchObject([{ ok: false, error: { code: 'ETIMEDOUT' } }]);
  });

  it('is the other’s where the network is there, or nobody watches it', async () => {
    const monitor = new FakeMonitor();
    expect(await runProbe(TASK, { monitor }, async () => found(SILENT))).toMatchObject(SILENT);
    expect(await runProbe(TASK, {}, async () => found(SILENT))).toMatchObject(SILENT);
    monitor.become('degraded', 'unverified');
    expect(await runProbe(TASK, { monitor }, async () => found(SILENT))).toMatchObject(SILENT);
  });

  it('of a target that answered is no reason to look again', async () => {
    const monitor = new FakeMonitor();
    await runProbe(TASK, { monitor }, async () => found(WRONG));
    expect(monitor.reports).toEqual([]);
    await runProbe(TASK, { monitor }, async () => found(failedBy('target', 'reset', 'gone')));
    expect(monitor.reports).toHaveLength(1);
  });

  it('of this host’s own keeps its reason', async () => {
    const monitor = new FakeMonitor();
    monitor.become('down', 'no-route');
    const local = inconclusive('no-descriptors', 'too many open files');
    expect(await runProbe(TASK, { monitor }, async () => found(local))).toMatchObject({
      ...local,
      offline: 'no-route',
    });
  });

  it('is not waited with for a monitor that is still looking when the caller aborts', async () => {
    const monitor = new FakeMonitor();
    monitor.report = () => new Promise(() => {});
    const controller = new AbortController();
    const probing = runProbe(TASK, { monitor, signal: controller.signal }, async () => found(SILENT));
    const reason = new Error('enough');
    setImmediate(() => controller.abort(reason));
    await expect(probing).rejects.toBe(reason);
  });
});

describe('a success', () => {
  it('counts also where this host was said to be offline, and says so', async () => {
    const monitor = new FakeMonitor();
    monitor.become('down', 'unreachable');
    const result = await runProbe(TASK, { monitor }, async () => found({ status: 'ok' }));
    expect(result).toMatchObject({ status: 'ok', offline: 'unreachable' });
    expect(result).not.toHaveProperty('reason');
  });
});

describe('the way to the target', () => {
  const probe = (monitor: FakeMonitor, during: (run: ProbeRun) => void) =>
    runProbe(TASK, { monitor }, async (run) => {
      run.towards('192.0.2.1:1');
      during(run);
      return found(SILENT);
    });

  it('decides from when it is known', async () => {
    const monitor = new FakeMonitorWithTargets();
    const result = await probe(monitor, () => monitor.become('down', 'no-carrier'));
    expect(result).toMatchObject(SILENT);
    expect(monitor.targets.get('192.0.2.1:1')?.reports).toHaveLength(1);
    expect(monitor.reports).toEqual([]);
  });

  it('decides also where the host as a whole was offline all the time', async () => {
    const monitor = new FakeMonitorWithTargets();
    monitor.become('down', 'unreachable');
    const result = await probe(monitor, () => {});
    expect(result).toMatchObject(SILENT);
    expect(result).not.toHaveProperty('offline');
  });

  it('takes nothing back of an outage of the whole host that was over before', async () => {
    const monitor = new FakeMonitorWithTargets();
    const result = await runProbe(TASK, { monitor }, async (run) => {
      monitor.become('down', 'no-carrier');
      monitor.become('up', 'reachable');
      run.towards('192.0.2.1:1');
      return found(SILENT);
    });
    expect(result).toMatchObject({ status: 'inconclusive', offline: 'no-carrier' });
  });

  it('makes a failure nobody’s where it is lost while the host is up', async () => {
    const monitor = new FakeMonitorWithTargets();
    const result = await probe(monitor, () => monitor.target('192.0.2.1:1').become('down', 'no-route'));
    expect(result).toMatchObject({ status: 'inconclusive', offline: 'no-route' });
    expect(monitor.listeners + monitor.target('192.0.2.1:1').listeners).toBe(0);
  });
});
