/** What a check tells of a pair of members. What cannot be told because the member was offline itself is `inconclusive`. */
export type Verdict = 'ok' | 'failed' | 'inconclusive';

/** What members check of each other. */
export type CheckType = 'tcp' | 'http' | 'ping' | 'bandwidth' | 'traceroute';

/** `POST /register`. */
export interface RegisterRequest {
  /** Unique in the ring. @default one that the registry makes */
  readonly instance_id?: string | undefined;
  /** Where it is. */
  readonly location: string;
  /** Address or name by which others reach it. */
  readonly ip: string;
  /** Its HTTP port. */
  readonly port: number;
  /** The version of its software. */
  readonly version?: string | undefined;
}

/** The answer to it. */
export interface RegisterResponse {
  /** By what it is known from now on. */
  readonly instance_id: string;
  /** That it is known. */
  readonly status: 'registered';
  /** Whether this registry reads `checks`. One of Netring does not, and gets the groups of values that it knows as well. @default false */
  readonly reads_checks?: boolean | undefined;
}

/** `POST /heartbeat` and `POST /deregister`. */
export interface InstanceRequest {
  /** The member's id. */
  readonly instance_id: string;
}

/** The answer to a heartbeat or a report. */
export interface OkResponse {
  /** That it was taken. */
  readonly status: 'ok';
}

/** The answer to `POST /deregister`. */
export interface DeregisterResponse {
  /** That it has left. */
  readonly status: 'deregistered';
}

/** Every answer that is none of the others, with a status of 4xx or 5xx. */
export interface ErrorResponse {
  /** What is wrong. */
  readonly error: string;
}

/** A member, as the registry tells of it. Times are seconds since 1970 by the registry's clock. */
export interface MemberRecord {
  /** The member's id. */
  readonly instance_id: string;
  /** Where it is. */
  readonly location: string;
  /** Address or name by which others reach it. */
  readonly ip: string;
  /** Its HTTP port. */
  readonly port: number;
  /** When it was heard of last. */
  readonly last_seen: number;
  /** When it registered. */
  readonly registered_at: number;
  /** When it said that it goes; absent while it is there. */
  readonly deregistered_at?: number | undefined;
  /** Whether it is there, or has said that it goes. */
  readonly status: 'active' | 'deregistered';
  /** The version of its software. */
  readonly version?: string | undefined;
}

/** `GET /members`. */
export interface MembersResponse {
  /** The members. */
  readonly members: readonly MemberRecord[];
}

/** One router on the way, or who else answered there. */
export interface HopRecord {
  /** How far away, from 1. */
  readonly hop: number;
  /** Its address; `'*'` where nobody answered. */
  readonly ip: string;
  /** Mean round trip in milliseconds; null where nobody answered. */
  readonly latency_ms: number | null;
}

/** What one check of one member by another found. */
export interface CheckRecord {
  /** What was checked. */
  readonly type: CheckType;
  /** The id of the member that was checked. */
  readonly target: string;
  /** Where that one is. */
  readonly target_location: string;
  /** The address that was asked. */
  readonly target_ip: string;
  /** Of HTTP: the path. */
  readonly endpoint?: string | undefined;
  /** What came of it. */
  readonly verdict: Verdict;
  /** Whose fault it is, where it is not ok. */
  readonly failure_source?: 'target' | 'path' | 'resolver' | 'local' | undefined;
  /** What is wrong, in one word. */
  readonly reason?: string | undefined;
  /** When the check began, milliseconds since 1970 by the member's clock. */
  readonly at: number;
  /** How long it took: of TCP the handshake, of ping the mean round trip, of others the whole. Milliseconds. */
  readonly latency_ms?: number | undefined;
  /** Of ping: fraction of the packets that were lost, 0 to 1. */
  readonly loss?: number | undefined;
  /** Of ping: milliseconds. */
  readonly jitter_ms?: number | undefined;
  /** Of bandwidth: what came in, in 10⁶ bits a second. */
  readonly bandwidth_mbps?: number | undefined;
  /** Of traceroute. */
  readonly hops?: readonly HopRecord[] | undefined;
}

/** When a member was offline itself. Milliseconds since 1970 by its clock. */
export interface OutageRecord {
  /** When it began. */
  readonly from: number;
  /** Absent while it goes on, as for a member that reaches the registry by another way than its peers. */
  readonly until?: number | undefined;
  /** Why, as the monitor of the member says it. */
  readonly reason: string;
}

/** An outage that a member had itself, as the registry tells of it. */
export interface MemberOutage extends OutageRecord {
  /** The member's id. */
  readonly id: string;
  /** Where it is. */
  readonly location: string;
}

/** `GET /outages`: the latest last. */
export interface OutagesResponse {
  /** The outages. */
  readonly outages: readonly MemberOutage[];
}

/**
 * The values of a report. Those of a Netring member are nested objects of label sets and numbers, which are passed on as they are; a member of
 * ours adds `checks` and `outages`.
 */
export interface ReportedMetrics {
  /** What its checks found. */
  readonly checks?: readonly CheckRecord[] | undefined;
  /** When it was offline itself. */
  readonly outages?: readonly OutageRecord[] | undefined;
  /** `connectivity_tcp`, `connectivity_http`, `check_durations`, `bandwidth_tests`, `traceroute_tests`, `general`, `detailed_traceroute_data`. */
  readonly [group: string]: unknown;
}

/** `POST /report_metrics`. */
export interface ReportRequest {
  /** Who reports. */
  readonly instance_id: string;
  /** What it has seen. */
  readonly metrics: ReportedMetrics;
  /** The same for every delivery of the same report, so that it counts once. */
  readonly report_id?: string | undefined;
  /** When the values were taken: milliseconds since 1970 by the member's clock. A report that was kept is older than its delivery. */
  readonly taken_at?: number | undefined;
  /** Whether it is what the member sees now; a report that had to wait only adds outages and history. @default true */
  readonly current?: boolean | undefined;
}

/** `GET /metrics` as JSON: what each member reported last. */
export interface MetricsResponse {
  /** By the id of the member. */
  readonly metrics: Readonly<Record<string, ReportedMetrics>>;
}
