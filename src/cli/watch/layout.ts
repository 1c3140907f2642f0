/** A part of the screen: a title, unless that is empty, and lines under it. One without lines is left out, unless it takes the rest. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
  /** How many lines it keeps when there is too little room. */
  readonly atLeast: number;
  /** Whether it is the one that gets the room which nobody else needs. */
  readonly takesRest?: boolean;
}

export interface LayoutOptions {
  readonly rows: number;
  readonly title: (text: string) => string;
  /** Stands for the lines that are left out. */
  readonly more: (count: number) => string;
}

/** Puts sections under each other in exactly so many rows. The empty lines between them are the first to go. */
export function layOut(sections: readonly Section[], { rows, title, more }: LayoutOptions): readonly string[] {
  const shown = sections.filter(({ lines, takesRest }) => lines.length > 0 || takesRest === true);
  const titles = shown.filter((section) => section.title !== '').length;
  const needed = shown.reduce(
    (sum, section) => sum + (section.takesRest ? section.atLeast : section.lines.length),
    titles,
  );
  const gap = needed + shown.length - 1 <= rows ? [''] : [];
  const heights = share(shown, rows - titles - gap.length * (shown.length - 1));
  const lines = shown.flatMap((section, index) => [
    ...(index === 0 ? [] : gap),
    ...(section.title === '' ? [] : [title(section.title)]),
    ...cut(section, heights[index] ?? 0, more),
  ]);
  const filled = [...lines, ...Array.from({ length: Math.max(0, rows - lines.length) }, () => '')];
  return filled.slice(0, Math.max(0, rows));
}

/** Everybody gets the minimum, then in turn one line more until all have what they need; what remains goes to the one that takes it. */
function share(sections: readonly Section[], rows: number): readonly number[] {
  const heights = sections.map(({ lines, atLeast, takesRest }) =>
    takesRest ? atLeast : Math.min(lines.length, atLeast),
  );
  const wants = (index: number): boolean => {
    const section = sections[index];
    return section !== undefined && !section.takesRest && (heights[index] ?? 0) < section.lines.length;
  };
  let left = rows - heights.reduce((sum, height) => sum + height, 0);
  while (left > 0 && heights.some((_, index) => wants(index))) {
    for (const [index, height] of heights.entries()) {
      if (left <= 0 || !wants(index)) continue;
      heights[index] = height + 1;
      left -= 1;
    }
  }
  return heights.map((height, index) => (sections[index]?.takesRest ? height + Math.max(0, left) : height));
}

function cut({ lines, takesRest }: Section, height: number, more: LayoutOptions['more']): readonly string[] {
  // Of what has no end it need not be said that there is more.
  if (lines.length <= height || takesRest) return lines.slice(0, height);
  if (height < 1) return [];
  return [...lines.slice(0, height - 1), more(lines.length - height + 1)];
}
