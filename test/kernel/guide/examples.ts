import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CodeBlock, codeBlocks } from '../../docs/code-blocks.js';
import { ROOT } from '../../docs/sources.js';

/** A code block of a document that users may copy and run. */
export interface Program {
  /** Where it stands: `'README.md, line 73'`. */
  readonly title: string;
  readonly code: string;
  /** The files that it starts, by name: the blocks behind it that begin with a comment like `// worker.js`. */
  readonly files: Readonly<Record<string, string>>;
}

/** A code block that shows a part of a test. */
export interface TestExcerpt {
  readonly title: string;
  readonly code: string;
}

/** The code blocks of a document in JavaScript and TypeScript. */
export interface Examples {
  readonly programs: readonly Program[];
  readonly excerpts: readonly TestExcerpt[];
}

/** @param document its path from the checkout's root. */
export function examplesOf(document: string): Examples {
  const blocks = codeBlocks(readFileSync(join(ROOT, document), 'utf8')).filter(({ language }) =>
    ['js', 'ts'].includes(language),
  );
  const title = ({ line }: CodeBlock): string => `${document}, line ${line}`;
  const programs: Program[] = [];
  for (const block of blocks.filter((block) => !isTest(block))) {
    const name = fileName(block);
    const starter = programs.at(-1);
    if (name === undefined) programs.push({ title: title(block), code: block.code, files: {} });
    else if (starter === undefined) throw new Error(`${title(block)}: no program stands before the file ${name}`);
    else programs[programs.length - 1] = { ...starter, files: { ...starter.files, [name]: block.code } };
  }
  return { programs, excerpts: blocks.filter(isTest).map((block) => ({ title: title(block), code: block.code })) };
}

/** The lines of an excerpt that are not in a test file, each behind the one before. Imports and declarations may be spelled otherwise. */
export function linesMissing({ code }: TestExcerpt, testFile: string): readonly string[] {
  const rest = statements(testFile);
  return statements(code).filter((line) => {
    const index = rest.indexOf(line);
    rest.splice(0, index + 1);
    return index === -1;
  });
}

function isTest({ code }: CodeBlock): boolean {
  return /from '(vitest|@jest\/globals|node:test)'|\b(vi|jest)\./.test(code);
}

function fileName({ code }: CodeBlock): string | undefined {
  return /^\/\/ ([\w-]+\.js)\n/.exec(code)?.[1];
}

/** Lines without their indentation. A test file declares in one place what it sets in another. */
function statements(code: string): string[] {
  return code
    .split('\n')
    .map((line) => line.trim().replace(/^(const|let) /, ''))
    .filter((line) => line !== '' && !line.startsWith('import '));
}
