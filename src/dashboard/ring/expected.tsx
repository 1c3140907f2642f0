import type { LocationCounts, MissingCounts } from '../../ring/registry/index.js';
import { MarkIcon, type MarkName } from '../parts/cards/mark-icon.js';
import { Panel } from '../parts/shell/shell.js';
import { count, formatDuration } from '../parts/text/numbers.js';
import { formatAgo } from './format.js';

/** The alerts that stand. They are read out when they come. */
export function Alerts({ analysis, now }: { readonly analysis: MissingCounts; readonly now: number }) {
  return (
    <div role="status" class="alerts">
      {analysis.alerts.map(({ key, level, message, raised_at: at }) => (
        <p key={key} class={`alert alert-${level}`}>
          <MarkIcon mark={level === 'error' ? 'failed' : 'warning'} />
          <span>
            <strong>{level === 'error' ? 'Error' : 'Warning'}:</strong> <bdi>{message}</bdi>
          </span>
          <span class="muted" aria-hidden="true">
            {formatAgo(at * 1_000, now)}
          </span>
        </p>
      ))}
    </div>
  );
}

/** Who should be there, and who is. */
export function Expected({ analysis }: { readonly analysis: MissingCounts }) {
  if (!analysis.enabled) return null;
  const locations = Object.entries(analysis.locations).sort(([, a], [, b]) => rankOf(a) - rankOf(b));
  const isExpected = ([, { status }]: (typeof locations)[number]): boolean => status !== 'unexpected_location';
  const [expected, others] = [locations.filter(isExpected), locations.filter((each) => !isExpected(each))];
  return (
    <Panel title="Expected and actual">
      <Locations locations={expected} />
      {others.length > 0 && (
        <details class="others">
          <summary>{count(others.length, 'location')} that nobody expects</summary>
          <Locations locations={others} />
        </details>
      )}
    </Panel>
  );
}

function Locations({ locations }: { readonly locations: readonly (readonly [string, LocationCounts])[] }) {
  return (
    <ul class="expected">
      {locations.map(([name, location]) => (
        <li key={name} class="expected-location">
          <MarkIcon mark={MARKS[location.status]} />
          <span class="expected-name">
            <bdi>{name}</bdi>
          </span>
          <span class="expected-count">
            {location.status === 'unexpected_location'
              ? location.actual_count
              : `${location.actual_count} of ${location.expected_count}`}
          </span>
          <span class="card-sub">{detailOf(location)}</span>
        </li>
      ))}
    </ul>
  );
}

type Status = LocationCounts['status'];

const MARKS: Readonly<Record<Status, MarkName>> = {
  healthy: 'ok',
  missing_members: 'failed',
  extra_members: 'warning',
  unexpected_location: 'warning',
};

const NAMES: Readonly<Record<Status, string>> = {
  healthy: 'Complete',
  missing_members: 'Members missing',
  extra_members: 'More than expected',
  unexpected_location: 'Not expected',
};

function rankOf({ status }: LocationCounts): number {
  return { missing_members: 0, unexpected_location: 1, extra_members: 2, healthy: 3 }[status];
}

function detailOf({ status, criticality, grace_period: grace, description }: LocationCounts): string {
  const details = [
    NAMES[status],
    status === 'unexpected_location' ? '' : `${criticality} criticality`,
    status === 'missing_members' ? `alert after ${formatDuration(grace * 1_000)}` : '',
    status === 'unexpected_location' ? '' : description,
  ];
  return details.filter((text) => text !== '').join(' · ');
}
