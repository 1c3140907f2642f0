import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { codeBlocks } from '../docs/code-blocks.js';
import { ROOT, SUBPATHS } from '../docs/sources.js';

const DOCUMENTS = ['README.md', 'NETWORK_MONITORING.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];

describe.each(DOCUMENTS)('%s', (name) => {
  const text = readFileSync(join(ROOT, name), 'utf8');

  it('has no link to a file or heading that is not there', () => {
    const links = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? '');
    expect(links.filter((link) => !leadsSomewhere(link, name))).toEqual([]);
  });
});

describe('the first example of README.md', () => {
  it('prints what stands below it, but for the time', async () => {
    const [program, printed] = codeBlocks(readFileSync(join(ROOT, 'README.md'), 'utf8'))
      .slice(codeBlockIndex('createRetryer({'))
      .map(({ code }) => code);
    if (program === undefined || printed === undefined) throw new Error('README.md has no example');
    const output = await runProgram(program);
    expect(timeless(output)).toBe(timeless(printed));
  });
});

describe('the examples of NETWORK_MONITORING.md', () => {
  // A bound for a busy machine: the type checker reads the types of every package that they import.
  it('compile', { timeout: 60_000 }, () => {
    const blocks = codeBlocks(readFileSync(join(ROOT, 'NETWORK_MONITORING.md'), 'utf8')).filter(
      ({ language }) => language === 'ts',
    );
    expect(blocks.length).toBeGreaterThan(3);
    expect(compile(blocks.map(({ code }) => code))).toEqual([]);
  });
});

function codeBlockIndex(containing: string): number {
  return codeBlocks(readFileSync(join(ROOT, 'README.md'), 'utf8')).findIndex(({ code }) => code.includes(containing));
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`]*`/g, '');
}

function leadsSomewhere(link: string, from: string): boolean {
  if (/^https?:/.test(link)) return true;
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? join(ROOT, from) : resolve(dirname(join(ROOT, from)), path);
  if (!existsSync(file)) return false;
  return anchor === undefined || headings(readFileSync(file, 'utf8')).includes(anchor);
}

/** The anchors that GitHub makes of headings. */
function headings(markdown: string): readonly string[] {
  return [...withoutCode(markdown).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

async function runProgram(program: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'netpause-docs-'));
  try {
    const file = join(folder, 'first.mts');
    writeFileSync(file, fromSources(program));
    const tsx = pathToFileURL(join(ROOT, 'node_modules/tsx/dist/esm/index.mjs')).href;
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', tsx, file], { timeout: 15_000 });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fromSources(program: string): string {
  return program.replace(/from '(netpause[^']*)'/g, (whole, name: string) => {
    const source = SUBPATHS[name];
    return source === undefined ? whole : `from '${pathToFileURL(source).href}'`;
  });
}

function timeless(output: string): string {
  return output.trim().replace(/\d+ ms/g, '… ms');
}

function compile(programs: readonly string[]): readonly string[] {
  const files = new Map(
    programs.map((code, index) => [join(ROOT, 'test', `example-${index}.ts`), `${code}\nexport {};\n`]),
  );
  const options: ts.CompilerOptions = {
    ...ts.parseJsonConfigFileContent(
      ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => readFileSync(path, 'utf8')).config,
      ts.sys,
      ROOT,
    ).options,
    noEmit: true,
    noUnusedLocals: false,
    noUnusedParameters: false,
    paths: Object.fromEntries(Object.entries(SUBPATHS).map(([name, source]) => [name, [source]])),
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.getSourceFile = (path, ...more) => {
    const code = files.get(path);
    return code === undefined ? getSourceFile(path, ...more) : ts.createSourceFile(path, code, ts.ScriptTarget.ES2022);
  };
  // Of what is bundled before the sources are, the types stand there.
  const declarations = join(ROOT, 'src/ring/registry/dashboard-module.d.ts');
  return ts
    .getPreEmitDiagnostics(ts.createProgram([...files.keys(), declarations], options, host))
    .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}
