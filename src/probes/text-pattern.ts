import { createContext, Script } from 'node:vm';
import type { OptionRule } from '../options/index.js';
import { escapeText } from './escape-text.js';
import { inconclusive } from './failure.js';
import { ProbeFailedError } from './probe-failed-error.js';

/**
 * What a text must hold: a string, which is looked for as it is, or a regular expression. In a file, where there is no `RegExp`, that is
 * written as `{ regexp: '^SSH-2', flags: 'i' }`.
 */
export type TextPattern = string | RegExp | WrittenPattern;

/** A regular expression as it can stand in a file. */
export interface WrittenPattern {
  /** What would stand between the slashes. */
  readonly regexp: string;
  /** What would stand behind them. @default none */
  readonly flags?: string | undefined;
}

/** Looks for a {@link TextPattern}. */
export interface TextMatcher {
  /** The pattern as it may stand in a message. */
  readonly description: string;
  /** @throws {ProbeFailedError} where a regular expression takes too long over what a peer sent. */
  matches(text: string): boolean;
}

/** @throws {SyntaxError} for a regular expression that is none. */
export function matcherOf(pattern: TextPattern): TextMatcher {
  if (typeof pattern === 'string') {
    return { description: `"${escapeText(pattern, 100)}"`, matches: (text) => text.includes(pattern) };
  }
  const expression = expressionOf(pattern);
  return {
    description: escapeText(String(expression), 100),
    matches: (text) => testInTime(expression, text),
  };
}

export const textPattern: OptionRule = {
  allowed: 'a string that is not empty, a RegExp, or { regexp, flags } with a valid regular expression',
  accepts: isTextPattern,
};

function isTextPattern(value: unknown): value is TextPattern {
  if (typeof value === 'string') return value !== '';
  if (value instanceof RegExp) return true;
  if (typeof value !== 'object' || value === null || !('regexp' in value)) return false;
  const flags = 'flags' in value ? value.flags : undefined;
  if (typeof value.regexp !== 'string' || (flags !== undefined && typeof flags !== 'string')) return false;
  try {
    return new RegExp(value.regexp, flags) instanceof RegExp;
  } catch {
    return false;
  }
}

/** Without `g` and `y`, which make an expression remember where it was. */
function expressionOf(pattern: Exclude<TextPattern, string>): RegExp {
  const [source, flags = ''] =
    pattern instanceof RegExp ? [pattern.source, pattern.flags] : [pattern.regexp, pattern.flags];
  return new RegExp(source, flags.replace(/[gy]/g, ''));
}

/** Milliseconds; plus one for each thousand characters, a tenth of the speed at which a harmless expression is tested. */
const LONGEST_TEST = 100;

const sandbox: { test: (() => boolean) | undefined } = { test: undefined };
let context: object | undefined;
const script = new Script('test()');

/**
 * An expression such as `(a+)+$` takes for ever over the wrong thirty characters, and here it is the peer who chooses those. Nothing but the
 * time limit of `node:vm` interrupts it.
 */
function testInTime(expression: RegExp, text: string): boolean {
  context ??= createContext(sandbox);
  sandbox.test = () => expression.test(text);
  try {
    return script.runInContext(context, { timeout: LONGEST_TEST + Math.ceil(text.length / 1_000) }) === true;
  } catch (error) {
    throw new ProbeFailedError(
      inconclusive(
        'pattern-too-slow',
        `${escapeText(String(expression), 100)} takes too long over what came: ${error}`,
      ),
    );
  } finally {
    sandbox.test = undefined;
  }
}
