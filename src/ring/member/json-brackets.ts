/** Whether a JSON text opens more lists and objects than so many; what stands in strings does not count. */
export function hasMoreBrackets(text: string, most: number): boolean {
  let count = 0;
  let isInString = false;
  for (let index = 0; index < text.length && count <= most; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) isInString = !isInString;
    else if (isInString && code === BACKSLASH) index += 1;
    else if (!isInString && (code === BRACKET || code === BRACE)) count += 1;
  }
  return count > most;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
const BRACE = 0x7b;
