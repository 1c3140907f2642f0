import { NetworkMonitor } from '../../../../src/monitor/index.js';
import { ProbeSchedule, type ProbeStatus, type ScheduleHealth, tasksFromSrv } from '../../../../src/probes/index.js';
import { type Emit, serveActor } from '../../../lab/index.js';

const monitor = new NetworkMonitor({ checkHosts: [] });
const schedule = new ProbeSchedule({ monitor, interval: 50, timeout: 1_000 });

/** What a schedule tells, by name. */
type Told = {
  result: { name: string; status: ProbeStatus };
  started: string;
  paused: true;
  resumed: true;
  tasks: readonly string[];
  error: string;
};

/** A process that runs a schedule of TCP probes, paused by this host's own network. */
const actor = serveActor((emit: Emit<Told>) => {
  const tellTasks = (): void => emit('tasks', schedule.tasks.map(({ target }) => target).sort());
  schedule.on('result', ({ task: { name }, result: { status } }) => emit('result', { name, status }));
  schedule.on('paused', () => emit('paused', true));
  schedule.on('resumed', () => emit('resumed', true));
  schedule.on('error', ({ message }) => emit('error', message));
  schedule.on('added', tellTasks);
  schedule.on('removed', tellTasks);
  return {
    async start(target: string): Promise<void> {
      schedule.add({ probe: 'tcp', target });
      await monitor.start();
      await schedule.start();
    },
    async startService(srv: string, server: string): Promise<void> {
      schedule.addSource(tasksFromSrv({ srv, server, probe: 'tcp' }));
      await schedule.start();
    },
    refresh: (): Promise<void> => schedule.refresh(),
    health: (): ScheduleHealth => schedule.health(),
    targets: (): readonly string[] => schedule.tasks.map(({ target }) => target).sort(),
    async stop(): Promise<void> {
      await schedule.stop();
      await monitor.stop();
    },
  };
});

export type ScheduleActor = typeof actor;
