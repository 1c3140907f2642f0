import { parseArgs } from 'node:util';
import { InvalidOptionError } from '../../src/errors/index.js';
import { wholeNumberFrom } from '../../src/options/index.js';

/** What the command line asks for. */
export type Order =
  | { readonly kind: 'run'; readonly inputs: number; readonly seed: number }
  | { readonly kind: 'replay'; readonly bytes: Uint8Array };

/**
 * @throws {InvalidOptionError} naming the option.
 * @throws {TypeError} when there is no such option.
 */
export function parseOrder(args: readonly string[]): Order {
  const { values } = parseArgs({
    args: [...args],
    options: {
      inputs: { type: 'string' },
      seed: { type: 'string' },
      quick: { type: 'boolean' },
      replay: { type: 'string' },
    },
  });
  const { inputs, seed, quick, replay } = values;
  if (replay !== undefined) return { kind: 'replay', bytes: bytesOption(replay) };
  if (quick && inputs !== undefined) {
    throw new InvalidOptionError('--inputs', inputs, 'left out: --quick is a number of inputs by itself');
  }
  return {
    kind: 'run',
    inputs: numberOption('--inputs', inputs, Number.MAX_SAFE_INTEGER) ?? (quick ? QUICK : LONG),
    seed: numberOption('--seed', seed, 2 ** 32 - 1) ?? Math.floor(Math.random() * 2 ** 32),
  };
}

export const QUICK = 200_000;
const LONG = 10_000_000;

function numberOption(name: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined;
  const rule = wholeNumberFrom(0, max);
  const number = /^\d+$/.test(text) ? Number(text) : undefined;
  if (number === undefined || !rule.accepts(number)) throw new InvalidOptionError(name, text, rule.allowed);
  return number;
}

function bytesOption(text: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/i.test(text)) throw new InvalidOptionError('--replay', text, 'bytes in hexadecimal');
  return Uint8Array.from(Buffer.from(text, 'hex'));
}
