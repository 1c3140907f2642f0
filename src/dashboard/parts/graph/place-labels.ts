/** A label that there may be room for. Pixels of the screen. */
export interface LabelBox {
  readonly id: string;
  /** The middle of its upper edge. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Of labels, those that there is room for: none lies on another. The first ones have precedence. */
export function placeLabels(boxes: readonly LabelBox[]): ReadonlySet<string> {
  // By cells as high as a label, so that each is compared with its neighbours alone.
  const rows = new Map<number, LabelBox[]>();
  const placed = new Set<string>();
  for (const box of boxes) {
    const span = rowsOf(box);
    if (span.some((row) => rows.get(row)?.some((other) => isOver(box, other)))) continue;
    placed.add(box.id);
    for (const row of span) {
      const known = rows.get(row);
      if (known === undefined) rows.set(row, [box]);
      else known.push(box);
    }
  }
  return placed;
}

const ROW = 16;

function rowsOf({ y, height }: LabelBox): readonly number[] {
  const first = Math.floor(y / ROW);
  return Array.from({ length: Math.floor((y + height) / ROW) - first + 1 }, (_, index) => first + index);
}

function isOver(a: LabelBox, b: LabelBox): boolean {
  const isBeside = Math.abs(a.x - b.x) >= (a.width + b.width) / 2;
  return !isBeside && a.y < b.y + b.height && b.y < a.y + a.height;
}
