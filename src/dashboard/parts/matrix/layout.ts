/** Where things are in a matrix, in CSS pixels. */
export interface MatrixLayout {
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** Of the names at the left and at the top. */
  readonly gutterLeft: number;
  readonly gutterTop: number;
  /** Of all rows and columns, with the names. */
  readonly width: number;
  readonly height: number;
}

export interface LayoutInput {
  readonly columns: number;
  readonly rows: number;
  /** Pixels that there are. */
  readonly available: number;
  /** Pixels of the longest name. */
  readonly longestLabel: number;
  /** Pixels of a line of text. */
  readonly line: number;
  /** 1: all columns fit, where they can; more is larger. */
  readonly zoom: number;
}

/** Smaller ones could not be told apart. */
const SMALLEST = 4;

/** As large as it can be, and as small as it must be, so that all columns fit. */
export function layoutOf({ columns, rows, available, longestLabel, line, zoom }: LayoutInput): MatrixLayout {
  const guess = Math.floor(available / Math.max(1, columns + 3)) * zoom;
  const hasNames = guess >= line * NAMED_FROM;
  const mostGutter = hasNames ? Math.max(3 * line, available * 0.3) : Math.min(available * 0.16, 9 * line);
  const gutterLeft = Math.ceil(Math.min(longestLabel + line, mostGutter));
  const gutterTop = Math.ceil(Math.min(longestLabel * SLOPE + line * 1.7, hasNames ? line * 8 : line * 5));
  // The last name slants beyond its column.
  const gutterRight = Math.ceil(gutterTop / 2);
  const room = (available - gutterLeft - gutterRight) / Math.max(1, columns);
  const cellWidth = Math.max(SMALLEST, Math.floor(Math.min(line * (columns <= 8 ? 6.5 : 4.8), room) * zoom));
  const cellHeight = Math.max(
    SMALLEST,
    Math.min(cellWidth, Math.floor(line * (rows <= 8 ? 2.6 : 2) * Math.max(1, zoom / 2))),
  );
  return {
    cellWidth,
    cellHeight,
    gutterLeft,
    gutterTop,
    width: gutterLeft + cellWidth * columns + gutterRight,
    height: gutterTop + cellHeight * rows,
  };
}

/** Lines of text that a cell must have for each row and column to be named. */
const NAMED_FROM = 0.72;

/** Of a name that slants by 60°, how high it is. */
const SLOPE = 0.87;

/** A cell by its row and column. */
export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

/**
 * @param x of the matrix, with the names; @param y the same.
 * @returns the cell there; undefined on a name, or beside it all.
 */
export function cellAt(
  layout: MatrixLayout,
  rows: number,
  columns: number,
  x: number,
  y: number,
): CellPlace | undefined {
  const column = Math.floor((x - layout.gutterLeft) / layout.cellWidth);
  const row = Math.floor((y - layout.gutterTop) / layout.cellHeight);
  return row >= 0 && column >= 0 && row < rows && column < columns ? { row, column } : undefined;
}

/** Which rows or columns can be seen. */
export function visibleRange(
  scroll: number,
  room: number,
  size: number,
  count: number,
): readonly [first: number, end: number] {
  const first = Math.max(0, Math.floor(scroll / size));
  return [Math.min(first, count), Math.min(count, Math.ceil((scroll + Math.max(0, room)) / size))];
}

/** The cell that a key leads to; undefined for keys that lead nowhere. */
export function cellAfterKey(
  { row, column }: CellPlace,
  key: string,
  isFar: boolean,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): CellPlace | undefined {
  const moves: Readonly<Record<string, CellPlace>> = {
    ArrowUp: { row: row - 1, column },
    ArrowDown: { row: row + 1, column },
    ArrowLeft: { row, column: column - 1 },
    ArrowRight: { row, column: column + 1 },
    PageUp: { row: row - 10, column },
    PageDown: { row: row + 10, column },
    Home: { row: isFar ? 0 : row, column: 0 },
    End: { row: isFar ? rows - 1 : row, column: columns - 1 },
  };
  const moved = Object.hasOwn(moves, key) ? moves[key] : undefined;
  if (moved === undefined) return undefined;
  return {
    row: Math.max(0, Math.min(rows - 1, moved.row)),
    column: Math.max(0, Math.min(columns - 1, moved.column)),
  };
}
