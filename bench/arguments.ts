import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Part, Scale } from './part.js';
import { CHECKOUT } from './stage/checkout.js';

/** What is asked for on the command line. */
export interface Arguments {
  readonly parts: readonly Part[];
  readonly scale: Scale;
  /** Where the results go. */
  readonly folder: string;
}

export const USAGE = `Measures netpause beside what one would use instead, and beside what the kernel allows.

  npm run bench -- [--only NAME]… [--quick] [--out FOLDER] [--list]

  --only NAME   this part only; may be repeated
  --quick       so few trials that it only shows that everything works
  --out FOLDER  where NAME.json and NAME.svg go (bench/results; with --quick a temporary folder)
  --list        only say what parts there are

Exits with 0 when everything could be measured, whatever came out.`;

/**
 * Reads the command line.
 *
 * @returns what is to be measured, or the answer to a question.
 * @throws {Error} with a sentence for the user.
 */
export function readArguments(args: readonly string[], all: readonly Part[]): Arguments | { readonly answer: string } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      out: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return { answer: USAGE };
  const parts = select(all, values.only);
  if (values.list) return { answer: parts.map(({ name, title }) => `${name}\t${title}`).join('\n') };
  const folder = values.quick ? join(tmpdir(), 'netpause-bench-quick') : join(CHECKOUT, 'bench/results');
  return { parts, scale: values.quick ? 'quick' : 'full', folder: resolve(values.out ?? folder) };
}

function select(all: readonly Part[], names: readonly string[]): readonly Part[] {
  const unknown = names.find((name) => !all.some((part) => part.name === name));
  if (unknown !== undefined)
    throw new Error(`there is no part ${unknown}, only ${all.map(({ name }) => name).join(', ')}`);
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}
