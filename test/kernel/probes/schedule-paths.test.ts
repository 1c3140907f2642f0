import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { type Actor, type ClientRouterServer, clientRouterServer, createLab, type Lab } from '../../lab/index.js';
import type { SchedulePathsActor } from './actors/schedule-paths-actor.js';

const ACTOR = new URL('./actors/schedule-paths-actor.ts', import.meta.url);

describeInLab('a schedule of traces, bandwidth tests and readings of this host', [], () => {
  let lab: Lab;
  let net: ClientRouterServer;
  let schedule: Actor<SchedulePathsActor>;

  beforeAll(async () => {
    lab = await createLab();
    net = await clientRouterServer(lab);
    schedule = await net.client.spawn<SchedulePathsActor>(ACTOR);
  });
  afterAll(() => lab?.dispose());

  it('says nothing of anybody while the cable is pulled, reads this host all along, and is ok again after it', async () => {
    const there = await net.server.spawn<SchedulePathsActor>(ACTOR);
    const port = await there.call('serve');
    const server = net.addresses.server.ipv4;
    const test = { probe: 'bandwidth', target: `${server}:${port}` } as const;
    const options = { direction: 'download', duration: 300, maxBytes: 2 ** 45, timeout: 2_000 } as const;
    // A refusal comes as often as it is asked for; of ICMP errors there is one a second.
    const trace = {
      probe: 'trace',
      target: server,
      options: { method: 'tcp', rounds: 1, maxHops: 4, timeout: 200 },
    } as const;
    await schedule.call('start', server, port, [
      { name: 'trace', ...trace },
      { name: 'bandwidth', ...test, options },
      // These go on asking in the outage, and so meet it in any case.
      { name: 'trace on', ...trace, pauseWhileDown: false },
      { name: 'bandwidth on', ...test, options, pauseWhileDown: false },
      { name: 'host', probe: 'host', options: { interval: 50 } },
    ]);
    await allOk();

    await lab.pullCable('client');
    await schedule.event('paused');
    for (const name of ['trace on', 'bandwidth on']) {
      const { detail } = await schedule.event('result', (each) => each.name === name && each.reason === 'offline');
      expect(detail).toMatchObject({ status: 'inconclusive', isOffline: true });
    }
    await schedule.event('result', ({ name, status, isOffline }) => name === 'host' && status === 'ok' && isOffline);
    const { status, tasks = [] } = (await schedule.call('health')) ?? {};
    expect(status).toBe('paused');
    expect(tasks.filter(({ state }) => state === 'paused').map(({ name }) => name)).toEqual(['trace', 'bandwidth']);

    await lab.plugIn('client');
    await schedule.event('resumed');
    await allOk();
    // Nobody was blamed. A test may have been busy instead: with waiting for the other, or for the server to forget one that was cut off.
    const results = schedule.events('result').map(({ detail }) => detail);
    expect(results.filter((result) => result.status === 'failed')).toEqual([]);
    expect(results.filter((result) => result.name === 'host' && result.status !== 'ok')).toEqual([]);
    const after = await schedule.call('health');
    expect(after?.tasks.map(({ crashes }) => crashes)).toEqual(NAMES.map(() => 0));
    await schedule.call('stop');
  });

  /** Each at least once from now on. */
  async function allOk(): Promise<void> {
    for (const name of NAMES) {
      await schedule.event('result', (each) => each.name === name && each.status === 'ok');
    }
  }
});

const NAMES = ['trace', 'bandwidth', 'trace on', 'bandwidth on', 'host'];
