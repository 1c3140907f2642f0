import { Counter, Gauge, Histogram, Registry } from '#prom-client';
import type { CheckRecord, MemberRecord } from '../wire/index.js';

/** What the page of a member is made of. */
export interface MemberFacts {
  /** The other members. */
  readonly members: readonly MemberRecord[];
  /** The last result of each check of one of them. */
  readonly records: readonly CheckRecord[];
  /** Whether the registry knows this member. */
  readonly isRegistered: boolean;
  /** The outages of this member's own; their duration in milliseconds. */
  readonly outages: { readonly isOffline: boolean; readonly count: number; readonly duration: number };
  readonly reports: { readonly pending: number; readonly delivered: number; readonly dropped: number };
  /** Its tasks; their silence in milliseconds. */
  readonly tasks: readonly { readonly name: string; readonly silence: number; readonly restarts: number }[];
}

/** What Prometheus gets. */
export interface MetricsPage {
  readonly type: string;
  readonly text: string;
}

/**
 * The metrics of a member: by the names and labels of Netring, so that its alert rules work unchanged, and beside them by names and units that
 * `promtool check metrics` accepts. A pair of which nothing can be said has no sample of its verdict. What has gone leaves no series behind.
 */
export class MemberMetrics {
  readonly #source: Labels<'source_location' | 'source_instance'>;
  /** Those that are summed up over time; all others are made anew for each page. */
  readonly #register = new Registry();
  readonly #durations: Histogram<'check_type' | 'target_location' | 'target_instance'>;
  readonly #roundTrips: Histogram<'check_type' | 'target_location' | 'target_instance'>;

  constructor(self: { readonly id: string; readonly location: string }) {
    this.#source = { source_location: self.location, source_instance: self.id };
    const labelNames = ['check_type', 'target_location', 'target_instance'] as const;
    this.#durations = new Histogram({
      name: 'netring_check_duration_seconds',
      help: 'How long checks by TCP and HTTP took, those that failed included.',
      labelNames,
      buckets: DURATION_BUCKETS,
      registers: [this.#register],
    });
    this.#roundTrips = new Histogram({
      name: 'netring_round_trip_seconds',
      help: 'Round-trip times: of tcp the handshake, of ping the mean of a series.',
      labelNames,
      buckets: ROUND_TRIP_BUCKETS,
      registers: [this.#register],
    });
  }

  /** @param duration of the whole check, in milliseconds. */
  observe({ type, target, target_location, verdict, latency_ms }: CheckRecord, duration: number): void {
    if (verdict === 'inconclusive') return;
    const labels = { check_type: type, target_location, target_instance: target };
    if (type === 'tcp' || type === 'http') this.#durations.observe(labels, duration / 1_000);
    if (latency_ms !== undefined && (type === 'tcp' || type === 'ping')) {
      this.#roundTrips.observe(labels, latency_ms / 1_000);
    }
  }

  /** A member has gone. */
  forget({ instance_id, location }: MemberRecord): void {
    for (const check_type of CHECK_TYPES) {
      const labels = { check_type, target_location: location, target_instance: instance_id };
      this.#durations.remove(labels);
      this.#roundTrips.remove(labels);
    }
  }

  async page(facts: MemberFacts): Promise<MetricsPage> {
    const register = new Registry();
    addMembers(register, facts);
    this.#addChecks(register, facts);
    addState(register, facts);
    const texts = await Promise.all([register.metrics(), this.#register.metrics()]);
    return { type: register.contentType, text: texts.join('\n') };
  }

  #addChecks(register: Registry, { members, records }: MemberFacts): void {
    const gauges = checkGauges(register);
    const addresses = new Map(members.map(({ instance_id, ip }) => [instance_id, ip]));
    for (const record of records) {
      const ip = addresses.get(record.target);
      if (ip === undefined) continue;
      const pair = {
        ...this.#source,
        target_location: record.target_location,
        target_instance: record.target,
        target_ip: ip,
      };
      setVerdict(gauges, pair, record);
      setValues(gauges, pair, record);
    }
  }
}

type Labels<Name extends string> = Readonly<Record<Name, string>>;

const PAIR = ['source_location', 'source_instance', 'target_location', 'target_instance', 'target_ip'] as const;

type Pair = Labels<(typeof PAIR)[number]>;

/** Those of the Python client, which Netring has: up to the timeouts of checks. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** From a neighbour to a satellite. A few: there is one of each for every pair. */
const ROUND_TRIP_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

const CHECK_TYPES = [
  'tcp',
  'http',
  'ping',
  'bandwidth',
  'traceroute',
] as const satisfies readonly CheckRecord['type'][];

function checkGauges(register: Registry) {
  const gauge = <Name extends string>(name: string, help: string, labelNames: readonly Name[]): Gauge<Name> =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [register] });
  const check = [...PAIR, 'check_type', 'endpoint'] as const;
  return {
    tcp: gauge('netring_connectivity_tcp', '1 where the TCP port of the member answers, 0 where it does not.', PAIR),
    http: gauge('netring_connectivity_http', '1 where the path answers with a status below 500, 0 where not.', [
      ...PAIR,
      'endpoint',
    ]),
    success: gauge('netring_check_success', '1 where the last check was good, 0 where it failed.', check),
    inconclusive: gauge(
      'netring_check_inconclusive',
      '1 where nothing can be said of the member, as this one was offline itself or could not ask.',
      check,
    ),
    mbps: gauge('netring_bandwidth_mbps', 'Megabits a second that came from the member.', PAIR),
    bandwidth: gauge('netring_bandwidth_bytes_per_second', 'Payload of TCP that came from the member.', PAIR),
    hopsTotal: gauge('netring_traceroute_hops_total', 'Hops to the member.', PAIR),
    hops: gauge('netring_traceroute_hops', 'Hops to the member.', PAIR),
    hopLatencyMs: gauge(
      'netring_traceroute_max_hop_latency_ms',
      'The longest mean round trip to a hop, in milliseconds.',
      PAIR,
    ),
    hopLatency: gauge('netring_traceroute_max_hop_latency_seconds', 'The longest mean round trip to a hop.', PAIR),
    loss: gauge('netring_ping_loss_ratio', 'Fraction of the echo requests that were not answered, 0 to 1.', PAIR),
    jitter: gauge('netring_ping_jitter_seconds', 'Interarrival jitter of the echo replies (RFC 3550).', PAIR),
  };
}

type CheckGauges = ReturnType<typeof checkGauges>;

function setVerdict(gauges: CheckGauges, pair: Pair, { type, verdict, endpoint = '' }: CheckRecord): void {
  const check = { ...pair, check_type: type, endpoint };
  if (verdict === 'inconclusive') {
    gauges.inconclusive.set(check, 1);
    return;
  }
  const value = Number(verdict === 'ok');
  gauges.success.set(check, value);
  if (type === 'tcp') gauges.tcp.set(pair, value);
  if (type === 'http') gauges.http.set({ ...pair, endpoint }, value);
}

function setValues(gauges: CheckGauges, pair: Pair, record: CheckRecord): void {
  const { bandwidth_mbps: mbps, hops, loss, jitter_ms: jitter } = record;
  if (mbps !== undefined) {
    gauges.mbps.set(pair, mbps);
    gauges.bandwidth.set(pair, (mbps * 1e6) / 8);
  }
  if (hops !== undefined) {
    const longest = Math.max(0, ...hops.map(({ latency_ms }) => latency_ms ?? 0));
    gauges.hopsTotal.set(pair, hops.length);
    gauges.hops.set(pair, hops.length);
    gauges.hopLatencyMs.set(pair, longest);
    gauges.hopLatency.set(pair, longest / 1_000);
  }
  if (loss !== undefined) gauges.loss.set(pair, loss);
  if (jitter !== undefined) gauges.jitter.set(pair, jitter / 1_000);
}

function addMembers(register: Registry, { members }: MemberFacts): void {
  const registers = [register];
  for (const name of ['netring_members_total', 'netring_members']) {
    new Gauge({ name, help: 'Other members that are known.', registers }).set(members.length);
  }
  const labelNames = ['location', 'instance_id'] as const;
  const help = 'When the registry has heard of a member last, in seconds since 1970.';
  for (const name of ['netring_member_last_seen_timestamp', 'netring_member_last_seen_timestamp_seconds']) {
    const gauge = new Gauge({ name, help, labelNames, registers });
    for (const { location, instance_id, last_seen } of members) gauge.set({ location, instance_id }, last_seen);
  }
}

function addState(register: Registry, { isRegistered, outages, reports, tasks }: MemberFacts): void {
  const registers = [register];
  const gauge = (name: string, help: string, value: number) => new Gauge({ name, help, registers }).set(value);
  const counter = (name: string, help: string, value: number) => new Counter({ name, help, registers }).inc(value);
  gauge('netring_registered', '1 where the registry knows this member.', Number(isRegistered));
  gauge('netring_member_offline', "1 while this member's own network is down.", Number(outages.isOffline));
  counter('netring_member_outages_total', 'Outages of this member that have begun.', outages.count);
  counter('netring_member_outage_seconds_total', 'Duration of outages that are over.', outages.duration / 1_000);
  gauge('netring_reports_pending', 'Reports that the registry has not acknowledged yet.', reports.pending);
  counter('netring_reports_delivered_total', 'Reports that the registry has acknowledged.', reports.delivered);
  counter('netring_reports_dropped_total', 'Reports that had to be dropped.', reports.dropped);
  const silence = new Gauge({
    name: 'netring_task_silence_seconds',
    help: 'Time since the last sign of life of a task.',
    labelNames: ['task'],
    registers,
  });
  const restarts = new Counter({
    name: 'netring_task_restarts_total',
    help: 'How often a task had to be started again.',
    labelNames: ['task'],
    registers,
  });
  for (const task of tasks) {
    silence.set({ task: task.name }, task.silence / 1_000);
    restarts.inc({ task: task.name }, task.restarts);
  }
}
