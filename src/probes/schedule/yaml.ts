import { Lexer, Parser } from 'yaml';

// Loaded when it is first needed. A bundler that turns a dynamic import of this CommonJS package into a chunk gives it a default export alone;
// an import of this file has the names in every build.
export { type Document, LineCounter, parseDocument } from 'yaml';

/** Whether things stand more than so many deep within each other. Other than the composer of a document, lexer and parser do not recurse. */
export function isDeeperThan(depth: number, text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme));
    // Each thing that is not finished stands on the stack of the parser, and so does the document.
    if (parser.stack.length > depth + 1) return true;
  }
  return false;
}
