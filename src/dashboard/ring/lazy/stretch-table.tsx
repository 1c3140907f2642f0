import type { GraphLink, GraphNode, Level } from '../../parts/graph/graph-model.js';
import { count } from '../../parts/text/numbers.js';

/** Properties of {@link StretchTable}. */
export interface StretchTableProps {
  readonly nodes: readonly GraphNode[];
  readonly links: readonly GraphLink[];
}

/** Rows; more than that nobody reads. */
const MOST_ROWS = 500;

/** What a level means, in words. */
export const LEVEL_WORDS: Readonly<Record<Level, string>> = {
  1: 'up to 20 ms',
  2: 'up to 50 ms',
  3: 'more than 50 ms',
};

/** The same as the picture, for those who do not see it or want to read numbers; the slowest first. */
export function StretchTable({ nodes, links }: StretchTableProps) {
  const labels = new Map(nodes.map(({ id, label }) => [id, label]));
  const rows = [...links].sort((a, b) => Number(b.isNotable) - Number(a.isNotable) || b.level - a.level);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard.
    <section class="stretch-table" aria-label="Stretches as a table" tabIndex={0}>
      <table>
        <caption>
          {count(links.length, 'stretch', 'stretches')}
          {rows.length > MOST_ROWS && `, of which the slowest ${MOST_ROWS} are listed`}
        </caption>
        <thead>
          <tr>
            <th scope="col">Between</th>
            <th scope="col">and</th>
            <th scope="col">Round trip</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST_ROWS).map(({ id, source, target, label, level, isNotable }) => (
            <tr key={id}>
              <td>{labels.get(source) ?? source}</td>
              <td>{labels.get(target) ?? target}</td>
              <td>{label}</td>
              <td>
                {LEVEL_WORDS[level]}
                {isNotable && ', bottleneck'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
