import type { CheckType } from '../../ring/wire/index.js';

/** What the page shows: one kind of check, all of them, or the topology. */
export type Shown = 'all' | CheckType | 'topology';

/** In the order of the toggles. */
export const SHOWN: readonly Shown[] = ['all', 'tcp', 'http', 'ping', 'bandwidth', 'traceroute', 'topology'];

/** What somebody has chosen to see. It stands in the address, so that it can be shared. */
export interface RingView {
  readonly shown: Shown;
  /** Part of the name of a source: of its location, id or address; empty for all. */
  readonly source: string;
  readonly target: string;
  /** Milliseconds, both included; undefined for no bound. */
  readonly slowerThan: number | undefined;
  readonly fasterThan: number | undefined;
  readonly failuresOnly: boolean;
  /** Whether members are shown that have left. */
  readonly offline: boolean;
  readonly table: boolean;
  /** The pair of members whose details are shown, by ids. */
  readonly pair: readonly [source: string, target: string] | undefined;
  /** The two sites whose path is shown, by locations. */
  readonly path: readonly [source: string, target: string] | undefined;
}

export const DEFAULT_VIEW: RingView = {
  shown: 'all',
  source: '',
  target: '',
  slowerThan: undefined,
  fasterThan: undefined,
  failuresOnly: false,
  offline: false,
  table: false,
  pair: undefined,
  path: undefined,
};

/** @param hash the address from `#` on. What is not understood is as by default. */
export function viewOf(hash: string): RingView {
  const values = new URLSearchParams(hash.replace(/^#/, ''));
  const text = (name: string): string => (values.get(name) ?? '').slice(0, LONGEST_TEXT);
  const shown = SHOWN.find((each) => each === values.get('show'));
  return {
    shown: shown ?? DEFAULT_VIEW.shown,
    source: text('from'),
    target: text('to'),
    slowerThan: millisecondsOf(values.get('min')),
    fasterThan: millisecondsOf(values.get('max')),
    failuresOnly: values.has('failures'),
    offline: values.has('offline'),
    table: values.has('table'),
    pair: twoOf(values.getAll('pair')),
    path: twoOf(values.getAll('path')),
  };
}

/** @returns the address from `#` on; empty where everything is as by default. */
export function hashOf(view: RingView): string {
  const values = new URLSearchParams();
  if (view.shown !== DEFAULT_VIEW.shown) values.set('show', view.shown);
  if (view.source !== '') values.set('from', view.source);
  if (view.target !== '') values.set('to', view.target);
  if (view.slowerThan !== undefined) values.set('min', `${view.slowerThan}`);
  if (view.fasterThan !== undefined) values.set('max', `${view.fasterThan}`);
  for (const name of ['failures', 'offline', 'table'] as const) {
    if (view[name === 'failures' ? 'failuresOnly' : name]) values.set(name, '');
  }
  for (const each of view.pair ?? []) values.append('pair', each);
  for (const each of view.path ?? []) values.append('path', each);
  const text = values.toString().replaceAll(/=(?=&|$)/g, '');
  return text === '' ? '' : `#${text}`;
}

/** Characters: as long as a location or an id may be. */
const LONGEST_TEXT = 128;

function millisecondsOf(text: string | null): number | undefined {
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

function twoOf([first, second]: readonly string[]): readonly [string, string] | undefined {
  return first === undefined || second === undefined
    ? undefined
    : [first.slice(0, LONGEST_TEXT), second.slice(0, LONGEST_TEXT)];
}
