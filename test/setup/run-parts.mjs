import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs the steps one after the other, all of them whatever happens, and prints a summary. Its last line is `N passed, N failed`.
 * Where the environment says `CI=true`, a test that was skipped has failed: nobody would read the reason.
 *
 * @param {readonly Step[]} steps
 * @param {number} seconds the most that all of them may take together.
 * @returns {Promise<boolean>} whether everything passed.
 *
 * @typedef {import('./parts.mjs').Part} Part
 * @typedef {Part | readonly (readonly Part[])[]} Step a part, or lanes of parts that run side by side.
 */
export async function runParts(steps, seconds = Number.POSITIVE_INFINITY) {
  const deadline = performance.now() + seconds * 1_000;
  const rows = [];
  for (const step of steps) {
    if (Array.isArray(step)) rows.push(...(await runLanes(step, deadline)));
    else rows.push(await runAlone(step, deadline));
  }
  return summarize(rows);
}

function runAlone(part, deadline) {
  process.stdout.write(`\n== ${part.name}\n`);
  return runPart(part, deadline);
}

async function runLanes(lanes, deadline) {
  const folder = mkdtempSync(join(tmpdir(), 'netpause-lanes-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // Where Ctrl-C ends the run, this is all that is still called.
  process.once('exit', remove);
  try {
    const rows = await Promise.all(lanes.map((parts) => runLane(parts, deadline, folder)));
    return rows.flat();
  } finally {
    remove();
    process.off('exit', remove);
  }
}

/** What a part writes is shown when it has ended, so that it stands together. */
async function runLane(parts, deadline, folder) {
  const rows = [];
  for (const part of parts) {
    const path = join(folder, part.name);
    const log = openSync(path, 'w');
    rows.push(await runPart(part, deadline, log));
    closeSync(log);
    process.stdout.write(`\n== ${part.name}\n${readFileSync(path, 'utf8')}`);
  }
  return rows;
}

async function runPart(part, deadline, log) {
  const start = performance.now();
  const limit = Math.min(part.seconds, (deadline - start) / 1_000);
  const outcome = limit > 0 ? await execute(part, limit, log) : failure('no time was left for it');
  return { name: part.name, seconds: (performance.now() - start) / 1_000, ...judgeSkips(outcome) };
}

async function execute(part, limit, log) {
  try {
    return await part.execute(limit, log);
  } catch (error) {
    return failure(`broke: ${error.message}`);
  }
}

function judgeSkips(outcome) {
  if (process.env.CI !== 'true' || outcome.skipped.length === 0) return outcome;
  const note = `${outcome.skipped.length} skipped, which counts as failed where CI=true`;
  return { ...outcome, failed: outcome.failed + outcome.skipped.length, notes: [...outcome.notes, note] };
}

function summarize(rows) {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.flatMap((row) => [
    `${row.failed === 0 ? 'ok    ' : 'FAILED'}  ${row.name.padEnd(width)}  ${counts(row)}  (${row.seconds.toFixed(1)} s)`,
    ...row.notes.map((text) => `        ${text}`),
    ...row.skipped.map((name) => `        skipped: ${name}`),
  ]);
  const total = (key) => rows.reduce((sum, row) => sum + row[key], 0);
  process.stdout.write(`\n== summary\n${lines.join('\n')}\n\n${total('passed')} passed, ${total('failed')} failed\n`);
  return total('failed') === 0;
}

function counts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
}

/** @returns {import('./parts.mjs').Result} */
function failure(note) {
  return { passed: 0, failed: 1, skipped: [], notes: [note] };
}
