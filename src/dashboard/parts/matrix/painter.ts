import { isFaint, levelIn, MARK, type MatrixData, type MatrixHeader, markIn, nameOf } from './cells.js';
import { type MatrixLayout, visibleRange } from './layout.js';
import { type MatrixColors, Sprites } from './sprites.js';

/** How a matrix looks. */
export interface MatrixStyle {
  readonly cells: MatrixColors;
  readonly surface: string;
  readonly text: string;
  /** On cells that are ok, by level. */
  readonly onOk: readonly string[];
  readonly font: string;
  /** Pixels of a line of text. */
  readonly line: number;
}

/** The part of a matrix that is seen. */
export interface MatrixWindow {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Device pixels for one CSS pixel. */
  readonly scale: number;
}

/** What stands in a cell. */
export type TextOf = (row: MatrixHeader, column: MatrixHeader) => string;

/** What one drawing took, for whoever measures it. */
export interface PaintedWork {
  readonly cells: number;
  readonly isComplete: boolean;
}

/**
 * Draws a matrix: what can be seen of it, whatever there is. After a change of data only the rows are drawn whose cells are others than before.
 */
export class MatrixPainter {
  readonly #context: CanvasRenderingContext2D;
  #sprites: Sprites | undefined;
  #key = '';
  #drawn: { readonly columns: readonly MatrixHeader[]; readonly rows: readonly Uint8Array[] } | undefined;

  constructor(context: CanvasRenderingContext2D) {
    this.#context = context;
  }

  paint(data: MatrixData, layout: MatrixLayout, seen: MatrixWindow, style: MatrixStyle, textOf: TextOf): PaintedWork {
    const key = JSON.stringify([layout, seen, style]);
    const before = this.#drawn;
    const hasTexts = layout.cellWidth >= style.line * 2.3 && layout.cellHeight >= style.line * 1.2;
    const isComplete =
      hasTexts ||
      key !== this.#key ||
      before === undefined ||
      before.columns !== data.columns ||
      before.rows.length !== data.rows.length ||
      !this.#hasSameNames(data);
    if (isComplete) this.#begin(layout, seen, style, key);
    const cells = this.#paintRows(data, layout, seen, style, isComplete ? undefined : before?.rows);
    if (hasTexts) this.#paintTexts(data, layout, seen, style, textOf);
    if (isComplete) this.#paintNames(data, layout, seen, style);
    this.#drawn = { columns: data.columns, rows: data.rows.map((row) => row.cells) };
    this.#names = data.rows.map((row) => row.header);
    return { cells, isComplete };
  }

  #names: readonly MatrixHeader[] = [];

  #hasSameNames(data: MatrixData): boolean {
    return data.rows.every(({ header }, index) => header === this.#names[index]);
  }

  #begin(layout: MatrixLayout, { width, height, scale }: MatrixWindow, style: MatrixStyle, key: string): void {
    const { canvas } = this.#context;
    const [deviceWidth, deviceHeight] = [
      Math.max(1, Math.round(width * scale)),
      Math.max(1, Math.round(height * scale)),
    ];
    if (canvas.width !== deviceWidth) canvas.width = deviceWidth;
    if (canvas.height !== deviceHeight) canvas.height = deviceHeight;
    this.#context.setTransform(scale, 0, 0, scale, 0, 0);
    this.#context.fillStyle = style.surface;
    this.#context.fillRect(0, 0, width, height);
    this.#sprites = new Sprites(layout.cellWidth, layout.cellHeight, scale, style.cells);
    this.#key = key;
  }

  #paintRows(
    data: MatrixData,
    layout: MatrixLayout,
    seen: MatrixWindow,
    style: MatrixStyle,
    before: readonly Uint8Array[] | undefined,
  ): number {
    const { gutterLeft, gutterTop, cellWidth, cellHeight } = layout;
    const [firstRow, endRow] = visibleRange(seen.top, seen.height - gutterTop, cellHeight, data.rows.length);
    const [first, end] = visibleRange(seen.left, seen.width - gutterLeft, cellWidth, data.columns.length);
    const context = this.#context;
    context.save();
    context.beginPath();
    context.rect(gutterLeft, gutterTop, seen.width, seen.height);
    context.clip();
    let painted = 0;
    for (let row = firstRow; row < endRow; row += 1) {
      const cells = data.rows[row]?.cells;
      if (cells === undefined || before?.[row] === cells) continue;
      const y = gutterTop + row * cellHeight - seen.top;
      const old = before?.[row];
      for (let column = first; column < end; column += 1) {
        const cell = cells[column] ?? 0;
        if (old !== undefined && old[column] === cell) continue;
        const x = gutterLeft + column * cellWidth - seen.left;
        if (old !== undefined) {
          context.fillStyle = style.surface;
          context.fillRect(x, y, cellWidth, cellHeight);
        }
        const sprite = this.#sprites?.of(cell);
        if (sprite !== undefined) context.drawImage(sprite, x, y, cellWidth, cellHeight);
        painted += 1;
      }
    }
    context.restore();
    return painted;
  }

  #paintTexts(data: MatrixData, layout: MatrixLayout, seen: MatrixWindow, style: MatrixStyle, textOf: TextOf): void {
    const { gutterLeft, gutterTop, cellWidth, cellHeight } = layout;
    const context = this.#context;
    context.save();
    context.beginPath();
    context.rect(gutterLeft, gutterTop, seen.width, seen.height);
    context.clip();
    context.font = `${Math.round(style.line * 0.78)}px ${style.font}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    for (const [row, { header, cells }] of data.rows.entries()) {
      const y = gutterTop + (row + 0.5) * cellHeight - seen.top;
      if (y < gutterTop - cellHeight || y > seen.height + cellHeight) continue;
      for (const [index, column] of data.columns.entries()) {
        const cell = cells[index] ?? 0;
        if (markIn(cell) !== MARK.ok || isFaint(cell)) continue;
        context.fillStyle = style.onOk[levelIn(cell)] ?? style.text;
        const text = textOf(header, column);
        const x = gutterLeft + (index + 0.5) * cellWidth - seen.left;
        if (context.measureText(text).width < cellWidth - 6) context.fillText(text, x, y + 0.5);
      }
    }
    context.restore();
  }

  #paintNames(data: MatrixData, layout: MatrixLayout, seen: MatrixWindow, style: MatrixStyle): void {
    const context = this.#context;
    context.save();
    context.font = `${Math.round(style.line * 0.8)}px ${style.font}`;
    context.textBaseline = 'middle';
    context.fillStyle = style.text;
    const rows = labelsOf(
      data.rows.map(({ header }) => header),
      layout.cellHeight,
      style.line,
    );
    context.beginPath();
    context.rect(0, layout.gutterTop, layout.gutterLeft, seen.height);
    context.clip();
    context.textAlign = 'right';
    for (const { text, center } of rows) {
      const y = layout.gutterTop + center * layout.cellHeight - seen.top;
      if (y < layout.gutterTop - style.line || y > seen.height + style.line) continue;
      context.fillText(
        clipped(context, text, layout.gutterLeft - style.line * 0.6),
        layout.gutterLeft - style.line * 0.4,
        y,
      );
    }
    context.restore();
    this.#paintColumnNames(data, layout, seen, style);
  }

  /** Slanting, so that they need not be wide. */
  #paintColumnNames(data: MatrixData, layout: MatrixLayout, seen: MatrixWindow, style: MatrixStyle): void {
    const context = this.#context;
    context.save();
    context.beginPath();
    context.rect(0, 0, seen.width, layout.gutterTop);
    context.clip();
    context.font = `${Math.round(style.line * 0.8)}px ${style.font}`;
    context.textBaseline = 'middle';
    context.fillStyle = style.text;
    for (const { text, center } of labelsOf(data.columns, layout.cellWidth, style.line)) {
      const x = layout.gutterLeft + center * layout.cellWidth - seen.left;
      if (x < layout.gutterLeft || x > seen.width + layout.gutterTop) continue;
      context.save();
      context.translate(x, layout.gutterTop - style.line * 0.4);
      context.rotate(-SLANT);
      context.fillText(clipped(context, text, (layout.gutterTop - style.line) / Math.sin(SLANT)), 0, 0);
      context.restore();
    }
    context.restore();
  }
}

const SLANT = Math.PI / 3;

interface Label {
  readonly text: string;
  /** In cells. */
  readonly center: number;
}

/** A name for each row or column where there is room; else one for each group of the same name, if there is room for that. */
function labelsOf(headers: readonly MatrixHeader[], size: number, line: number): readonly Label[] {
  if (size >= line * 0.72) {
    return headers.map((header, index) => ({
      text: nameOf(header),
      center: index + 0.5,
    }));
  }
  const groups: { readonly text: string; readonly first: number; count: number }[] = [];
  for (const [index, { label }] of headers.entries()) {
    const last = groups.at(-1);
    if (last?.text === label) last.count += 1;
    else groups.push({ text: label, first: index, count: 1 });
  }
  // Where not all fit, every second one, or every third: evenly, so that it can be seen that some are left out.
  let free = Number.NEGATIVE_INFINITY;
  return groups.flatMap(({ text, first, count }) => {
    const center = first + count / 2;
    if ((center - free) * size < line * 0.95) return [];
    free = center;
    return [{ text, center }];
  });
}

function clipped(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > room) end -= 1;
  return `${text.slice(0, end)}…`;
}
