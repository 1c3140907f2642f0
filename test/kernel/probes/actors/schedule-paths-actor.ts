import { NetworkMonitor } from '../../../../src/monitor/index.js';
import { createBandwidthServer } from '../../../../src/probes/bandwidth/index.js';
import type { ProbeStatus } from '../../../../src/probes/result.js';
import { ProbeSchedule, type ScheduleHealth, type ScheduleTask } from '../../../../src/probes/schedule/index.js';
import { type Emit, serveActor } from '../../../lab/index.js';

let monitor: NetworkMonitor | undefined;
let schedule: ProbeSchedule | undefined;

/** What a schedule tells, by name. */
type Told = {
  result: { readonly name: string; readonly status: ProbeStatus; readonly reason: string; readonly isOffline: boolean };
  paused: true;
  resumed: true;
};

/** A process that runs a schedule with a monitor, or is tested against. */
const actor = serveActor((emit: Emit<Told>) => ({
  /** @returns the port. */
  async serve(): Promise<number> {
    const server = await createBandwidthServer({
      host: '::',
      port: 0,
      allow: ['0.0.0.0/0', '::/0'],
      testsPerMinute: 10_000,
      maxBytes: 2 ** 45,
      leaseTimeout: 1_000,
    });
    return server.port;
  },
  async start(checkHost: string, checkPort: number, tasks: readonly ScheduleTask[]): Promise<void> {
    monitor = new NetworkMonitor({ checkHosts: [checkHost], checkPorts: [checkPort] });
    schedule = new ProbeSchedule({ monitor, interval: 100, firstRun: 'at-once', drainTimeout: 0 });
    schedule.on('result', ({ task: { name }, result: { status, reason = '', offline } }) =>
      emit('result', { name, status, reason, isOffline: offline !== undefined }),
    );
    schedule.on('paused', () => emit('paused', true));
    schedule.on('resumed', () => emit('resumed', true));
    schedule.replace(tasks);
    await monitor.start();
    await schedule.start();
  },
  health: (): ScheduleHealth | undefined => schedule?.health(),
  async stop(): Promise<void> {
    await schedule?.stop();
    await monitor?.stop();
  },
}));

export type SchedulePathsActor = typeof actor;
