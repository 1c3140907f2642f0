import { formatEndpoint } from '../../names/index.js';
import { type ProbeResult, ProbeSchedule, type ResolveHost, type ScheduledResult } from '../../probes/index.js';
import type { NetworkSource } from '../../retry/index.js';
import type { CheckRecord, MemberRecord } from '../wire/index.js';
import type { AllowList } from './allow-list.js';
import { checkRecordOf, inconclusiveRecord, LIVE, type RecordSubject } from './check-record.js';
import { type Checks, type CheckTask, checksFor, hostToAsk } from './checks-for.js';
import type { KnownMembers } from './known-members.js';
import type { MemberLog } from './member-log.js';
import type { MemberMonitor, MemberSettings } from './member-options.js';

/** What checks are made with. */
export interface CheckDeskParts {
  readonly settings: MemberSettings;
  readonly known: KnownMembers;
  readonly allowed: AllowList;
  readonly monitor: MemberMonitor | undefined;
  /** Knows only addresses that may be probed. */
  readonly resolve: ResolveHost;
  readonly log: MemberLog;
  /** The ids of members that were not found when they were checked last. */
  readonly failing: () => ReadonlySet<string>;
  /** Is told of each result. */
  readonly onRecord: (record: CheckRecord, duration: number) => void;
}

/** Checks in flight at once; traces are bursts of packets each. */
const MOST_CHECKS = 100;
const MOST_TRACES = 8;

/** Checks the other members, by the plan. */
export class CheckDesk {
  readonly #parts: CheckDeskParts;
  readonly #connectivity: RepeatedChecks;
  readonly #routes: RepeatedChecks;
  /** Counted, not read from a clock: none is left out when that is set or a timer late. */
  #round = 0;
  /** The checks that were not made yet since this host was offline, by the names of their tasks. */
  #unproven = new Set<string>();
  /** When that was over, by a monotonic clock. */
  #onlineAt = Number.NEGATIVE_INFINITY;

  constructor(parts: CheckDeskParts) {
    this.#parts = parts;
    this.#connectivity = this.#repeated(MOST_CHECKS);
    this.#routes = this.#repeated(MOST_TRACES);
  }

  /** Begins a round. */
  async checkConnectivity(): Promise<void> {
    this.#round += 1;
    await this.#followPlan();
  }

  async #followPlan(): Promise<void> {
    const { connectivity, refused } = this.#checks();
    await this.#connectivity.follow(connectivity);
    for (const target of refused) {
      // It may have gone meanwhile.
      if (this.#parts.known.get(target.instance_id) === undefined) continue;
      this.#parts.onRecord(inconclusiveRecord({ type: 'tcp', target }, 'not-allowed', Date.now()), 0);
    }
  }

  /** The same for the routes to them. */
  async traceRoutes(): Promise<void> {
    await this.#routes.follow(this.#checks().routes);
  }

  /** Takes up the members of now, as far as checks have begun. */
  async review(): Promise<void> {
    if (this.#connectivity.isRunning) await this.#followPlan();
    if (this.#routes.isRunning) await this.traceRoutes();
  }

  /** Its network is back: what could not be said is asked at once, and not at the next turn. */
  async checkAgain(): Promise<void> {
    if (!this.#connectivity.isRunning) return;
    await this.#connectivity.follow([]);
    const { connectivity, routes } = this.#checks();
    this.#onlineAt = performance.now();
    this.#unproven = new Set([...connectivity, ...routes].map(({ task }) => task.name));
    await this.#followPlan();
  }

  /** This host has lost its network: of whom it reaches no more, nothing can be said. */
  markOffline(records: readonly CheckRecord[]): void {
    const { known, onRecord } = this.#parts;
    for (const { type, target: id, endpoint, verdict } of records) {
      const target = known.get(id);
      if (target === undefined || verdict === 'inconclusive' || !LIVE.has(type) || !this.#isCutOff(target)) continue;
      onRecord(inconclusiveRecord({ type, target, endpoint }, 'offline', Date.now()), 0);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#connectivity.stop(), this.#routes.stop()]);
  }

  #checks(): Checks {
    const { known, settings, allowed, failing } = this.#parts;
    return checksFor(
      { members: known.list, self: settings.instanceId, round: this.#round, failing: failing() },
      settings,
      allowed,
    );
  }

  #repeated(concurrency: number): RepeatedChecks {
    const { settings, monitor, resolve, log } = this.#parts;
    const schedule = new ProbeSchedule({
      monitor,
      resolve,
      concurrency,
      firstRun: 'at-once',
      seed: settings.instanceId,
      drainTimeout: 0,
      unref: true,
    });
    schedule.on('crash', ({ task, error }) => log.write('error', 'check crashed', { check: task.name }, error));
    return new RepeatedChecks(schedule, log, (check, result) => this.#take(check, result));
  }

  #take({ type, target, endpoint, task }: CheckTask, result: ProbeResult): void {
    const { known, onRecord } = this.#parts;
    const isFirst = this.#unproven.delete(task.name);
    const isEarly = isFirst && performance.now() - result.duration < this.#onlineAt + RECOVERY;
    const now = known.get(target.instance_id);
    if (now === undefined) return;
    const subject = { type, target: now, endpoint };
    const reason = this.#reasonAgainst(result, subject, isEarly);
    const record =
      reason === undefined ? checkRecordOf(result, subject) : inconclusiveRecord(subject, reason, result.startedAt);
    onRecord(record, result.duration);
  }

  /** Why nothing is to be said of a member whatever was found. */
  #reasonAgainst({ status, failureSource }: ProbeResult, { type, target }: RecordSubject, isEarly: boolean) {
    if (status === 'inconclusive') return undefined;
    // It ended when the network was lost, and nothing more is asked before that is back: what it found holds no more.
    if (LIVE.has(type) && this.#isCutOff(target)) return 'offline';
    return isEarly && status === 'failed' && failureSource === 'path' ? 'recovering' : undefined;
  }

  #isCutOff(target: MemberRecord): boolean {
    const { monitor } = this.#parts;
    if (monitor === undefined) return false;
    const destination = formatEndpoint({ host: hostToAsk(target), port: target.port });
    const way: NetworkSource = monitor.target?.(destination) ?? monitor;
    return way.state === 'down';
  }
}

/**
 * Milliseconds after an outage in which the first failure of a check is not believed: packets are lost while neighbours are looked for, three times
 * a second apart (RFC 4861, section 10; ARP in Linux does the same).
 */
const RECOVERY = 3_000;

/** A schedule of checks that are of one kind. */
class RepeatedChecks {
  readonly #schedule: ProbeSchedule;
  readonly #log: MemberLog;
  #checks: ReadonlyMap<string, CheckTask> = new Map();
  #isClosed = false;

  constructor(schedule: ProbeSchedule, log: MemberLog, onResult: (check: CheckTask, result: ProbeResult) => void) {
    this.#schedule = schedule;
    this.#log = log;
    schedule.on('result', ({ task, result }: ScheduledResult) => {
      const check = this.#checks.get(task.name);
      if (check !== undefined) onResult(check, result);
    });
  }

  get isRunning(): boolean {
    return this.#schedule.isRunning;
  }

  async follow(checks: readonly CheckTask[]): Promise<void> {
    if (this.#isClosed) return;
    this.#checks = new Map(checks.map((check) => [check.task.name, check]));
    this.#schedule.replace(checks.map(({ task }) => task));
    const { dead } = this.#schedule.health();
    if (dead > 0) {
      this.#log.write('warn', 'checks give no results and are started again', { dead });
      await this.#schedule.stop();
    }
    if (!this.#isClosed) await this.#schedule.start();
  }

  stop(): Promise<void> {
    this.#isClosed = true;
    return this.#schedule.stop();
  }
}
