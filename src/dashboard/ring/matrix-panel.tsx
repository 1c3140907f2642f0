import { useMemo, useState } from 'preact/hooks';
import type { CheckType } from '../../ring/wire/index.js';
import { MarkIcon } from '../parts/cards/mark-icon.js';
import { CheckField, NumberField, TextField } from '../parts/filters/fields.js';
import type { MatrixData, MatrixHeader } from '../parts/matrix/index.js';
import { Matrix } from '../parts/matrix/matrix.js';
import { MatrixTable } from '../parts/matrix/matrix-table.js';
import { Panel } from '../parts/shell/shell.js';
import { formatCount, formatMilliseconds } from '../parts/text/numbers.js';
import { describePair } from './describe-pair.js';
import { formatValue, TYPE_NAMES } from './format.js';
import { levelsOf, REACH } from './matrix-data.js';
import { memberCommand } from './member-command.js';
import { checksOf, type RingState, verdictOf } from './model.js';
import { PairTip } from './pair.js';
import { DEFAULT_VIEW, type RingView, type Shown } from './view.js';

export const SHOWN_NAMES: Readonly<Record<Shown, string>> = { all: 'All', ...TYPE_NAMES, topology: 'Topology' };

/** Who reaches whom. */
export function MatrixPanel({
  state,
  data,
  view,
  onView,
  now,
  theme,
  hasToken,
}: {
  readonly state: RingState;
  readonly data: MatrixData;
  readonly view: RingView;
  readonly onView: (change: Partial<RingView>) => void;
  readonly now: number;
  readonly theme: string;
  /** Whether the registry is read with a token. */
  readonly hasToken: boolean;
}) {
  const [zoom, setZoom] = useState(1);
  const label = `${view.shown === 'all' ? 'All checks' : SHOWN_NAMES[view.shown]}: who reaches whom, from rows to columns`;
  const pairOf = (row: MatrixHeader, column: MatrixHeader) => ({ state, source: row.id, target: column.id, now });
  return (
    <Panel
      class="matrix-panel"
      title="Who reaches whom"
      aside={
        <span class="panel-tools">
          {!view.table && <Zoom zoom={zoom} onZoom={setZoom} />}
          <button type="button" aria-pressed={view.table} onClick={() => onView({ table: !view.table })}>
            Table
          </button>
        </span>
      }
    >
      <Filters view={view} onView={onView} />
      {data.rows.length === 0 || data.columns.length === 0 ? (
        <Empty state={state} view={view} onView={onView} hasToken={hasToken} />
      ) : view.table ? (
        <MatrixTable
          label={label}
          data={data}
          cellText={(row, column) => cellText(state, view.shown, row.id, column.id)}
        />
      ) : (
        <Matrix
          label={label}
          data={data}
          zoom={zoom}
          theme={theme}
          describe={(row, column) => describePair(pairOf(row, column))}
          tooltip={(row, column) => <PairTip {...pairOf(row, column)} />}
          textOf={(row, column) => shortValue(state, view.shown, row.id, column.id)}
          onChoose={(row, column) => {
            if (row.id !== column.id) onView({ pair: [row.id, column.id] });
          }}
        />
      )}
      <Legend shown={view.shown} />
    </Panel>
  );
}

/** Of all checks: why the first one failed, else the latency. */
function cellText(state: RingState, shown: Shown, source: string, target: string): string {
  const checks = checksOf(state, source, target).filter(({ type }) => isShown(shown, type));
  const verdict = verdictOf(checks);
  const check = checks.find((each) => each.verdict === verdict);
  if (check === undefined) return '';
  if (verdict === 'ok') return formatValue(check);
  return shown === 'all' ? [TYPE_NAMES[check.type], check.why].filter(Boolean).join(' ') : (check.why ?? '');
}

function isShown(shown: Shown, type: CheckType): boolean {
  return shown === 'all' ? REACH.includes(type) : shown === type;
}

/** Without a unit: the legend has it. */
function shortValue(state: RingState, shown: Shown, source: string, target: string): string {
  return cellText(state, shown, source, target).replace(/ (ms|hops?|Mbit\/s)$/, '');
}

function Filters({ view, onView }: { readonly view: RingView; readonly onView: (change: Partial<RingView>) => void }) {
  const hasLatency = view.shown !== 'bandwidth' && view.shown !== 'traceroute';
  return (
    <search class="filters" aria-label="Filters">
      <TextField
        label="From"
        value={view.source}
        placeholder="location, id, address"
        onChange={(source) => onView({ source })}
      />
      <TextField
        label="To"
        value={view.target}
        placeholder="location, id, address"
        onChange={(target) => onView({ target })}
      />
      {hasLatency && (
        <span class="range">
          <span>Latency</span>
          <NumberField
            label="Latency from, in milliseconds"
            placeholder="0"
            value={view.slowerThan}
            onChange={(slowerThan) => onView({ slowerThan })}
          />
          <span aria-hidden="true">to</span>
          <NumberField
            label="Latency up to, in milliseconds"
            placeholder="∞"
            value={view.fasterThan}
            onChange={(fasterThan) => onView({ fasterThan })}
          />
          <span>ms</span>
        </span>
      )}
      <CheckField
        label="Failures only"
        value={view.failuresOnly}
        onChange={(failuresOnly) => onView({ failuresOnly })}
      />
      <CheckField label="Offline members" value={view.offline} onChange={(offline) => onView({ offline })} />
      {isFiltered(view) && (
        <button type="button" onClick={() => onView(NO_FILTERS)}>
          Clear
        </button>
      )}
    </search>
  );
}

const NO_FILTERS: Partial<RingView> = {
  source: '',
  target: '',
  slowerThan: undefined,
  fasterThan: undefined,
  failuresOnly: false,
  offline: false,
};

function isFiltered(view: RingView): boolean {
  return (['source', 'target', 'slowerThan', 'fasterThan', 'failuresOnly', 'offline'] as const).some(
    (name) => view[name] !== DEFAULT_VIEW[name],
  );
}

function Empty({
  state,
  view,
  onView,
  hasToken,
}: {
  readonly state: RingState;
  readonly view: RingView;
  readonly onView: (change: Partial<RingView>) => void;
  readonly hasToken: boolean;
}) {
  if (!state.isLoaded) return <p class="matrix-note">Waiting for the registry …</p>;
  const left = [...state.members.values()].filter(({ status }) => status === 'deregistered').length;
  if (left === state.members.size || !isFiltered(view)) {
    return (
      <p class="matrix-note">
        {left === 0 ? 'No member has joined yet' : `No member is here now (${formatCount(left)} left)`}. Start one:{' '}
        <code>{memberCommand(location, hasToken)}</code>
      </p>
    );
  }
  return (
    <p class="matrix-note">
      {view.failuresOnly ? 'Nothing has failed' : 'Nothing matches the filters'}.{' '}
      <button type="button" onClick={() => onView(NO_FILTERS)}>
        Clear the filters
      </button>
    </p>
  );
}

function Legend({ shown }: { readonly shown: Shown }) {
  const speeds = useMemo(() => speedNames(shown), [shown]);
  return (
    <ul class="legend" aria-label="Legend">
      {speeds.map((name, index) => (
        <li key={name}>
          <span class={`speed speed-${index + 1}`} aria-hidden="true" />
          {name}
        </li>
      ))}
      <li>
        <MarkIcon mark="failed" />
        failed
      </li>
      <li>
        <MarkIcon mark="inconclusive" />
        inconclusive: cannot be told
      </li>
      <li>
        <MarkIcon mark="none" />
        not checked
      </li>
    </ul>
  );
}

function speedNames(shown: Shown): readonly string[] {
  const [low, high] = levelsOf(shown);
  if (shown === 'bandwidth')
    return [`ok, over ${formatCount(high)} Mbit/s`, `over ${formatCount(low)}`, `up to ${formatCount(low)}`];
  if (shown === 'traceroute') return [`ok, up to ${low} hops`, `up to ${high}`, `more than ${high}`];
  return [`ok, up to ${formatMilliseconds(low)}`, `up to ${formatMilliseconds(high)}`, 'slower'];
}

const MOST_ZOOM = 8;

function Zoom({ zoom, onZoom }: { readonly zoom: number; readonly onZoom: (zoom: number) => void }) {
  return (
    <>
      <button type="button" aria-label="Smaller cells" disabled={zoom <= 1} onClick={() => onZoom(zoom / 2)}>
        −
      </button>
      <button type="button" aria-label="Larger cells" disabled={zoom >= MOST_ZOOM} onClick={() => onZoom(zoom * 2)}>
        +
      </button>
    </>
  );
}
