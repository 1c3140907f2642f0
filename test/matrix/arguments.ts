import { parseArgs } from 'node:util';
import type { Scale, Scenario } from './scenario.js';

/** What is asked for on the command line. */
export interface Arguments {
  readonly scenarios: readonly Scenario[];
  readonly scale: Scale;
  readonly format: 'text' | 'story' | 'json';
  readonly lanes: number;
}

export const USAGE = `Plays every pair of a network and a fault, and holds the monitor and its work against the truth.

  npm run matrix -- [--quick] [--json | --story] [--only NAME]… [--jobs N] [--list]

  --quick      a representative third, and a tenth of the noise
  --only NAME  the scenarios whose name begins with NAME; may be repeated
  --jobs N     play on N topologies at once (2 by default)
  --story      every verdict and every step of the work, beside the result
  --json       a JSON line for each scenario, and one for the sum
  --list       only say what there is

Exits with 0 only when nothing is wrong.`;

/**
 * Reads the command line.
 *
 * @returns what is to be played, or the answer to a question.
 * @throws {Error} with a sentence for the user.
 */
export function readArguments(
  args: readonly string[],
  all: readonly Scenario[],
): Arguments | { readonly answer: string } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      story: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      jobs: { type: 'string', default: '2' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return { answer: USAGE };
  const scenarios = select(all, values.only, values.quick);
  if (values.list) return { answer: scenarios.map(toLine).join('\n') };
  const lanes = Number(values.jobs);
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > 16)
    throw new Error(`--jobs takes a number from 1 to 16, not ${values.jobs}`);
  const format = values.json ? 'json' : values.story ? 'story' : 'text';
  return { scenarios, lanes, scale: values.quick ? 'quick' : 'full', format };
}

/** A scenario that is asked for by its name is played, also with `--quick`, which then means its smaller scale. */
function select(all: readonly Scenario[], names: readonly string[], quick: boolean): readonly Scenario[] {
  if (names.length === 0) return quick ? all.filter((scenario) => scenario.quick === true) : all;
  const unknown = names.find((name) => !all.some((scenario) => scenario.name.startsWith(name)));
  if (unknown !== undefined) throw new Error(`there is no scenario whose name begins with ${unknown}; see --list`);
  return all.filter((scenario) => names.some((name) => scenario.name.startsWith(name)));
}

function toLine({ name, topology, fault }: Scenario): string {
  return `${name}\t${topology.name}\t${fault}`;
}
