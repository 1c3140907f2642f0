import type { CheckRecord, HopRecord } from './messages.js';

/** Who has checked. */
export interface GroupsSource {
  /** The member's id. */
  readonly id: string;
  /** Where it is. */
  readonly location: string;
  /** How many others it knows. */
  readonly members: number;
}

/** The label sets and numbers that a Netring member reports, by group. */
export type NetringGroups = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * What checks come to in the groups that a Netring member reports, for registries and tools that read nothing else. What is inconclusive stands in
 * none of them: there it could only be told as 0. Durations are those of the last checks; a Netring member tells of all that it ever made.
 */
export function netringGroups(checks: readonly CheckRecord[], source: GroupsSource): NetringGroups {
  const known = checks.filter(({ verdict }) => verdict !== 'inconclusive');
  const groupOf = (type: CheckRecord['type'], entry: (check: CheckRecord, pair: Pair) => Entry | undefined) =>
    Object.fromEntries(
      known.flatMap((check) => {
        const told = check.type === type ? entry(check, pairOf(check, source)) : undefined;
        return told === undefined ? [] : [told];
      }),
    );
  return {
    connectivity_tcp: groupOf('tcp', (check, labels) => [keyOf(check), { labels, value: numberOf(check) }]),
    connectivity_http: groupOf('http', ({ endpoint = '', ...check }, pair) => [
      `${keyOf(check)}:${endpoint}`,
      { labels: { ...pair, endpoint }, value: numberOf(check) },
    ]),
    check_durations: durationsOf(known),
    bandwidth_tests: groupOf('bandwidth', (check, labels) =>
      check.bandwidth_mbps === undefined ? undefined : [keyOf(check), { labels, bandwidth_mbps: check.bandwidth_mbps }],
    ),
    traceroute_tests: groupOf('traceroute', (check, labels) =>
      check.hops === undefined ? undefined : [keyOf(check), { labels, ...extentOf(check.hops) }],
    ),
    general: { members_total: source.members },
    detailed_traceroute_data: groupOf('traceroute', (check, labels) => {
      const { hops, at, target_location, target_ip } = check;
      if (hops === undefined) return undefined;
      return [keyOf(check), { hops: hops.map(plainHop), timestamp: at / 1_000, target_location, target_ip, labels }];
    }),
  };
}

type Entry = readonly [key: string, value: object];

interface Pair {
  readonly source_location: string;
  readonly source_instance: string;
  readonly target_location: string;
  readonly target_instance: string;
  readonly target_ip: string;
}

function pairOf({ target, target_location, target_ip }: CheckRecord, { id, location }: GroupsSource): Pair {
  return { source_location: location, source_instance: id, target_location, target_instance: target, target_ip };
}

function keyOf({ target, target_location }: Pick<CheckRecord, 'target' | 'target_location'>): string {
  return `${target_location}:${target}`;
}

function numberOf({ verdict }: Pick<CheckRecord, 'verdict'>): number {
  return Number(verdict === 'ok');
}

/** Of all endpoints of a member together. */
function durationsOf(checks: readonly CheckRecord[]): Readonly<Record<string, unknown>> {
  const sums = new Map<string, { readonly labels: object; readonly sum: number; readonly count: number }>();
  for (const check of checks) {
    const { type, target, target_location, latency_ms: latency } = check;
    if ((type !== 'tcp' && type !== 'http') || latency === undefined) continue;
    const key = `${type}:${keyOf(check)}`;
    const labels = { check_type: type, target_location, target_instance: target };
    const { sum, count } = sums.get(key) ?? { sum: 0, count: 0 };
    sums.set(key, { labels, sum: sum + latency / 1_000, count: count + 1 });
  }
  return Object.fromEntries(
    [...sums].map(([key, each]) => [key, { ...each, avg_latency_ms: (each.sum / each.count) * 1_000 }]),
  );
}

function extentOf(hops: readonly HopRecord[]): object {
  const longest = Math.max(0, ...hops.map(({ latency_ms: latency }) => latency ?? 0));
  return { total_hops: hops.length, max_hop_latency_ms: longest };
}

/** A registry of Netring compares all latencies that are given, and takes null for none. */
function plainHop({ hop, ip, latency_ms }: HopRecord): object {
  return { hop, ip, ...(latency_ms !== null && { latency_ms }) };
}
