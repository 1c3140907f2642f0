import { randomUUID } from 'node:crypto';
import type { JsonObject, RecordStore, StoredRecord } from '../../store/index.js';
import type { LocatedReport } from '../topology/index.js';
import {
  type MemberRecord,
  memberRecordSchema,
  type OutageRecord,
  outageRecordSchema,
  type RegisterRequest,
  type ReportedMetrics,
  type ReportRequest,
  reportedMetricsSchema,
} from '../wire/index.js';
import type { Ttls } from './registry-options.js';

/** What is kept under which name. */
export const COLLECTIONS = ['member', 'metrics', 'deregistered', 'outage', 'registry', 'expected'] as const;

/** What a member reported last. */
export interface MemberReport extends LocatedReport {
  readonly id: string;
  readonly metrics: ReportedMetrics;
}

/** An outage that a member had itself. */
export interface MemberOutage extends OutageRecord {
  readonly id: string;
  readonly location: string;
}

/** What became of a report. */
export type Reported = 'kept' | 'not kept yet' | 'unknown member';

/** Who is in the ring, and what they have reported. All times are by the clock of the store, whatever a member's clock says. */
export class RingBook {
  readonly #store: RecordStore;
  readonly #ttls: Ttls;

  constructor(store: RecordStore, ttls: Ttls) {
    this.#store = store;
    this.#ttls = ttls;
  }

  /** @returns the member's id. One that is known already is another life of the same member. */
  async register({ instance_id: id = randomUUID(), ...rest }: RegisterRequest): Promise<string> {
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
    if (known !== undefined) {
      const left = { ...known.value, status: 'deregistered', deregistered_at: this.#seconds() };
      await this.#store.put('deregistered', id, left, this.#ttls.deregistered);
    }
    await this.#store.delete('member', id);
    await this.#store.delete('metrics', id);
  }

  /** Keeps what a member reports. The same report may come again. */
  async report({ instance_id: id, metrics, taken_at: takenAt, current = true }: ReportRequest): Promise<Reported> {
    const member = this.#store.get('member', id);
    if (member === undefined) return 'unknown member';
    const { checks, outages = [], ...others } = metrics;
    const kept = await Promise.all(outages.map((outage) => this.#keepOutage(member, outage)));
    const isNewer = (takenAt ?? Number.POSITIVE_INFINITY) >= numberIn(this.#store.get('metrics', id), 'taken_at');
    if (current && isNewer) {
      const report = { metrics: { ...others, ...(checks !== undefined && { checks }) }, taken_at: takenAt };
      kept.push((await this.#store.put('metrics', id, toJson(report), this.#ttls.report)).durable);
    }
    await this.heartbeat(id);
    return kept.every(Boolean) ? 'kept' : 'not kept yet';
  }

  async #keepOutage({ key, value }: StoredRecord, outage: OutageRecord): Promise<boolean> {
    // One that ended is the same outage as one that had only begun.
    const record = toJson({ ...outage, id: key, location: value['location'] });
    const { durable } = await this.#store.put('outage', `${key} ${Math.round(outage.from)}`, record, this.#ttls.outage);
    return durable;
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
    const places = new Map(this.#records('member').map((member) => [member.instance_id, member.location]));
    return this.#store.list('metrics').flatMap(({ key, value, updatedAt }) => {
      const location = places.get(key);
      const metrics = reportedMetricsSchema.safeParse(value['metrics']);
      return location === undefined || !metrics.success
        ? []
        : [{ id: key, location, metrics: metrics.data, at: updatedAt }];
    });
  }

  /** The outages that members had themselves, the latest last. */
  outages(): readonly MemberOutage[] {
    return this.#store
      .list('outage')
      .flatMap(({ value }) => {
        const outage = outageRecordSchema.safeParse(value);
        const [id, location] = [value['id'], value['location']];
        if (!outage.success || typeof id !== 'string' || typeof location !== 'string') return [];
        return [{ ...outage.data, id, location }];
      })
      .sort((a, b) => a.from - b.from);
  }

  #records(collection: 'member' | 'deregistered'): readonly MemberRecord[] {
    return this.#store
      .list(collection)
      .flatMap(({ value }) => {
        const member = memberRecordSchema.safeParse(value);
        return member.success ? [member.data] : [];
      })
      .sort((a, b) => a.registered_at - b.registered_at || (a.instance_id < b.instance_id ? -1 : 1));
  }

  #seconds(): number {
    return Math.floor(this.#store.now() / 1_000);
  }
}

function numberIn(record: StoredRecord | undefined, name: string): number {
  const value = record?.value[name];
  return typeof value === 'number' ? value : Number.NEGATIVE_INFINITY;
}

/** What came as JSON is JSON; what is undefined is left out. */
function toJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value));
}
