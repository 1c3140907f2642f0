import { describe, expect, it } from 'vitest';
import { ProbeSchedule } from '../../../../src/probes/index.js';
import { AllowList } from '../../../../src/ring/member/allow-list.js';
import { type CheckSettings, checksFor } from '../../../../src/ring/member/checks-for.js';
import { roundsToCover } from '../../../../src/ring/plan/index.js';
import { type MemberRecord, memberRecordSchema } from '../../../../src/ring/wire/index.js';
import { member } from './fixtures.js';

const SETTINGS: CheckSettings = {
  plan: 'mesh',
  successors: 2,
  checkInterval: 60_000,
  tracerouteInterval: 300_000,
  tcpTimeout: 5_000,
  httpTimeout: 10_000,
  httpEndpoints: ['/health', '/metrics'],
};

function checks(
  members: readonly MemberRecord[],
  settings: Partial<CheckSettings> = {},
  round = 0,
  failing: ReadonlySet<string> = new Set(),
) {
  return checksFor(
    { members, self: 'self', round, failing },
    { ...SETTINGS, ...settings },
    new AllowList(undefined, false),
  );
}

describe('the checks of a member', () => {
  it('are TCP, HTTP of each endpoint, ping and the route, of each other member', () => {
    const { connectivity, routes } = checks([member('b'), member('c', { ip: '2001:db8::1', port: 80 })]);
    expect(connectivity.map(({ type, task }) => `${type} ${task.target} ${task.interval} ${task.timeout}`)).toEqual([
      'tcp 192.0.2.1:8757 60000 5000',
      'http http://192.0.2.1:8757/health 60000 10000',
      'http http://192.0.2.1:8757/metrics 60000 10000',
      'ping 192.0.2.1 60000 undefined',
      'tcp [2001:db8::1]:80 60000 5000',
      'http http://[2001:db8::1]:80/health 60000 10000',
      'http http://[2001:db8::1]:80/metrics 60000 10000',
      'ping 2001:db8::1 60000 undefined',
    ]);
    expect(routes.map(({ task }) => `${task.target} ${task.interval}`)).toEqual([
      '192.0.2.1 300000',
      '2001:db8::1 300000',
    ]);
  });

  it('are ones that a schedule takes, whatever members are called', () => {
    const names = ['a', 'a"]', 'a /health', '["a"]', 'ü 日本', 'x'.repeat(128)];
    const { connectivity, routes } = checks(names.map((id) => member(id)));
    const schedule = new ProbeSchedule();
    schedule.replace([...connectivity, ...routes].map(({ task }) => task));
    expect(schedule.tasks).toHaveLength(names.length * 5);
  });

  it.each(['999.1.1.1', '192.0.2.256', '1.2.3.4.5', 'a.0x7f', 'foo.09', 'xn--a'])(
    'are still made of all others where one is at %s, which no URL can have for a host',
    (ip) => {
      const odd = memberRecordSchema.parse(member('odd', { ip }));
      const { connectivity, routes, refused } = checks([odd, member('b')]);
      new ProbeSchedule().replace([...connectivity, ...routes].map(({ task }) => task));
      expect(new Set(connectivity.map(({ target }) => target.instance_id))).toEqual(new Set(['b']));
      expect(refused).toEqual([odd]);
    },
  );

  it('never lead elsewhere by a redirect', () => {
    const { connectivity } = checks([member('b')]);
    const http = connectivity.filter(({ type }) => type === 'http');
    expect(http).toHaveLength(2);
    for (const { task } of http) expect(task.options).toMatchObject({ maxRedirects: 0 });
  });

  it('leave out whom the operator does not allow, in whatever spelling', () => {
    const members = ['127.0.0.1', '2130706433', '169.254.169.254', '192.0.2.3'].map((ip) => member(ip, { ip }));
    const { connectivity, routes, refused } = checks(members);
    expect(new Set([...connectivity, ...routes].map(({ target }) => target.ip))).toEqual(new Set(['192.0.2.3']));
    expect(refused.map(({ ip }) => ip).sort()).toEqual(['127.0.0.1', '169.254.169.254', '2130706433']);
  });

  it('ask an address by its usual spelling, so that no engine takes it for a name', () => {
    const { connectivity } = checks([member('b', { ip: '0xc0.0.2.9' })]);
    expect(new Set(connectivity.map(({ task }) => task.target))).toContain('192.0.2.9:8757');
    expect(connectivity.every(({ task }) => !task.target?.includes('0xc0'))).toBe(true);
  });

  it('are no traces where nobody wants them', () => {
    expect(checks([member('b')], { tracerouteInterval: 0 }).routes).toEqual([]);
  });

  it('go round on a ring: everyone is checked within the rounds that it takes', () => {
    const members = Array.from({ length: 40 }, (_, index) => member(`m${index}`));
    const inRound = (round: number) =>
      new Set(checks(members, { plan: 'ring' }, round).connectivity.map(({ target }) => target.instance_id));
    expect(inRound(0).size).toBeLessThan(15);
    const rounds = roundsToCover(members.length + 1, 2);
    const covered = Array.from({ length: rounds }, (_, index) => [...inRound(index + 5)]).flat();
    expect(new Set(covered).size).toBe(40);
  });

  it('go on in every round, on a ring too, for whoever was not found last', () => {
    const members = Array.from({ length: 40 }, (_, index) => member(`m${index}`));
    const ids = (failing: readonly string[], round: number) =>
      checks(members, { plan: 'ring' }, round, new Set(failing)).routes.map(({ target }) => target.instance_id);
    for (let round = 0; round < 20; round += 1) {
      expect(ids(['m7', 'gone'], round).sort()).toEqual([...new Set([...ids([], round), 'm7'])].sort());
    }
  });
});
