import { describe, expect, it } from 'vitest';
import { type MemberFacts, MemberMetrics } from '../../../../src/ring/metrics/index.js';
import { member, record } from '../member/fixtures.js';

const SELF = { id: 'me', location: 'here' };
const PAIR =
  'source_location="here",source_instance="me",target_location="at b",target_instance="b",target_ip="192.0.2.1"';

function facts(changes: Partial<MemberFacts> = {}): MemberFacts {
  return {
    members: [member('b')],
    records: [],
    isRegistered: true,
    outages: { isOffline: false, count: 0, duration: 0 },
    reports: { pending: 0, delivered: 0, dropped: 0 },
    tasks: [],
    ...changes,
  };
}

async function page(changes: Partial<MemberFacts>, metrics = new MemberMetrics(SELF)): Promise<readonly string[]> {
  return (await metrics.page(facts(changes))).text.split('\n');
}

describe('the metrics of a member', () => {
  it('have the names and labels of Netring', async () => {
    const metrics = new MemberMetrics(SELF);
    const hops = [
      { hop: 1, ip: '*', latency_ms: null },
      { hop: 2, ip: '192.0.2.1', latency_ms: 7.5 },
    ];
    const records = [
      record(),
      record({ type: 'http', endpoint: '/health', verdict: 'failed' }),
      record({ type: 'bandwidth', bandwidth_mbps: 80 }),
      record({ type: 'traceroute', hops }),
    ];
    metrics.observe(record(), 30);
    const lines = await page({ records }, metrics);
    expect(lines).toEqual(
      expect.arrayContaining([
        `netring_connectivity_tcp{${PAIR}} 1`,
        `netring_connectivity_http{${PAIR},endpoint="/health"} 0`,
        `netring_bandwidth_mbps{${PAIR}} 80`,
        `netring_traceroute_hops_total{${PAIR}} 2`,
        `netring_traceroute_max_hop_latency_ms{${PAIR}} 7.5`,
        'netring_members_total 1',
        'netring_member_last_seen_timestamp{location="at b",instance_id="b"} 1000',
        'netring_check_duration_seconds_count{check_type="tcp",target_location="at b",target_instance="b"} 1',
        'netring_check_duration_seconds_bucket{le="0.05",check_type="tcp",target_location="at b",target_instance="b"} 1',
        'netring_check_duration_seconds_bucket{le="0.025",check_type="tcp",target_location="at b",target_instance="b"} 0',
      ]),
    );
  });

  it('have base units beside them', async () => {
    const records = [
      record({ type: 'bandwidth', bandwidth_mbps: 80 }),
      record({ type: 'ping', loss: 0.25, jitter_ms: 2 }),
      record({ type: 'traceroute', hops: [{ hop: 1, ip: '192.0.2.1', latency_ms: 7.5 }] }),
    ];
    expect(await page({ records, outages: { isOffline: true, count: 2, duration: 1_500 } })).toEqual(
      expect.arrayContaining([
        `netring_bandwidth_bytes_per_second{${PAIR}} 10000000`,
        `netring_ping_loss_ratio{${PAIR}} 0.25`,
        `netring_ping_jitter_seconds{${PAIR}} 0.002`,
        `netring_traceroute_hops{${PAIR}} 1`,
        `netring_traceroute_max_hop_latency_seconds{${PAIR}} 0.0075`,
        `netring_check_success{${PAIR},check_type="ping",endpoint=""} 1`,
        'netring_member_offline 1',
        'netring_member_outages_total 2',
        'netring_member_outage_seconds_total 1.5',
      ]),
    );
  });

  it('say of what is inconclusive that, and not 0', async () => {
    const records = [
      record({ verdict: 'inconclusive' }),
      record({ type: 'http', endpoint: '/health', verdict: 'inconclusive' }),
    ];
    const metrics = new MemberMetrics(SELF);
    for (const each of records) metrics.observe(each, 5_000);
    const lines = await page({ records }, metrics);
    expect(lines).toContain(`netring_check_inconclusive{${PAIR},check_type="tcp",endpoint=""} 1`);
    expect(lines).toContain(`netring_check_inconclusive{${PAIR},check_type="http",endpoint="/health"} 1`);
    expect(lines.filter((line) => /^netring_(connectivity|check_success|check_duration)\w*{/.test(line))).toEqual([]);
  });

  it('vanish with their member, histograms too', async () => {
    const metrics = new MemberMetrics(SELF);
    const ping = record({ type: 'ping', latency_ms: 5 });
    for (const each of [record({ latency_ms: 1 }), ping]) metrics.observe(each, 3);
    metrics.observe(record({ target: 'c', target_location: 'at c' }), 3);
    expect((await page({ records: [ping] }, metrics)).join('\n')).toMatch(/target_instance="b"/);
    metrics.forget(member('b'));
    const text = (await page({ members: [], records: [ping] }, metrics)).join('\n');
    expect(text).not.toMatch(/target_instance="b"/);
    expect(text).toMatch(/target_instance="c"/);
  });

  it('cannot be forged by the name of a member', async () => {
    const id = 'x"} 1 evil{a="\\';
    const lines = await page({ members: [member(id)], records: [record({ target: id })] });
    expect(lines.filter((line) => line.startsWith('evil'))).toEqual([]);
    expect(lines.some((line) => line.includes('target_instance="x\\"} 1 evil{a=\\"\\\\"'))).toBe(true);
  });
});
