import { readFile } from 'node:fs/promises';
import { type Document, isNode, isPair, isScalar, LineCounter, parseDocument } from 'yaml';
import { type InvalidOptionError, toError } from '../../errors/index.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import { printable } from '../text/fit.js';
import { explainFile } from './explain-file.js';
import { unknownKeyIn } from './unknown-key.js';

/**
 * The text of a file.
 *
 * @param owner the flag that names it, for errors.
 * @throws {CliError}
 */
export async function readTextFile(path: string, owner?: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const flag = owner === undefined ? '' : `${owner}: `;
    throw new CliError(`${flag}${explainFile(path, error)}`, EXIT.usage, { cause: error });
  }
}

/** Keys that lead to a value. */
export type YamlPath = readonly PropertyKey[];

/** A file in YAML, and where in it what stands. */
export class YamlFile {
  readonly #path: string;
  readonly #lines = new LineCounter();
  readonly #document: Document;

  /** @throws {CliError} where it is no YAML. */
  constructor(text: string, path: string) {
    this.#path = path;
    try {
      this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    } catch (error) {
      // What is nested thousands deep overflows the stack of the parser.
      throw this.#complaint('', `is no YAML: ${toError(error).message}`, error);
    }
    const [problem] = [...this.#document.errors, ...this.#document.warnings];
    if (problem !== undefined) throw this.#complaint(`:${this.#lines.linePos(problem.pos[0]).line}`, problem.message);
  }

  /**
   * What it says, without what is null.
   *
   * @throws {CliError}
   */
  value(): unknown {
    try {
      return withoutNulls(this.#document.toJS());
    } catch (error) {
      throw this.#complaint('', `is no YAML that can be used: ${toError(error).message}`, error);
    }
  }

  has(path: YamlPath): boolean {
    return this.#document.getIn(path) !== undefined;
  }

  /** `'registry.yaml:4: registry.server.host'` */
  placeOf(path: YamlPath): string {
    const line = this.#lineOf(path);
    const place = line === undefined ? this.#path : `${this.#path}:${line}`;
    return printable(path.length === 0 ? place : `${place}: ${path.map(String).join('.')}`);
  }

  complaint(path: YamlPath, problem: string, cause?: unknown): CliError {
    const separator = path.length === 0 ? ':' : '';
    return new CliError(printable(`${this.placeOf(path)}${separator} ${problem}`), EXIT.usage, { cause });
  }

  /** What is wrong with a value, by an error that names its path as `'expected_members.locations["a b"].count'`. */
  complaintAbout(error: InvalidOptionError): CliError {
    const path = pathIn(error.option);
    const line = this.#lineOf(path);
    const unknown = unknownKeyIn(String(path.at(-1)), error.allowed);
    const problem = unknown === undefined ? error.message : `${error.option} ${unknown}`;
    return this.#complaint(line === undefined ? '' : `:${line}`, problem, error);
  }

  #complaint(line: string, problem: string, cause?: unknown): CliError {
    return new CliError(printable(`${this.#path}${line}: ${problem}`), EXIT.usage, { cause });
  }

  /** Of the key, or of the nearest one around it that is there. */
  #lineOf(path: YamlPath): number | undefined {
    const parent: unknown = path.length <= 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true);
    const offset = keyOffset(parent, path.at(-1)) ?? offsetOf(this.#document.getIn(path, true));
    if (offset !== undefined) return this.#lines.linePos(offset).line;
    return path.length === 0 ? undefined : this.#lineOf(path.slice(0, -1));
  }
}

function pathIn(text: string): YamlPath {
  return [...text.matchAll(/(?:^|\.)([\w-]+)|\[("(?:[^"\\]|\\.)*")\]/g)].map(([, plain, quoted]) =>
    quoted === undefined ? (plain ?? '') : String(JSON.parse(quoted)),
  );
}

/** Where a key of a mapping begins. */
function keyOffset(mapping: unknown, key: PropertyKey | undefined): number | undefined {
  const items: unknown = isNode(mapping) && 'items' in mapping ? mapping.items : undefined;
  const pairs: unknown[] = Array.isArray(items) ? items : [];
  const found = pairs.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key);
  return isPair(found) ? offsetOf(found.key) : undefined;
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? (node.range?.[0] ?? undefined) : undefined;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  const given = Object.entries(value).filter(([, each]: [string, unknown]) => each !== null && each !== undefined);
  return Object.fromEntries(given.map(([key, each]: [string, unknown]) => [key, withoutNulls(each)]));
}
