import type { CheckType, MemberRecord } from '../../ring/wire/index.js';
import {
  cellOf,
  isFaint,
  MARK,
  type Mark,
  type MatrixData,
  type MatrixHeader,
  type MatrixRowData,
  markIn,
} from '../parts/matrix/index.js';
import type { RingState, Row } from './model.js';
import type { RingView, Shown } from './view.js';

/** Whether what a member reported last tells what was, and nobody knows what is. */
export function isOutdated({ at }: Row, { registry }: Pick<RingState, 'registry'>, now: number): boolean {
  return now - at > registry.old_after;
}

/** Members by location and then by id, with what tells them apart: of a location with one member, its name alone. */
export function headersOf(members: Iterable<MemberRecord>): readonly MatrixHeader[] {
  const sorted = [...members].sort((a, b) => compare(a.location, b.location) || compare(a.instance_id, b.instance_id));
  const counts = new Map<string, number>();
  for (const { location } of sorted) counts.set(location, (counts.get(location) ?? 0) + 1);
  return sorted.map(({ instance_id: id, location }) => ({
    id,
    label: location,
    detail: (counts.get(location) ?? 0) > 1 ? shortId(id) : '',
  }));
}

/** Of a UUID its first eight digits. */
export function shortId(id: string): string {
  return /^[\da-f]{8}-[\da-f]{4}-/i.test(id) ? id.slice(0, 8) : id;
}

const NAMES = new Intl.Collator('en', { numeric: true });

function compare(a: string, b: string): number {
  return NAMES.compare(a, b);
}

/** What of a view decides what cells look like. */
type CellView = Pick<RingView, 'shown' | 'slowerThan' | 'fasterThan' | 'failuresOnly'>;

/** The cells of rows, each made once for as long as neither the row nor what is shown of it changes. */
export class MatrixMaker {
  #members: RingState['members'] = new Map();
  #offline = false;
  #all: readonly MatrixHeader[] = [];
  #columns: readonly MatrixHeader[] = [];
  #key = '';
  /** By the ids of sources. */
  #made = new Map<string, { readonly row: Row | undefined; readonly isOld: boolean; readonly data: MatrixRowData }>();

  /** @param now milliseconds since 1970 by the registry's clock. */
  make(state: RingState, view: RingView, now: number): MatrixData {
    this.#look(state, view);
    const rows = this.#all
      .filter((header) => matches(header, state.members.get(header.id), view.source))
      .map((header) => {
        const row = state.rows.get(header.id);
        return this.#row(header, row, view, row !== undefined && isOutdated(row, state, now));
      });
    return view.failuresOnly ? withFailures(rows, this.#columns) : { rows, columns: this.#columns };
  }

  /** Heartbeats change members, too, but not which there are. */
  #look(state: RingState, view: RingView): void {
    const { shown, target, slowerThan, fasterThan, failuresOnly, offline } = view;
    if (state.members !== this.#members || offline !== this.#offline) {
      this.#members = state.members;
      this.#offline = offline;
      const headers = headersOf([...state.members.values()].filter(({ status }) => offline || status === 'active'));
      if (!isSame(headers, this.#all)) {
        this.#all = headers;
        this.#key = '';
      }
    }
    const key = JSON.stringify([shown, target, slowerThan, fasterThan, failuresOnly]);
    if (key === this.#key) return;
    this.#key = key;
    this.#made.clear();
    this.#columns = this.#all.filter((header) => matches(header, state.members.get(header.id), target));
  }

  #row(header: MatrixHeader, row: Row | undefined, view: CellView, isOld: boolean): MatrixRowData {
    const known = this.#made.get(header.id);
    if (known !== undefined && known.row === row && known.isOld === isOld) return known.data;
    const cells = cellsOf(header.id, row, this.#columns, view, isOld);
    // What looks the same need not be drawn.
    const isSameLook = known?.data.cells.every((cell, index) => cell === cells[index]) === true;
    const data = isSameLook && known !== undefined ? known.data : { header, cells };
    this.#made.set(header.id, { row, isOld, data });
    return data;
  }
}

function isSame(a: readonly MatrixHeader[], b: readonly MatrixHeader[]): boolean {
  return a.length === b.length && a.every(({ id, label }, index) => b[index]?.id === id && b[index]?.label === label);
}

/** Whether a text is part of what a member is called by, whatever the case. */
function matches({ id, label }: MatrixHeader, member: MemberRecord | undefined, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  return wanted === '' || [label, id, member?.ip ?? ''].some((name) => name.toLowerCase().includes(wanted));
}

/** What tells whether one reaches another; the others tell how well, and keep what they found for minutes. */
export const REACH: readonly CheckType[] = ['tcp', 'http', 'ping'];

function cellsOf(
  source: string,
  row: Row | undefined,
  columns: readonly MatrixHeader[],
  view: CellView,
  isOld: boolean,
): Uint8Array {
  const cells = new Uint8Array(columns.length);
  const look = lookOf(row, view.shown);
  for (const [index, { id }] of columns.entries()) {
    if (id === source) {
      cells[index] = cellOf(MARK.self);
      continue;
    }
    const position = row?.positions.get(id);
    const { mark, value } = position === undefined ? NOT_CHECKED : look(position);
    const isOut = isFiltered(mark, value, view);
    cells[index] = cellOf(mark, mark === MARK.ok ? levelOf(view.shown, value) : 0, isOut, isOld && mark !== MARK.none);
  }
  return cells;
}

interface Look {
  readonly mark: Mark;
  readonly value: number | undefined;
}

const NOT_CHECKED: Look = { mark: MARK.none, value: undefined };

const MARKS: Readonly<Record<string, Mark>> = { '+': MARK.ok, '-': MARK.failed, '?': MARK.inconclusive };

function lookOf(row: Row | undefined, shown: Shown): (position: number) => Look {
  if (shown !== 'all' && shown !== 'topology') {
    const column = row?.checks[shown];
    return (position) => ({
      mark: MARKS[column?.verdicts[position] ?? ''] ?? MARK.none,
      value: column?.values[position] ?? undefined,
    });
  }
  const looks = REACH.map((type) => lookOf(row, type));
  const others = (['bandwidth', 'traceroute'] as const).map((type) => lookOf(row, type));
  return (position) => {
    const reach = worstOf(looks, position);
    return reach.mark === MARK.none ? { ...worstOf(others, position), value: undefined } : reach;
  };
}

/** Failed where one failed, else ok where one is ok: one that cannot tell takes nothing away from what another has told. */
function worstOf(looks: readonly ((position: number) => Look)[], position: number): Look {
  let best = NOT_CHECKED;
  for (const look of looks) {
    const found = look(position);
    if (RANK[found.mark] > RANK[best.mark]) best = found;
  }
  return best;
}

const RANK: Readonly<Record<Mark, number>> = {
  [MARK.none]: 0,
  [MARK.self]: 0,
  [MARK.inconclusive]: 1,
  [MARK.ok]: 2,
  [MARK.failed]: 3,
};

function isFiltered(
  mark: Mark,
  value: number | undefined,
  { slowerThan, fasterThan, failuresOnly, shown }: CellView,
): boolean {
  if (failuresOnly && mark !== MARK.failed) return true;
  if (slowerThan === undefined && fasterThan === undefined) return false;
  if (shown === 'bandwidth' || shown === 'traceroute') return false;
  if (value === undefined) return true;
  return value < (slowerThan ?? 0) || value > (fasterThan ?? Number.POSITIVE_INFINITY);
}

/** Upper bounds of what is fast and what is neither fast nor slow. Of latency those of the topology's edges. */
const LEVELS: Readonly<Record<Shown, readonly [number, number]>> = {
  all: [20, 50],
  topology: [20, 50],
  tcp: [20, 50],
  http: [50, 200],
  ping: [20, 50],
  bandwidth: [100, 1_000],
  traceroute: [5, 15],
};

export function levelsOf(shown: Shown): readonly [number, number] {
  return LEVELS[shown];
}

/** 1 for fast to 3 for slow. */
function levelOf(shown: Shown, value: number | undefined): number {
  if (value === undefined) return 0;
  const [low, high] = LEVELS[shown];
  const level = value <= low ? 1 : value <= high ? 2 : 3;
  return shown === 'bandwidth' ? 4 - level : level;
}

/** Only the rows and columns in which something failed. */
function withFailures(rows: readonly MatrixRowData[], columns: readonly MatrixHeader[]): MatrixData {
  const isFailed = (cell: number): boolean => markIn(cell) === MARK.failed && !isFaint(cell);
  const failing = rows.filter(({ cells }) => cells.some(isFailed));
  const kept = columns.flatMap((_, index) => (failing.some(({ cells }) => isFailed(cells[index] ?? 0)) ? [index] : []));
  return {
    columns: kept.flatMap((index) => columns[index] ?? []),
    rows: failing.map(({ header, cells }) => ({ header, cells: Uint8Array.from(kept, (index) => cells[index] ?? 0) })),
  };
}
