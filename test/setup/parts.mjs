import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { run } from './run.mjs';
import { ROOT } from './set-up.mjs';

/** How much of what a failed test said is repeated in the summary. */
const LINES_OF_FAILURE = 6;

/**
 * A share of a test run.
 *
 * @typedef {{ name: string, seconds: number, execute: (seconds: number, log?: number) => Promise<Result> }} Part `seconds` is the most that it may take; `log` is the descriptor
 *   of a file for what it writes, instead of our own stdout and stderr.
 * @typedef {{ passed: number, failed: number, skipped: readonly string[], notes: readonly string[] }} Result
 */

/**
 * A command, which counts as one: it passes when it exits with 0.
 *
 * @returns {Part}
 */
export function command(name, seconds, program, ...args) {
  return {
    name,
    seconds,
    async execute(limit, log) {
      const outcome = await run(installed(program), args, { seconds: limit, cwd: ROOT, log });
      return outcome.ok ? result({ passed: 1 }) : result({ failed: 1, notes: reasons(outcome) });
    },
  };
}

/**
 * A project of vitest.config.ts, of which each test counts.
 *
 * @param {number} workers how many files run at once.
 * @returns {Part}
 */
export function vitest(project, seconds, workers = 1) {
  return {
    name: project,
    seconds,
    async execute(limit, log) {
      const folder = mkdtempSync(join(tmpdir(), 'netpause-report-'));
      const remove = () => rmSync(folder, { recursive: true, force: true });
      // Where Ctrl-C ends the run, this is all that is still called.
      process.once('exit', remove);
      try {
        return await runVitest(project, limit, join(folder, 'report.json'), { workers, log });
      } finally {
        remove();
        process.off('exit', remove);
      }
    },
  };
}

async function runVitest(project, seconds, report, { workers, log }) {
  const reporters = ['--reporter=default', `--reporter=${join(ROOT, 'test/setup/reporter.mjs')}`];
  const args = ['run', '--project', project, `--maxWorkers=${workers}`, ...reporters];
  const env = { ...process.env, NETPAUSE_REPORT: report };
  const outcome = await run(installed('vitest'), args, { seconds, cwd: ROOT, env, log });
  return readReport(report, outcome);
}

function readReport(path, outcome) {
  try {
    return judge(JSON.parse(readFileSync(path, 'utf8')), outcome);
  } catch (error) {
    return result({ failed: 1, notes: [`left no report (${error.message})`, ...reasons(outcome)] });
  }
}

function judge({ passed, failed, skipped }, outcome) {
  return result({
    passed,
    failed: failed.length === 0 && !outcome.ok ? 1 : failed.length,
    skipped,
    notes: [...failed.map(whatFailed), ...reasons(outcome)],
  });
}

/** Its name and what went wrong, for a reader who has only the end of a long log. */
function whatFailed({ name, message }) {
  return `${name}: ${stripVTControlCharacters(message).split('\n', LINES_OF_FAILURE).join(' | ').slice(0, 600)}`;
}

function reasons(outcome) {
  return outcome.ok ? [] : [outcome.reason];
}

/** @returns {Result} */
function result({ passed = 0, failed = 0, skipped = [], notes = [] }) {
  return { passed, failed, skipped, notes };
}

/** A program that npm has installed here, or one of the machine's. */
function installed(program) {
  return ['npm', 'node'].includes(program) ? program : join(ROOT, 'node_modules/.bin', program);
}
