import { MarkIcon, type MarkName } from '../cards/mark-icon.js';
import { isFaint, MARK, type MatrixData, type MatrixHeader, markIn, nameOf } from './cells.js';

/** Cells of a table. A browser takes seconds for more, and nobody reads them. */
const MOST_TABLE_CELLS = 2_500;

/** The same as a plain table: for screen readers, for copying, for printing. */
export function MatrixTable({
  label,
  data,
  cellText,
}: {
  readonly label: string;
  readonly data: MatrixData;
  /** What stands in a cell beside its mark. */
  readonly cellText: (row: MatrixHeader, column: MatrixHeader) => string;
}) {
  if (data.rows.length * data.columns.length > MOST_TABLE_CELLS) {
    return (
      <p class="matrix-note">
        That would be a table of {data.rows.length} by {data.columns.length} cells. Narrow it down by a source or a
        target first.
      </p>
    );
  }
  return (
    <section class="matrix-table" aria-label={label} tabIndex={0}>
      <table>
        <caption class="visually-hidden">{label}</caption>
        <thead>
          <tr>
            <th scope="col">From \ to</th>
            {data.columns.map((column) => (
              <th key={column.id} scope="col">
                {nameOf(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.map(({ header, cells }) => (
            <tr key={header.id}>
              <th scope="row">{nameOf(header)}</th>
              {data.columns.map((column, index) => (
                <td key={column.id} class={isFaint(cells[index] ?? 0) ? 'matrix-faint' : ''}>
                  <MarkIcon mark={MARK_NAMES[markIn(cells[index] ?? 0)] ?? 'none'} />
                  <span class="visually-hidden">{VERDICTS[markIn(cells[index] ?? 0)]}</span> {cellText(header, column)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const MARK_NAMES: Readonly<Record<number, MarkName>> = {
  [MARK.ok]: 'ok',
  [MARK.failed]: 'failed',
  [MARK.inconclusive]: 'inconclusive',
};

const VERDICTS: Readonly<Record<number, string>> = {
  [MARK.ok]: 'ok',
  [MARK.failed]: 'failed',
  [MARK.inconclusive]: 'inconclusive',
  [MARK.self]: 'itself',
  [MARK.none]: 'not checked',
};
