import { describe, expect, it } from 'vitest';
import { type MemberFacts, MemberMetrics } from '../../src/ring/metrics/index.js';
import { runCommand } from '../lab/command.js';
import { member, record } from '../unit/ring/member/fixtures.js';
import { requireProgram } from './require-program.js';

/** Those that Netring has and promtool does not like: they stay as they are, so that its users' rules go on working. */
const OF_NETRING =
  /^(# (HELP|TYPE) )?netring_(members_total|member_last_seen_timestamp|bandwidth_mbps|traceroute_hops_total|traceroute_max_hop_latency_ms)[ {]/;

describe('the metrics of a member of a ring', () => {
  it('are as promtool wants them, but for those that have the names of Netring', async (context) => {
    requireProgram(context, 'promtool', 'prometheus');
    const metrics = new MemberMetrics({ id: 'me"\\', location: 'ü' });
    const hops = [{ hop: 1, ip: '192.0.2.1', latency_ms: 1 }];
    const records = [
      record({ latency_ms: 1 }),
      record({ type: 'http', endpoint: '/health', verdict: 'inconclusive' }),
      record({ type: 'http', endpoint: '/metrics' }),
      record({ type: 'ping', latency_ms: 1, loss: 0, jitter_ms: 0 }),
      record({ type: 'bandwidth', bandwidth_mbps: 1 }),
      record({ type: 'traceroute', hops }),
    ];
    for (const each of records) metrics.observe(each, 5);
    const facts: MemberFacts = {
      members: [member('b')],
      records,
      isRegistered: true,
      outages: { isOffline: false, count: 1, duration: 1 },
      reports: { pending: 1, delivered: 1, dropped: 1 },
      tasks: [{ name: 'heartbeat', silence: 1, restarts: 1 }],
    };
    const { text } = await metrics.page(facts);
    const input = text
      .split('\n')
      .filter((line) => !OF_NETRING.test(line))
      .join('\n');
    const named = [...input.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !new RegExp(`^${name}(_bucket)?[{ ]`, 'm').test(input))).toEqual([]);
    await expect(runCommand(['promtool', 'check', 'metrics'], { input })).resolves.toMatchObject({ stdout: '' });
  });
});
