import type { RecordStore, StoreChange, StoredRecord } from '../../store/index.js';
import { type PathVerdict, pathVerdictsIn } from './path-history-verdicts.js';

/** A time for which one member found its path to another broken. Times are milliseconds since 1970, by the registry's clock. */
export interface BrokenPath {
  /** The id of the member that checked. */
  readonly source: string;
  /** Where that is. */
  readonly source_location: string;
  /** The id of the member that was checked. */
  readonly target: string;
  /** Where that is. */
  readonly target_location: string;
  /** By what kind of check. */
  readonly type: 'tcp' | 'http' | 'ping';
  /** When the first check began that failed. */
  readonly from: number;
  /** When it was over; absent while it goes on. */
  readonly until?: number | undefined;
  /**
   * Why it is over: a check succeeded; or nothing can be told any more, because the member that checked is offline, has gone, or does not check the
   * other any longer. Absent while it goes on.
   */
  readonly end?: 'healed' | 'unknown' | undefined;
  /** Whose fault it is, as the first check has it that failed. */
  readonly failure_source?: string | undefined;
  /** What is wrong, in one word, as the same check has it. */
  readonly reason?: string | undefined;
  /** When the registry last heard of the one that was checked, until it was over. Later than `from`: it was not offline. */
  readonly target_heard_at?: number | undefined;
}

/** What a {@link PathHistory} needs. */
export interface PathHistoryOptions {
  /** Milliseconds for which a broken path is remembered after it was over. */
  readonly ttl: number;
  /** Broken paths that go on at once; more than that are only counted. @default 10_000 */
  readonly mostOpen?: number | undefined;
  /** Broken paths that are over: the latest ones. @default 10_000 */
  readonly mostEnded?: number | undefined;
}

const MOST = 10_000;

/**
 * When paths between members were broken, derived from what members report of each other. It is kept in the memory of this registry: it begins
 * when that starts.
 */
export class PathHistory {
  readonly #store: RecordStore;
  readonly #options: { readonly ttl: number; readonly mostOpen: number; readonly mostEnded: number };
  /** Those that go on, by source, by target and type. */
  readonly #open = new Map<string, Map<string, BrokenPath>>();
  /** How many go on of which nothing is noted, by source. */
  readonly #leftOut = new Map<string, number>();
  readonly #heardAt = new Map<string, number>();
  readonly #onChange = (change: StoreChange): void => this.#take(change);
  #ended: BrokenPath[] = [];
  #openCount = 0;
  #since: number;

  constructor(store: RecordStore, { ttl, mostOpen = MOST, mostEnded = MOST }: PathHistoryOptions) {
    this.#store = store;
    this.#options = { ttl, mostOpen, mostEnded };
    this.#since = store.now();
  }

  /**
   * From when on everything is known, save what is {@link leftOut} now, in milliseconds since 1970: when this registry started, or when the last was
   * over that was left out.
   */
  get since(): number {
    return Math.round(Math.max(this.#since, this.#store.now() - this.#options.ttl));
  }

  /** How many broken paths go on that are not noted, because there is no room. */
  get leftOut(): number {
    return [...this.#leftOut.values()].reduce((sum, count) => sum + count, 0);
  }

  /** The latest last. Those that go on have no end. */
  get paths(): readonly BrokenPath[] {
    const oldest = this.#store.now() - this.#options.ttl;
    const open = [...this.#open.values()].flatMap((paths) => [...paths.values()]).map((path) => this.#heard(path));
    return [...this.#ended.filter(({ until = 0 }) => until > oldest), ...open].sort((a, b) => a.from - b.from);
  }

  start(): void {
    this.#since = this.#store.now();
    this.#store.on('change', this.#onChange);
  }

  stop(): void {
    this.#store.off('change', this.#onChange);
  }

  #take({ collection, key, record }: StoreChange): void {
    if (collection === 'member' && record !== undefined) this.#hear(key, record.updatedAt);
    if (collection === 'metrics') this.#takeReport(key, record);
  }

  /** Those heard of last stand last. */
  #hear(id: string, at: number): void {
    this.#heardAt.delete(id);
    this.#heardAt.set(id, Math.round(at));
    const [first] = this.#heardAt.keys();
    if (this.#heardAt.size > MOST_HEARD && first !== undefined) this.#heardAt.delete(first);
  }

  /** A member without a report says nothing any more. */
  #takeReport(source: string, record: StoredRecord | undefined): void {
    const now = record?.updatedAt ?? this.#store.now();
    const known = this.#open.get(source) ?? new Map<string, BrokenPath>();
    const verdicts = record === undefined ? NOTHING : pathVerdictsIn(record, known.size > 0 ? 'all' : 'failed');
    for (const [key, path] of known) {
      const verdict = verdicts.get(key);
      if (verdict?.verdict === 'failed') continue;
      known.delete(key);
      this.#openCount -= 1;
      this.#end(path, verdict, now);
    }
    let leftOut = 0;
    for (const [key, verdict] of verdicts) {
      if (verdict.verdict !== 'failed' || known.has(key) || this.#hasLeft(verdict.target)) continue;
      if (this.#openCount >= this.#options.mostOpen) {
        leftOut += 1;
        continue;
      }
      known.set(key, brokenPath(source, this.#locationOf(source), verdict));
      this.#openCount += 1;
    }
    if (known.size === 0) this.#open.delete(source);
    else this.#open.set(source, known);
    this.#noteLeftOut(source, leftOut, now);
  }

  /** Others look for it until they hear that it has said goodbye. */
  #hasLeft(id: string): boolean {
    return this.#store.get('member', id) === undefined && this.#store.get('deregistered', id) !== undefined;
  }

  /** Of one that is over nobody will know any more. */
  #noteLeftOut(source: string, count: number, now: number): void {
    if (count < (this.#leftOut.get(source) ?? 0)) this.#since = Math.max(this.#since, now);
    if (count === 0) this.#leftOut.delete(source);
    else this.#leftOut.set(source, count);
  }

  #end(path: BrokenPath, verdict: PathVerdict | undefined, now: number): void {
    const until = Math.max(path.from, verdict?.at ?? Math.round(now));
    this.#ended.push({ ...this.#heard(path), until, end: verdict?.verdict === 'ok' ? 'healed' : 'unknown' });
    // Not at each one: most of the time there is room.
    if (this.#ended.length > this.#options.mostEnded * SLACK) this.#forget();
  }

  #forget(): void {
    const left = this.#ended.slice(0, -this.#options.mostEnded);
    this.#ended = this.#ended.slice(-this.#options.mostEnded);
    // They are in the order in which their ends were told, which is not that of the ends.
    this.#since = Math.max(this.#since, ...left.map(({ until = 0 }) => until));
  }

  #heard(path: BrokenPath): BrokenPath {
    const at = this.#heardAt.get(path.target);
    return at === undefined ? path : { ...path, target_heard_at: at };
  }

  /** Where the member is. One that nobody knows is shown by its id. */
  #locationOf(id: string): string {
    const location = this.#store.get('member', id)?.value['location'];
    return typeof location === 'string' ? location : id;
  }
}

const NOTHING: ReadonlyMap<string, PathVerdict> = new Map();
/** Twice as many members as there can be at once. */
const MOST_HEARD = 20_000;
const SLACK = 1.1;

function brokenPath(
  source: string,
  location: string,
  { target, targetLocation, type, at, failureSource, reason }: PathVerdict,
): BrokenPath {
  return {
    source,
    source_location: location,
    target,
    target_location: targetLocation,
    type,
    from: at,
    ...(failureSource !== undefined && { failure_source: failureSource }),
    ...(reason !== undefined && { reason }),
  };
}
