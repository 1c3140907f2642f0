import { describe, expect, it, vi } from 'vitest';
import { Metrics } from '../../../../src/cli/monitor/metrics.js';
import { NetworkMonitor } from '../../../../src/monitor/index.js';
import { type ProbeResult, ProbeSchedule } from '../../../../src/probes/index.js';

async function probe(target: string): Promise<ProbeResult> {
  return { probe: 'probe', target, status: 'ok', startedAt: 0, duration: 1, samples: [1], timings: {}, facts: {} };
}

describe('the metrics of a schedule', () => {
  it('are put together once for all who ask at the same time, and anew for whoever asks later', async () => {
    const schedule = new ProbeSchedule();
    const metrics = new Metrics(schedule);
    await metrics.open(new NetworkMonitor({ checkHosts: [] }));
    const health = vi.spyOn(schedule, 'health');
    schedule.add({ probe, target: 'a' });
    const [first, second] = await Promise.all([metrics.page(), metrics.page()]);
    expect(second).toBe(first);
    expect(health).toHaveBeenCalledTimes(1);
    expect(String(first?.body)).toMatch(/^netpause_schedule_tasks 1$/m);
    schedule.add({ probe, target: 'b' });
    expect(String((await metrics.page()).body)).toMatch(/^netpause_schedule_tasks 2$/m);
    metrics.close();
  });

  it('lose the series of a task with it, and keep that of another with the same target', async () => {
    const schedule = new ProbeSchedule({ interval: 60_000, firstRun: 'at-once' });
    const metrics = new Metrics(schedule);
    await metrics.open(new NetworkMonitor({ checkHosts: [] }));
    schedule.replace([
      { name: 'gone', probe, target: 'a' },
      { name: 'stays', probe, target: 'a' },
    ]);
    const both = new Promise<void>((resolve) => {
      schedule.on('result', ({ task }) => {
        if (task.name === 'stays') resolve();
      });
    });
    await schedule.start();
    await both;
    expect(String((await metrics.page()).body)).toContain('task="gone"');
    schedule.remove('gone');
    const after = String((await metrics.page()).body);
    expect(after).not.toContain('task="gone"');
    expect(after).toContain('task="stays"');
    await schedule.stop();
    metrics.close();
  });

  it('have the labels of tasks, save those that a metric has itself or Prometheus does not allow', async () => {
    const schedule = new ProbeSchedule({ interval: 60_000, firstRun: 'at-once' });
    const metrics = new Metrics(schedule);
    await metrics.open(new NetworkMonitor({ checkHosts: [] }));
    schedule.add({ probe, target: 'a', labels: { site: 'north', hop: '1', 'no-label': 'x', task: 'mine' } });
    const done = new Promise<void>((resolve) => schedule.on('result', () => resolve()));
    await schedule.start();
    await done;
    expect(String((await metrics.page()).body)).toMatch(
      /^netpause_probe_success\{probe="probe",target="a",task="probe a",site="north"\} 1$/m,
    );
    await schedule.stop();
    metrics.close();
  });
});
