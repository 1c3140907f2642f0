import './outages.css';
import { useMemo, useState } from 'preact/hooks';
import type { BrokenPath } from '../../../ring/registry/index.js';
import type { MemberOutage } from '../../../ring/wire/index.js';
import { count } from '../../parts/text/numbers.js';
import { TimelinePatterns } from '../../parts/timeline/patterns.js';
import { momentText, type Zone } from '../../parts/timeline/time-axis.js';
import { Timeline } from '../../parts/timeline/timeline.js';
import type { Lane, TimeRange } from '../../parts/timeline/timeline-model.js';
import { type OutageLanes, outageLanes } from './outage-lanes.js';
import { OutageTable } from './outage-table.js';

/** Properties of {@link OutagesPanel}. */
export interface OutagesPanelProps {
  /** Those that members had themselves. */
  readonly outages: readonly MemberOutage[];
  readonly broken: readonly BrokenPath[];
  /** From when on broken paths are known; undefined where nothing is known of them. */
  readonly since: number | undefined;
  /** Broken paths that are known and were not told. */
  readonly untold: number;
  /** Broken paths that go on and that the registry has no room for. */
  readonly leftOut: number;
  /** Milliseconds without a sign of life after which a member counts as silent. */
  readonly silentAfter: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const HOUR = 3_600_000;

/** Hours that can be chosen. */
const RANGES: readonly number[] = [1, 6, 24];

/** Milliseconds: bars that go on grow in such steps. */
const STEP = 5_000;

/** When members were offline themselves, and when paths between members were broken. */
export function OutagesPanel({ outages, broken, since, untold, leftOut, silentAfter, now }: OutagesPanelProps) {
  const [hours, setHours] = useState(6);
  const [zone, setZone] = useState<Zone>('local');
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const until = Math.ceil(now / STEP) * STEP;
  const range = useMemo(() => ({ from: until - hours * HOUR, until }), [until, hours]);
  const facts = useMemo(
    () => outageLanes({ outages, broken, silentAfter, range, open }),
    [outages, broken, silentAfter, range, open],
  );
  const onToggle = ({ id }: Lane): void => setOpen((known) => toggled(known, id));
  return (
    <div class="outages">
      <TimelinePatterns />
      <p role="status">{nowText(facts)}</p>
      <Controls hours={hours} onHours={setHours} zone={zone} onZone={setZone} />
      <Legend />
      {since !== undefined && since > range.from && (
        <p class="outages-note">Broken paths are known since {momentText(since, zone)}.</p>
      )}
      {untold > 0 && <p class="outages-note">{count(untold, 'older broken path')} are left out.</p>}
      {leftOut > 0 && (
        <p class="outages-note">{count(leftOut, 'more path')} are broken now: the registry has no room for them.</p>
      )}
      <Board facts={facts} range={range} zone={zone} hours={hours} onToggle={onToggle} />
    </div>
  );
}

interface BoardProps {
  readonly facts: OutageLanes;
  readonly range: TimeRange;
  readonly zone: Zone;
  readonly hours: number;
  readonly onToggle: (lane: Lane) => void;
}

function Board({ facts: { lanes, left }, range, zone, hours, onToggle }: BoardProps) {
  const [isListed, setListed] = useState(false);
  if (lanes.length === 0) return <p class="outages-none">No outages in the last {count(hours, 'hour')}.</p>;
  return (
    <>
      <Timeline
        lanes={lanes}
        range={range}
        zone={zone}
        label={`Outages of the last ${count(hours, 'hour')}`}
        onToggle={onToggle}
      />
      {left > 0 && (
        <p class="outages-note">{count(left, 'more site')} had outages and are left out: those that are longest ago.</p>
      )}
      <details onToggle={(event) => setListed(event.currentTarget.open)}>
        <summary>Outages as a table</summary>
        {isListed && <OutageTable lanes={lanes.filter(({ isPart }) => !isPart)} range={range} zone={zone} />}
      </details>
    </>
  );
}

interface ControlsProps {
  readonly hours: number;
  readonly onHours: (hours: number) => void;
  readonly zone: Zone;
  readonly onZone: (zone: Zone) => void;
}

function Controls({ hours, onHours, zone, onZone }: ControlsProps) {
  return (
    <div class="outages-controls">
      <fieldset>
        <legend>Last</legend>
        {RANGES.map((each) => (
          <label key={each}>
            <input type="radio" name="outage-hours" checked={each === hours} onChange={() => onHours(each)} />
            {count(each, 'hour')}
          </label>
        ))}
      </fieldset>
      <label>
        <input
          type="checkbox"
          checked={zone === 'utc'}
          onChange={(event) => onZone(event.currentTarget.checked ? 'utc' : 'local')}
        />
        ISO 8601 (UTC)
      </label>
      <span class="outages-zone">
        {zone === 'utc' ? 'Times in UTC' : `Times in ${Intl.DateTimeFormat().resolvedOptions().timeZone}`}
      </span>
    </div>
  );
}

const LOOKS = [
  ['solid', 'offline itself'],
  ['hatched', 'path broken, both ends there'],
  ['dotted', 'silent: nobody heard of it'],
] as const;

function Legend() {
  return (
    <ul class="outages-legend" aria-label="Legend">
      {LOOKS.map(([look, words]) => (
        <li key={look}>
          <svg class={`timeline-bar look-${look}`} width="28" height="14" aria-hidden="true">
            <rect
              x="1"
              y="1"
              width="26"
              height="12"
              rx="3"
              fill={look === 'solid' ? undefined : `url(#timeline-${look})`}
            />
          </svg>
          {words}
        </li>
      ))}
    </ul>
  );
}

function nowText({ now: { own, path, silent } }: OutageLanes): string {
  const parts = [
    ...(own > 0 ? [`${count(own, 'member is', 'members are')} offline`] : []),
    ...(path > 0 ? [`${count(path, 'path is', 'paths are')} broken`] : []),
    ...(silent > 0 ? [`${count(silent, 'path leads', 'paths lead')} to members that are silent`] : []),
  ];
  return parts.length === 0 ? 'No outage goes on now, as far as is known.' : `Now: ${parts.join(', ')}.`;
}

function toggled(known: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(known);
  if (!next.delete(id)) next.add(id);
  return next;
}
