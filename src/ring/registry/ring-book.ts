import { randomUUID } from 'node:crypto';
import { type JsonObject, type RecordStore, type StoredRecord, StoreFullError } from '../../store/index.js';
import type { LocatedReport } from '../topology/index.js';
import {
  type MemberOutage,
  type MemberRecord,
  memberOutageSchema,
  memberRecordSchema,
  type OutageRecord,
  type RegisterRequest,
  type ReportedMetrics,
  type ReportRequest,
  WIRE_LIMITS,
} from '../wire/index.js';
import { checkCountOf, holdsReport, metricsIn, takenAtOf, vouchFor } from './kept-report.js';
import type { Ttls } from './registry-options.js';
import { rememberedCheck } from './remembered-check.js';

/** What is kept under which name. */
export const COLLECTIONS = ['member', 'metrics', 'deregistered', 'outage', 'registry', 'expected'] as const;

/** What a member reported last. */
export interface MemberReport extends LocatedReport {
  readonly id: string;
  /** Read anew each time that it is asked for, where it is large. */
  readonly metrics: ReportedMetrics;
  /** Of how many checks it tells. */
  readonly checkCount: number;
  /** Where it is kept: the same object for the same report. */
  readonly record: StoredRecord;
  /** When the values were taken, by the member's clock; absent where it does not tell. */
  readonly takenAt?: number;
}

/** What became of a report. */
export type Reported = 'kept' | 'not kept yet' | 'no room' | 'unknown member';

/** Outages that are remembered of one member: the latest ones. */
const MOST_OUTAGES = 100;

/**
 * Milliseconds. Of two reports the one that was taken earlier may come later, by another way, by as much; by more, it is the member's clock that
 * was set back.
 */
const LONGEST_OVERTAKING = 60_000;

const isMember = rememberedCheck(memberRecordSchema);
const isOutage = rememberedCheck(memberOutageSchema);

/** Who is in the ring, and what they have reported. All times are by the clock of the store, whatever a member's clock says. */
export class RingBook {
  readonly #store: RecordStore;
  readonly #ttls: Ttls;

  constructor(store: RecordStore, ttls: Ttls) {
    this.#store = store;
    this.#ttls = ttls;
  }

  /** For how long what is heard is kept, in milliseconds. */
  get ttls(): Ttls {
    return this.#ttls;
  }

  /** @returns the member's id; undefined where the ring is full. One that is known already is another life of the same member. */
  async register({ instance_id: id = randomUUID(), ...rest }: RegisterRequest): Promise<string | undefined> {
    if (this.#store.get('member', id) === undefined && this.#store.count('member') >= WIRE_LIMITS.members)
      return undefined;
    const now = this.#seconds();
    const member = { instance_id: id, ...rest, last_seen: now, registered_at: now, status: 'active' };
    await this.#store.put('member', id, toJson(member), this.#ttls.member);
    await this.#store.delete('deregistered', id);
    return id;
  }

  /** @returns whether the member is known. */
  async heartbeat(id: string): Promise<boolean> {
    const known = this.#store.get('member', id);
    if (known === undefined) return false;
    await this.#store.put('member', id, { ...known.value, last_seen: this.#seconds() }, this.#ttls.member);
    return true;
  }

  /** A member that is not known has left already. */
  async deregister(id: string): Promise<void> {
    const known = this.#store.get('member', id);
    if (known !== undefined && this.#store.count('deregistered') < WIRE_LIMITS.members) {
      const left = { ...known.value, status: 'deregistered', deregistered_at: this.#seconds() };
      await this.#store.put('deregistered', id, left, this.#ttls.deregistered);
    }
    await this.#store.delete('member', id);
    await this.#store.delete('metrics', id);
  }

  /** Keeps what a member reports. The same report may come again. */
  async report(request: ReportRequest): Promise<Reported> {
    const member = this.#store.get('member', request.instance_id);
    if (member === undefined) return 'unknown member';
    try {
      const outages = [...(request.metrics.outages ?? []), ...this.#leftOpen(request)];
      const keeping = outages.map((outage) => this.#keepOutage(member, outage));
      const kept = await Promise.all([...keeping, this.#keepMetrics(request)]);
      if (outages.length > 0) await this.#forgetOutages(member.key);
      await this.heartbeat(member.key);
      return kept.every(Boolean) ? 'kept' : 'not kept yet';
    } catch (error) {
      if (error instanceof StoreFullError) return 'no room';
      throw error;
    }
  }

  /** Only the latest counts, and none that had to wait. */
  async #keepMetrics(request: ReportRequest): Promise<boolean> {
    const { instance_id: id, metrics, taken_at: takenAt, current = true } = request;
    const before = this.#store.get('metrics', id);
    const known = this.#takenInThisLife(id, before) ?? Number.NEGATIVE_INFINITY;
    const isOvertaken = takenAt !== undefined && takenAt < known && takenAt >= known - LONGEST_OVERTAKING;
    if (!current || isOvertaken) return true;
    const { outages: _outages, ...values } = metrics;
    const report = toJson({ metrics: toJson(values), taken_at: takenAt });
    const written = this.#store.put('metrics', id, report, this.#ttls.report);
    const record = this.#store.get('metrics', id);
    if (record !== undefined && record !== before) vouchFor(record, request);
    return (await written).durable;
  }

  /** What a member reported before it registered last was by a clock that may have been set right since. */
  #takenInThisLife(id: string, report: StoredRecord | undefined): number | undefined {
    const registeredAt = numberIn(this.#store.get('member', id)?.value, 'registered_at') ?? 0;
    return report === undefined || report.updatedAt < registeredAt * 1_000 ? undefined : takenAtOf(report);
  }

  /** One that has ended is the same outage as one that had only begun, whichever is told of last. */
  async #keepOutage({ key: id, value: member }: StoredRecord, outage: OutageRecord): Promise<boolean> {
    const key = outageKey(id, outage);
    const until = outage.until ?? numberIn(this.#store.get('outage', key)?.value, 'until');
    const record = toJson({ ...outage, until, id, location: member['location'] });
    return (await this.#store.put('outage', key, record, this.#ttls.outage)).durable;
  }

  /**
   * Outages in which the life of the member ended that had them, over by now. One that is alive tells of the outage that goes on in each report of
   * what it sees, and of its end: so only the first of a life has to be looked at, which is cheap in a large ring. That a member registers says
   * nothing: it does so too where the registry has forgotten it, in the middle of an outage.
   */
  #leftOpen(request: ReportRequest): readonly OutageRecord[] {
    const { instance_id: id, metrics, taken_at: at = this.#store.now(), current = true } = request;
    if (!current || this.#hasReported(id)) return [];
    const told = new Set(metrics.outages?.map((outage) => outageKey(id, outage)));
    return this.outages()
      .filter((outage) => outage.id === id && outage.until === undefined && !told.has(outageKey(id, outage)))
      .map(({ from, reason }) => ({ from, reason, until: Math.max(from, at) }));
  }

  /** Whether the member has surely reported since it registered last, which is known to the second. */
  #hasReported(id: string): boolean {
    const report = this.#store.get('metrics', id);
    const registeredAt = numberIn(this.#store.get('member', id)?.value, 'registered_at') ?? 0;
    return report !== undefined && report.updatedAt >= (registeredAt + 1) * 1_000;
  }

  async #forgetOutages(id: string): Promise<void> {
    const known = this.#store.list('outage').filter(({ value }) => value['id'] === id);
    if (known.length <= MOST_OUTAGES) return;
    const latest = known.sort((a, b) => (numberIn(b.value, 'from') ?? 0) - (numberIn(a.value, 'from') ?? 0));
    await Promise.all(latest.slice(MOST_OUTAGES).map(({ key }) => this.#store.delete('outage', key)));
  }

  /** Those that are there, in the order in which they came; and those that have left not long ago. */
  members(): readonly MemberRecord[] {
    return [...this.#records('member'), ...this.#records('deregistered')];
  }

  /** Those that are there. */
  active(): readonly MemberRecord[] {
    return this.#records('member');
  }

  /** What those report that are there. */
  reports(): readonly MemberReport[] {
    return this.#store.list('metrics').flatMap((record) => this.#reportIn(record) ?? []);
  }

  /** What one of them reports. */
  reportOf(id: string): MemberReport | undefined {
    const record = this.#store.get('metrics', id);
    return record && this.#reportIn(record);
  }

  /** A member that is there, or has left not long ago. */
  member(id: string): MemberRecord | undefined {
    const value = (this.#store.get('member', id) ?? this.#store.get('deregistered', id))?.value;
    return value !== undefined && isMember(value) ? value : undefined;
  }

  /** @param key as the store has it. */
  outage(key: string): MemberOutage | undefined {
    const value = this.#store.get('outage', key)?.value;
    return value !== undefined && isOutage(value) ? value : undefined;
  }

  /** The outages that members had themselves, the latest last. */
  outages(): readonly MemberOutage[] {
    return this.#store
      .list('outage')
      .flatMap(({ value }) => (isOutage(value) ? [value] : []))
      .sort((a, b) => a.from - b.from);
  }

  #reportIn(record: StoredRecord): MemberReport | undefined {
    const { key: id, updatedAt: at } = record;
    const location = this.#store.get('member', id)?.value['location'];
    if (typeof location !== 'string' || !holdsReport(record)) return undefined;
    const takenAt = takenAtOf(record);
    return {
      id,
      location,
      get metrics() {
        return metricsIn(record);
      },
      checkCount: checkCountOf(record),
      record,
      at,
      ...(takenAt !== undefined && { takenAt }),
    };
  }

  #records(collection: 'member' | 'deregistered'): readonly MemberRecord[] {
    return this.#store
      .list(collection)
      .flatMap(({ value }) => (isMember(value) ? [value] : []))
      .sort((a, b) => a.registered_at - b.registered_at || (a.instance_id < b.instance_id ? -1 : 1));
  }

  #seconds(): number {
    return Math.floor(this.#store.now() / 1_000);
  }
}

function outageKey(id: string, { from }: OutageRecord): string {
  return `${id} ${Math.round(from)}`;
}

function numberIn(value: JsonObject | undefined, name: string): number | undefined {
  const number = value?.[name];
  return typeof number === 'number' ? number : undefined;
}

/** What came as JSON is JSON; what is undefined is left out. */
function toJson(value: object): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
}
