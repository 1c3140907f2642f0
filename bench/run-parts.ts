import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Arguments } from './arguments.js';
import { type Bench, type Part, PartUnavailableError } from './part.js';
import { drawRows } from './report/plot.js';
import { toTable } from './report/table.js';
import type { Row } from './row.js';
import { openStage } from './stage/index.js';

export interface Output {
  /** For results. */
  print(text: string): void;
  /** For what is going on. */
  say(text: string): void;
}

/**
 * Runs the parts one after the other, and shows and writes down what each has found as soon as it has.
 *
 * @returns the names of those that failed. That this machine lacks something is no failure.
 */
export async function runParts({ parts, scale, folder }: Arguments, output: Output): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  await using stage = await openStage(scale === 'full' ? 'published' : 'code');
  const failed: string[] = [];
  for (const part of parts) {
    const say = (text: string) => output.say(`${part.name}: ${text}`);
    const outcome = await attempt(part, { scale, stage, say });
    if (outcome.kind === 'failed') failed.push(part.name);
    if (outcome.kind === 'measured') await record(part, outcome.rows, folder);
    output.print(describe(part, outcome));
  }
  return failed;
}

type Outcome =
  | { readonly kind: 'measured'; readonly rows: readonly Row[]; readonly seconds: number }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: unknown };

async function attempt(part: Part, bench: Bench): Promise<Outcome> {
  const begun = performance.now();
  try {
    const rows = await part.run(bench);
    return { kind: 'measured', rows, seconds: (performance.now() - begun) / 1_000 };
  } catch (error) {
    if (error instanceof PartUnavailableError) return { kind: 'skipped', reason: error.message };
    return { kind: 'failed', error };
  }
}

async function record({ name, title, shown = () => true }: Part, rows: readonly Row[], folder: string): Promise<void> {
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify({ rows }, undefined, 2)}\n`);
  await writeFile(join(folder, `${name}.svg`), drawRows(title, rows.filter(shown)));
}

function describe({ name, title }: Part, outcome: Outcome): string {
  switch (outcome.kind) {
    case 'measured':
      return `\n${title} (${name}, ${outcome.seconds.toFixed(0)} s)\n\n${toTable(outcome.rows)}`;
    case 'skipped':
      return `\n${title} (${name}): skipped, ${outcome.reason}`;
    case 'failed': {
      const { error } = outcome;
      return `\n${title} (${name}): failed, ${error instanceof Error ? error.stack : error}`;
    }
  }
}
