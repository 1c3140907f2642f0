import './matrix.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type ElementSize, useSize } from '../measure/use-size.js';
import { Popover } from '../shell/popover.js';
import { boxOf } from '../shell/use.js';
import { type MatrixData, type MatrixHeader, nameOf } from './cells.js';
import { type CellPlace, cellAfterKey, cellAt, layoutOf, type MatrixLayout } from './layout.js';
import { MatrixPainter, type MatrixStyle } from './painter.js';
import { matrixStyleOf } from './style-of.js';

export interface MatrixProps {
  /** What it is of, for those who do not see it. */
  readonly label: string;
  readonly data: MatrixData;
  /** 1: as large as fits. */
  readonly zoom: number;
  /** What is drawn with other colours when it changes. */
  readonly theme: string;
  /** A sentence about a cell. */
  readonly describe: (row: MatrixHeader, column: MatrixHeader) => string;
  /** What is shown beside a cell. */
  readonly tooltip: (row: MatrixHeader, column: MatrixHeader) => ComponentChildren;
  readonly onChoose: (row: MatrixHeader, column: MatrixHeader) => void;
  /** What stands in a cell that is ok, where there is room for it. */
  readonly textOf: (row: MatrixHeader, column: MatrixHeader) => string;
}

const NO_SIZE: ElementSize = { width: 0, height: 0 };

/**
 * A matrix of many cells. It is drawn; beside the drawing stands a grid (ARIA 1.2) of which only the row exists that has the current cell, so that a
 * screen reader and a keyboard find in it what eyes and mice do.
 */
export function Matrix({ label, data, zoom, theme, describe, tooltip, onChoose, textOf }: MatrixProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSize(scroller) ?? NO_SIZE;
  const style = useStyle(scroller, theme);
  const layout = useLayout(data, size.width, zoom, style);
  const [scroll, setScroll] = useState({ left: 0, top: 0 });
  const [current, setCurrent] = useState<CellPlace>({ row: 0, column: 0 });
  const [pointed, setPointed] = useState<CellPlace>();
  const [isFocused, setFocused] = useState(false);
  const [isDismissed, setDismissed] = useState(false);
  const counts = { rows: data.rows.length, columns: data.columns.length };
  const here = within(current, counts);
  const shown = isDismissed ? undefined : (pointed ?? (isFocused ? here : undefined));

  usePainting(canvas, data, layout, { ...scroll, ...size }, style, textOf);

  const move = (place: CellPlace): void => {
    setCurrent(place);
    setPointed(undefined);
    setDismissed(false);
    if (scroller.current !== null && layout !== undefined) reveal(scroller.current, layout, place);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') setDismissed(true);
    const [row, column] = [data.rows[here.row]?.header, data.columns[here.column]];
    if ((event.key === 'Enter' || event.key === ' ') && row !== undefined && column !== undefined) {
      event.preventDefault();
      onChoose(row, column);
    }
    const next = event.altKey || event.metaKey ? undefined : cellAfterKey(here, event.key, event.ctrlKey, counts);
    if (next === undefined) return;
    event.preventDefault();
    move(next);
  };
  const placeOf = (event: MouseEvent): CellPlace | undefined => {
    if (layout === undefined || canvas.current === null) return undefined;
    const { left, top } = canvas.current.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    if (x < layout.gutterLeft || y < layout.gutterTop) return undefined;
    return cellAt(layout, counts.rows, counts.columns, x + scroll.left, y + scroll.top);
  };
  const point = (event: PointerEvent): void => {
    if (event.pointerType === 'touch') return;
    const place = placeOf(event);
    if (place?.row === pointed?.row && place?.column === pointed?.column) return;
    setPointed(place);
    setDismissed(false);
  };
  const choose = (event: MouseEvent): void => {
    const place = placeOf(event);
    const [row, column] = [data.rows[place?.row ?? -1]?.header, data.columns[place?.column ?? -1]];
    if (place === undefined || row === undefined || column === undefined) return;
    setCurrent(place);
    onChoose(row, column);
  };
  const about = shown === undefined ? undefined : headersAt(data, shown);

  return (
    <div class="matrix" onPointerLeave={() => setPointed(undefined)}>
      <div
        ref={scroller}
        class="matrix-scroller"
        role="grid"
        aria-label={label}
        aria-rowcount={counts.rows + 1}
        aria-colcount={counts.columns + 1}
        aria-readonly="true"
        aria-activedescendant={counts.rows > 0 && counts.columns > 0 ? 'matrix-cell' : undefined}
        // It scrolls, and its cells are walked through.
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={() => {
          setFocused(true);
          setDismissed(false);
        }}
        onBlur={() => setFocused(false)}
        onScroll={({ currentTarget }) => setScroll({ left: currentTarget.scrollLeft, top: currentTarget.scrollTop })}
        onPointerMove={point}
        onClick={choose}
      >
        <div class="matrix-room" style={layout && boxOf({ width: layout.width, height: layout.height })}>
          <canvas ref={canvas} class="matrix-canvas" aria-hidden="true" />
        </div>
        <CurrentCell data={data} place={here} describe={describe} />
      </div>
      {layout !== undefined && shown !== undefined && about !== undefined && (
        <>
          <Cross layout={layout} place={shown} scroll={scroll} size={size} isFocus={pointed === undefined} />
          <Popover
            id="matrix-tooltip"
            anchor={anchorOf(layout, shown, scroll)}
            room={size}
            onDismiss={() => setDismissed(true)}
          >
            {tooltip(...about)}
          </Popover>
        </>
      )}
    </div>
  );
}

/** What a screen reader finds of the grid: the names of the current column and row, and the cell. */
function CurrentCell({
  data,
  place,
  describe,
}: Pick<MatrixProps, 'data' | 'describe'> & { readonly place: CellPlace }) {
  const about = headersAt(data, place);
  if (about === undefined) return null;
  const [row, column] = about;
  return (
    <div class="visually-hidden" role="rowgroup">
      <div role="row" aria-rowindex={1}>
        <span role="columnheader" aria-colindex={place.column + 2}>
          {nameOf(column)}
        </span>
      </div>
      <div role="row" aria-rowindex={place.row + 2}>
        <span role="rowheader" aria-colindex={1}>
          {nameOf(row)}
        </span>
        <span role="gridcell" id="matrix-cell" aria-colindex={place.column + 2} aria-selected="true">
          {describe(row, column)}
        </span>
      </div>
    </div>
  );
}

/** Leads the eye from a cell to the names of its row and column. */
function Cross({
  layout,
  place,
  scroll,
  size,
  isFocus,
}: {
  readonly layout: MatrixLayout;
  readonly place: CellPlace;
  readonly scroll: { readonly left: number; readonly top: number };
  readonly size: ElementSize;
  readonly isFocus: boolean;
}) {
  const left = layout.gutterLeft + place.column * layout.cellWidth - scroll.left;
  const top = layout.gutterTop + place.row * layout.cellHeight - scroll.top;
  if (left < layout.gutterLeft - layout.cellWidth || top < layout.gutterTop - layout.cellHeight) return null;
  if (left > size.width || top > size.height) return null;
  return (
    <div class="matrix-cross" aria-hidden="true">
      <div
        class="matrix-band"
        style={boxOf({ left: 0, top, width: Math.min(size.width, layout.width), height: layout.cellHeight })}
      />
      <div
        class="matrix-band"
        style={boxOf({ left, top: 0, width: layout.cellWidth, height: Math.min(size.height, layout.height) })}
      />
      <div
        class={isFocus ? 'matrix-now matrix-now-focus' : 'matrix-now'}
        style={boxOf({ left, top, width: layout.cellWidth, height: layout.cellHeight })}
      />
    </div>
  );
}

function useStyle(element: { readonly current: HTMLElement | null }, theme: string): MatrixStyle | undefined {
  const [style, setStyle] = useState<MatrixStyle>();
  // The theme is what it depends on.
  useLayoutEffect(() => {
    if (element.current !== null) setStyle(matrixStyleOf(element.current));
  }, [theme]);
  return style;
}

function useLayout(
  { columns, rows }: MatrixData,
  available: number,
  zoom: number,
  style: MatrixStyle | undefined,
): MatrixLayout | undefined {
  const longestLabel = useMemo(() => {
    const names = [...columns, ...rows.map(({ header }) => header)];
    const longest = names.reduce((most, header) => Math.max(most, nameOf(header).length), 4);
    // An estimate: what is longer is cut.
    return Math.min(longest, 28) * (style?.line ?? 16) * 0.46;
  }, [columns, rows.length, style]);
  const count = { columns: columns.length, rows: rows.length };
  return useMemo(
    () =>
      style === undefined || available === 0
        ? undefined
        : layoutOf({ columns: count.columns, rows: count.rows, available, longestLabel, line: style.line, zoom }),
    [count.columns, count.rows, available, longestLabel, style, zoom],
  );
}

function usePainting(
  canvas: { readonly current: HTMLCanvasElement | null },
  data: MatrixData,
  layout: MatrixLayout | undefined,
  seen: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
  style: MatrixStyle | undefined,
  textOf: MatrixProps['textOf'],
): void {
  const painter = useRef<MatrixPainter | undefined>(undefined);
  useEffect(() => {
    const { current } = canvas;
    const context = current?.getContext('2d', { alpha: false });
    if (!current || !context || layout === undefined || style === undefined) return;
    painter.current ??= new MatrixPainter(context);
    const [width, height] = [Math.min(seen.width, layout.width), Math.min(seen.height, layout.height)];
    current.style.width = `${width}px`;
    current.style.height = `${height}px`;
    const work = painter.current.paint(
      data,
      layout,
      { left: seen.left, top: seen.top, width, height, scale: devicePixelRatio },
      style,
      textOf,
    );
    current.dispatchEvent(new CustomEvent('painted', { detail: work, bubbles: true }));
  });
}

function headersAt(data: MatrixData, { row, column }: CellPlace): readonly [MatrixHeader, MatrixHeader] | undefined {
  const [rowHeader, columnHeader] = [data.rows[row]?.header, data.columns[column]];
  return rowHeader === undefined || columnHeader === undefined ? undefined : [rowHeader, columnHeader];
}

function within({ row, column }: CellPlace, counts: { readonly rows: number; readonly columns: number }): CellPlace {
  return {
    row: Math.max(0, Math.min(row, counts.rows - 1)),
    column: Math.max(0, Math.min(column, counts.columns - 1)),
  };
}

function anchorOf(layout: MatrixLayout, place: CellPlace, scroll: { readonly left: number; readonly top: number }) {
  return {
    left: layout.gutterLeft + place.column * layout.cellWidth - scroll.left,
    top: layout.gutterTop + place.row * layout.cellHeight - scroll.top,
    width: layout.cellWidth,
    height: layout.cellHeight,
  };
}

/** So that the keyboard does not lead out of sight. */
function reveal(scroller: HTMLElement, layout: MatrixLayout, { row, column }: CellPlace): void {
  const [x, y] = [column * layout.cellWidth, row * layout.cellHeight];
  const roomX = scroller.clientWidth - layout.gutterLeft - layout.cellWidth;
  const roomY = scroller.clientHeight - layout.gutterTop - layout.cellHeight;
  scroller.scrollLeft = Math.max(x - roomX, Math.min(scroller.scrollLeft, x));
  scroller.scrollTop = Math.max(y - roomY, Math.min(scroller.scrollTop, y));
}
