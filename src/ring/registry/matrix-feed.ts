import type { EventSource, StreamedEvent } from '../../server/index.js';
import type { RecordStore, StoreChange } from '../../store/index.js';
import { matrixOf } from './matrix-rows.js';
import type { RegistryCondition, RingChange, RingSnapshot } from './matrix-shapes.js';
import { countsOf, type MissingAnalysis } from './missing-analysis.js';
import type { RingBook } from './ring-book.js';

/** What a {@link MatrixFeed} tells of. */
export interface MatrixFeedOptions {
  readonly book: RingBook;
  readonly store: RecordStore;
  readonly version: string;
  readonly offlineSince: () => number | undefined;
  readonly analysis: () => MissingAnalysis;
}

/** Milliseconds for which changes are gathered: what comes together is told together. */
const GATHERING = 200;

/** Milliseconds after which it is looked for what changes by itself: alerts, and how the registry is. */
const LOOKING = 2_000;

/** Outages of a snapshot: the latest ones. */
const MOST_OUTAGES = 2_000;

/** What a page shows of the ring, and what changes of it: as small as it can be, and made once, however many listen. */
export class MatrixFeed {
  readonly #options: MatrixFeedOptions;
  readonly #listeners = new Set<(event: StreamedEvent) => void>();
  readonly #onChange = (change: StoreChange): void => this.#gather(change);
  /** By collections: the keys of what has changed and was not told yet. */
  #changed = new Map<string, Set<string>>();
  #gathering: NodeJS.Timeout | undefined;
  #looking: NodeJS.Timeout | undefined;
  #told = '';

  constructor(options: MatrixFeedOptions) {
    this.#options = options;
  }

  /** All of it. */
  snapshot(): RingSnapshot {
    const { book, store, analysis } = this.#options;
    return {
      now: store.now(),
      registry: this.#condition(),
      members: book.members(),
      matrix: matrixOf(book.reports()),
      outages: book.outages().slice(-MOST_OUTAGES),
      analysis: countsOf(analysis()),
    };
  }

  /** What changes, from now on. */
  readonly source: EventSource = (tell) => {
    if (this.#listeners.size === 0) this.#begin();
    this.#listeners.add(tell);
    return () => {
      this.#listeners.delete(tell);
      if (this.#listeners.size === 0) this.#end();
    };
  };

  #begin(): void {
    this.#options.store.on('change', this.#onChange);
    this.#looking = setInterval(() => this.#tell(this.#slowChange()), LOOKING).unref();
    this.#told = '';
  }

  #end(): void {
    this.#options.store.off('change', this.#onChange);
    clearInterval(this.#looking);
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#changed = new Map();
  }

  #gather({ collection, key }: StoreChange): void {
    const name = collection === 'deregistered' ? 'member' : collection;
    if (!TOLD.has(name)) return;
    this.#changed.set(name, (this.#changed.get(name) ?? new Set()).add(key));
    this.#gathering ??= setTimeout(() => this.#tell({}), GATHERING).unref();
  }

  #tell(slow: SlowChange): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const changed = this.#changed;
    this.#changed = new Map();
    const change = { ...this.#changeOf(changed), ...slow };
    if (Object.keys(change).length === 0) return;
    const data = JSON.stringify({ now: this.#options.store.now(), ...change } satisfies RingChange);
    for (const tell of this.#listeners) tell({ event: 'change', data });
  }

  #changeOf(changed: ReadonlyMap<string, ReadonlySet<string>>): Omit<RingChange, 'now'> {
    const { book } = this.#options;
    const [members, gone] = found(changed.get('member'), (id) => book.member(id));
    const [reports, silent] = found(changed.get('metrics'), (id) => book.reportOf(id));
    // Those that are forgotten are of no use to the page as news: they leave its timeline by themselves.
    const [outages] = found(changed.get('outage'), (key) => book.outage(key));
    return {
      ...(members.length > 0 && { members }),
      ...(gone.length > 0 && { gone }),
      ...(reports.length > 0 && { matrix: matrixOf(reports) }),
      ...(silent.length > 0 && { silent }),
      ...(outages.length > 0 && { outages }),
    };
  }

  /** What is another than when it was told last, whichever of both. All members are counted for it: not each time that one of them is heard of. */
  #slowChange(): SlowChange {
    const registry = this.#condition();
    const analysis = countsOf(this.#options.analysis());
    const text = JSON.stringify([registry, { ...analysis, timestamp: 0 }]);
    if (text === this.#told) return {};
    this.#told = text;
    return { registry, analysis };
  }

  #condition(): RegistryCondition {
    const { book, store, version, offlineSince } = this.#options;
    const { reachable, awaySince } = store.health;
    const offline = offlineSince();
    return {
      version,
      silent_after: book.ttls.member / 3,
      old_after: (book.ttls.report * 3) / 5,
      ...(!reachable && { store_away_since: awaySince ?? store.now() }),
      ...(offline !== undefined && { offline_since: offline }),
    };
  }
}

type SlowChange = Pick<RingChange, 'registry' | 'analysis'>;

const TOLD = new Set(['member', 'metrics', 'outage']);

/** What there is under keys, and the keys under which there is nothing any more. */
function found<Value>(
  keys: Iterable<string> = [],
  at: (key: string) => Value | undefined,
): readonly [readonly Value[], readonly string[]] {
  const values: Value[] = [];
  const lacking: string[] = [];
  for (const key of keys) {
    const value = at(key);
    if (value === undefined) lacking.push(key);
    else values.push(value);
  }
  return [values, lacking];
}
