import { count, formatDuration } from '../../parts/text/numbers.js';
import { momentText, type Zone } from '../../parts/timeline/time-axis.js';
import type { Lane, TimeRange } from '../../parts/timeline/timeline-model.js';

/** Properties of {@link OutageTable}. */
export interface OutageTableProps {
  readonly lanes: readonly Lane[];
  readonly range: TimeRange;
  readonly zone: Zone;
}

const MOST_ROWS = 500;

/** The same as the timeline, for those who do not see it; the latest first. */
export function OutageTable({ lanes, range, zone }: OutageTableProps) {
  const rows = lanes
    .flatMap(({ label, spans }) => spans.map((span) => ({ label, span })))
    .sort((a, b) => b.span.from - a.span.from);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard.
    <section class="outage-table" aria-label="Outages as a table" tabIndex={0}>
      <table>
        <caption>
          {count(rows.length, 'outage')}
          {rows.length > MOST_ROWS && `, of which the latest ${MOST_ROWS} are listed`}
        </caption>
        <thead>
          <tr>
            <th scope="col">Site</th>
            <th scope="col">What</th>
            <th scope="col">From</th>
            <th scope="col">Until</th>
            <th scope="col">Length</th>
            <th scope="col">Details</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST_ROWS).map(({ label, span: { id, title, from, until, details } }) => (
            <tr key={id}>
              <td>{label}</td>
              <td>{title}</td>
              <td>{momentText(from, zone)}</td>
              <td>{until === undefined ? 'goes on' : momentText(until, zone)}</td>
              <td>{formatDuration((until ?? range.until) - from)}</td>
              <td>{details.join(' ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
