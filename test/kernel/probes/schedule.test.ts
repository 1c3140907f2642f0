import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { until } from '../../lab/bounded.js';
import { describeInLab } from '../../lab/describe-in-lab.js';
import {
  type Actor,
  type ClientRouterServer,
  clientRouterServer,
  createLab,
  type Host,
  type Lab,
  TCP_ACTOR,
  type Tcp,
} from '../../lab/index.js';
import { requireProgram } from '../../servers/require-program.js';
import type { ScheduleActor } from './actors/schedule-actor.js';

describeInLab('a schedule, on a real network', [], () => {
  let lab: Lab;
  let net: ClientRouterServer;
  let folder: string;
  let schedule: Actor<ScheduleActor>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netpause-schedule-'));
    lab = await createLab();
    net = await clientRouterServer(lab);
  });

  beforeEach(async () => {
    schedule = await net.client.spawn<ScheduleActor>(new URL('./actors/schedule-actor.ts', import.meta.url));
  });

  afterAll(async () => {
    await lab?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('pauses when the cable is pulled, blames nobody, and goes on when it is back', async () => {
    const there = await net.server.spawn<Tcp>(TCP_ACTOR);
    const target = `198.51.100.2:${await there.call('listen')}`;
    await schedule.call('start', target);
    await schedule.event('result', ({ status }) => status === 'ok');
    await lab.pullCable('client');
    await schedule.event('paused');
    const before = await schedule.call('health');
    expect(before).toMatchObject({ status: 'paused', tasks: [{ state: 'paused' }] });
    await lab.plugIn('client');
    await schedule.event('resumed');
    await schedule.event('result', ({ status }) => status === 'ok');
    // All that was in flight when the cable was pulled has ended by now: it was this host's own outage.
    const { tasks } = await schedule.call('health');
    expect(tasks[0]).toMatchObject({ lastStatus: 'ok', crashes: 0 });
    const statuses = new Set(schedule.events('result').map(({ detail }) => detail.status));
    expect(statuses.has('failed')).toBe(false);
    await schedule.call('stop');
  });

  it('takes its targets from DNS, follows them, and keeps them while the resolver is away', async (context) => {
    requireProgram(context, 'dnsmasq', 'dnsmasq-base');
    const pid = await startDnsmasq(net.server, folder, ['one.example.com,1001', 'two.example.com,1002']);
    await schedule.call('startService', '_x._tcp.example.com', '198.51.100.2');
    expect(await schedule.call('targets')).toEqual(['one.example.com:1001', 'two.example.com:1002']);

    process.kill(pid, 'SIGTERM');
    await until(
      () => !existsSync(`/proc/${pid}`),
      () => 'for dnsmasq to end',
    );
    await schedule.call('refresh');
    expect((await schedule.event('error')).detail).toContain('the hosts of _x._tcp.example.com could not be read');
    expect(await schedule.call('targets')).toEqual(['one.example.com:1001', 'two.example.com:1002']);

    await startDnsmasq(net.server, folder, ['two.example.com,1002', 'three.example.com,1003']);
    await schedule.call('refresh');
    expect(await schedule.call('targets')).toEqual(['three.example.com:1003', 'two.example.com:1002']);
    await schedule.call('stop');
  });
});

/** It goes into the background once it answers, and ends with the namespace at the latest. */
async function startDnsmasq(host: Host, folder: string, hosts: readonly string[]): Promise<number> {
  const pidFile = join(folder, 'dnsmasq.pid');
  await writeFile(pidFile, '');
  await host.exec('dnsmasq', [
    '--conf-file=/dev/null',
    '--no-resolv',
    '--no-hosts',
    `--pid-file=${pidFile}`,
    '--user=',
    '--group=',
    '--local-ttl=120',
    ...hosts.map((target) => `--srv-host=_x._tcp.example.com,${target}`),
  ]);
  return Number(await readFile(pidFile, 'utf8'));
}
