import { parseArgs } from 'node:util';
import type { Direction } from './contract.js';

/** What is asked for on the command line. */
export interface Arguments {
  readonly adapter: string;
  readonly direction: Direction;
  readonly runs: number;
  readonly seed: number;
  /** The number of the first run: each is the same for the same seed and number, whichever others are played. */
  readonly first: number;
  /** Of the content. */
  readonly bytes: number;
  /** Of how long faults last; 1 is their full length. */
  readonly scale: number;
}

const MIB = 2 ** 20;

/** The adapters that there are programs for, and what they are soaked with. */
const DIRECTIONS: Readonly<Record<string, Direction>> = {
  s3: 'upload',
  sftp: 'upload',
  http: 'download',
  plain: 'upload',
};

export const USAGE = `Transfers through five faults each, by an adapter and beside it by the bare client.

  npm run soak -- --adapter s3|sftp|http [--runs N] [--seed S] [--first I] [--size MIB] [--quick]

  --adapter NAME  which; plain is the smallest there can be, to try the soak out on
  --runs N        transfers by each (20 by default)
  --seed S        decides when which fault comes and for how long (the time of day by default)
  --first I       begin at run I of that seed (1 by default)
  --size MIB      of the content (64 by default)
  --quick         1 run of 16 MiB, with faults of a quarter of their length

Ends with one line of JSON. Exits with 0 only when everything was as promised.`;

/** Reads the command line. @returns what is asked for, or why it cannot be understood. */
export function readArguments(args: readonly string[]): Arguments | { readonly complaint: string } {
  try {
    return read(args);
  } catch (error) {
    return { complaint: error instanceof Error ? error.message : String(error) };
  }
}

function read(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      adapter: { type: 'string' },
      runs: { type: 'string' },
      seed: { type: 'string', default: `${Date.now() % 100_000}` },
      first: { type: 'string', default: '1' },
      size: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  const { adapter = '', quick } = values;
  const direction = Object.hasOwn(DIRECTIONS, adapter) ? DIRECTIONS[adapter] : undefined;
  if (direction === undefined) throw new Error(`--adapter takes one of ${Object.keys(DIRECTIONS).join(', ')}`);
  return {
    adapter,
    direction,
    runs: wholeNumber('--runs', values.runs ?? (quick ? '1' : '20'), 1),
    seed: wholeNumber('--seed', values.seed, 0),
    first: wholeNumber('--first', values.first, 1),
    bytes: wholeNumber('--size', values.size ?? (quick ? '16' : '64'), 1) * MIB,
    scale: quick ? 0.25 : 1,
  };
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new Error(`${option} takes a whole number from ${least}, not ${text}`);
  }
  return value;
}
