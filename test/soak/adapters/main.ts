import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Arguments, readArguments, USAGE } from './arguments.js';
import type { Mode } from './contract.js';
import { isAsPromised, judge, summarize, type Verdict } from './judge.js';
import { planRun } from './plan.js';
import { toLine } from './report.js';
import { type Content, playTransfer, sha256Of } from './transfer.js';

/** Milliseconds. The transfer alone takes 13 s, and all faults together 36 at most. */
const BOUND = 120_000;

/**
 * Transfers through five faults each, by an adapter and beside it by the bare client, and what came of them: a line for each, and in the end
 * one of JSON.
 *
 *     npm run soak -- --adapter s3 --runs 20 --seed 1
 */
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const asked = readArguments(args);
  if ('complaint' in asked) {
    process.stderr.write(`${asked.complaint}\n\n${USAGE}\n`);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'netpause-soak-content-'));
  // Also where Ctrl-C ends the run. The end of this process is the end of every lab.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  return soak(asked, await makeContent(join(folder, 'content.bin'), asked.bytes));
}

async function soak(asked: Arguments, content: Content): Promise<number> {
  const verdicts: Readonly<Record<Mode, Verdict[]>> = { netpause: [], bare: [] };
  for (let run = asked.first; run < asked.first + asked.runs; run += 1) {
    for (const mode of ['netpause', 'bare'] as const) {
      verdicts[mode].push(await play(asked, content, run, mode));
    }
  }
  const summary = summarize(asked.adapter, verdicts.netpause, verdicts.bare);
  say(JSON.stringify(summary));
  return verdicts.netpause.every(isAsPromised) ? 0 : 1;
}

async function play(
  { adapter, direction, seed, scale }: Arguments,
  content: Content,
  run: number,
  mode: Mode,
): Promise<Verdict> {
  const faults = planRun(seed, run, scale);
  const observation = await playTransfer({ adapter, direction, mode, content, faults, bound: BOUND });
  const verdict = judge(observation);
  say(toLine(run, mode, observation, verdict));
  return verdict;
}

/** Random, so that nothing on the way can make it smaller, and no part be taken for another. */
async function makeContent(file: string, bytes: number): Promise<Content> {
  writeFileSync(file, randomBytes(bytes));
  const sha256 = await sha256Of(file);
  if (sha256 === undefined) throw new Error(`${file} is gone`);
  return { file, bytes, sha256 };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
