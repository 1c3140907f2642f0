import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';

/** The text in exactly so many columns: cut off with an ellipsis, or filled up with spaces. */
export function fitTo(text: string, columns: number, ellipsis = '…'): string {
  const cut = cutTo(text, columns, ellipsis);
  return cut + ' '.repeat(Math.max(0, columns - stringWidth(cut)));
}

/** The text in at most so many columns. */
export function cutTo(text: string, columns: number, ellipsis = '…'): string {
  if (stringWidth(text) <= columns) return text;
  for (let room = columns - stringWidth(ellipsis); room >= 0; room -= 1) {
    const cut = `${sliceAnsi(text, 0, room)}${ellipsis}`;
    // slice-ansi keeps a character of two columns of which only the first fits.
    if (stringWidth(cut) <= columns) return cut;
  }
  return '';
}

/** The text in lines of at most so many columns, broken between words; a word that is longer stands alone. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && stringWidth(last) + 1 + stringWidth(word) <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** How many columns a text takes. */
export { stringWidth as columnsOf };

/** Rows of cells, one under the other: each column as wide as its widest cell, but the last. */
export function alignColumns(rows: readonly (readonly string[])[], gap = 2): readonly string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(0, ...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : fitTo(cell, (widths[column] ?? 0) + gap)))
      .join('')
      .trimEnd(),
  );
}

/**
 * The text without control characters. Names of interfaces, hosts and what errors say come from elsewhere, and must not move the cursor or
 * retitle the window.
 */
export function printable(text: string): string {
  // C0, DEL and C1 (ECMA-48), and the marks that turn the direction of writing round (Unicode UAX 9).
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '?');
}
