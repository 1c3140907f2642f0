import { afterEach, describe, expect, it } from 'vitest';
import { AllowList } from '../../../../src/ring/member/allow-list.js';
import { type HealthFacts, memberHealth } from '../../../../src/ring/member/member-health.js';
import { resolveMemberOptions } from '../../../../src/ring/member/member-options.js';
import { createMemberService, type MemberService } from '../../../../src/ring/member/member-service.js';

const SETTINGS = resolveMemberOptions({ location: 'here', instanceId: 'me', port: 0 });

function health(changes: Partial<HealthFacts> = {}) {
  return memberHealth(SETTINGS, {
    standings: [
      { name: 'heartbeat', lastBeat: 1_000_000, silence: 2_500, restarts: 0 },
      { name: 'member_polling', lastBeat: 700_000, silence: 302_500, restarts: 1 },
    ],
    isDead: ({ silence }) => silence >= 300_000,
    interval: 15_000,
    members: 3,
    registry: 'http://localhost:8756',
    registration: { isRegistered: true, count: 2 },
    lastAnswer: 999_000,
    trouble: undefined,
    network: { state: 'up', reason: 'reachable' },
    reports: { pending: 1, delivered: 2, dropped: 3 },
    ...changes,
  });
}

describe('the health of a member', () => {
  const services: MemberService[] = [];

  afterEach(async () => {
    await Promise.all(services.splice(0).map((service) => service.close()));
  });

  async function answerOf(body: ReturnType<typeof health>): Promise<readonly [number, string]> {
    const service = createMemberService(
      SETTINGS,
      {
        health: () => body,
        metricsPage: async () => ({ type: 'text/plain', text: '' }),
        judgeClaim: () => ({ isAllowed: true, until: 5 }),
      },
      new AllowList(undefined, true),
    );
    services.push(service);
    const { url } = await service.web.listen();
    const response = await fetch(`${url}/health`);
    return [response.status, await response.text()];
  }

  it('has the shape of Netring, in seconds', () => {
    expect(health()).toMatchObject({
      status: 'unhealthy',
      component: 'member',
      instance_id: 'me',
      location: 'here',
      members_count: 3,
      task_health: {
        heartbeat: { last_heartbeat: 1_000, seconds_since_heartbeat: 2.5, status: 'healthy', restarts: 0 },
        member_polling: { last_heartbeat: 700, seconds_since_heartbeat: 302.5, status: 'unhealthy', restarts: 1 },
      },
      unhealthy_tasks: ['member_polling'],
      fault_tolerance: { task_timeout_seconds: 300, health_monitor_interval_seconds: 15 },
      registry: { registered: true, registrations: 2, last_answer: 999 },
    });
  });

  it('is told with 503 while a task is dead, and with 200 otherwise', async () => {
    const dead = health();
    expect(await answerOf(dead)).toEqual([503, JSON.stringify(dead)]);
    const alive = health({ isDead: () => false });
    expect(alive).toMatchObject({ status: 'healthy', unhealthy_tasks: [] });
    expect(await answerOf(alive)).toEqual([200, JSON.stringify(alive)]);
  });
});
