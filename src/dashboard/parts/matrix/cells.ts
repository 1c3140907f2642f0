/** What a cell of a matrix looks like. Each has a shape of its own, so that nobody needs the colour. */
export const MARK = { none: 0, self: 1, ok: 2, failed: 3, inconclusive: 4 } as const;

export type Mark = (typeof MARK)[keyof typeof MARK];

/** A cell in one byte: three bits of mark, two of level, one for what is filtered out, one for what is old. */
export function cellOf(mark: Mark, level = 0, isFaint = false, isOld = false): number {
  return mark | (level << 3) | (isFaint ? FAINT : 0) | (isOld ? OLD : 0);
}

const FAINT = 32;
const OLD = 64;

export function markIn(cell: number): number {
  return cell & 7;
}

/** 1 to 3: how slow; 0 where that is not known. */
export function levelIn(cell: number): number {
  return (cell >> 3) & 3;
}

export function isFaint(cell: number): boolean {
  return (cell & FAINT) !== 0;
}

/** Whether it tells what was, and nobody knows what is. */
export function isOld(cell: number): boolean {
  return (cell & OLD) !== 0;
}

/** A row or a column. */
export interface MatrixHeader {
  readonly id: string;
  readonly label: string;
  /** What it is told by beside, where labels are alike. */
  readonly detail: string;
}

/** As it is called: an id that begins with the location says all. */
export function nameOf({ label, detail }: MatrixHeader): string {
  if (detail === '') return label;
  return detail.startsWith(label) ? detail : `${label} · ${detail}`;
}

/** A row, with a cell for each column. The cells stay the same object for as long as they are the same. */
export interface MatrixRowData {
  readonly header: MatrixHeader;
  readonly cells: Uint8Array;
}

/** All of it. */
export interface MatrixData {
  readonly columns: readonly MatrixHeader[];
  readonly rows: readonly MatrixRowData[];
}

/** How often each mark stands in rows; of those that are not faint. */
export function countMarks(rows: readonly MatrixRowData[]): Readonly<Record<keyof typeof MARK, number>> {
  const counts = new Uint32Array(8);
  for (const { cells } of rows) {
    for (const cell of cells) if (!isFaint(cell)) counts[markIn(cell)] = (counts[markIn(cell)] ?? 0) + 1;
  }
  const count = (mark: number): number => counts[mark] ?? 0;
  return {
    none: count(MARK.none),
    self: count(MARK.self),
    ok: count(MARK.ok),
    failed: count(MARK.failed),
    inconclusive: count(MARK.inconclusive),
  };
}
