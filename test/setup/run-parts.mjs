/**
 * Runs the parts one after the other, all of them whatever happens, and prints a summary. Its last line is `N passed, N failed`.
 * Where the environment says `CI=true`, a test that was skipped has failed: nobody would read the reason.
 *
 * @param {readonly import('./parts.mjs').Part[]} parts
 * @param {number} seconds the most that all of them may take together.
 * @returns {Promise<boolean>} whether everything passed.
 */
export async function runParts(parts, seconds = Number.POSITIVE_INFINITY) {
  const deadline = performance.now() + seconds * 1_000;
  const rows = [];
  for (const part of parts) {
    process.stdout.write(`\n== ${part.name}\n`);
    const start = performance.now();
    const limit = Math.min(part.seconds, (deadline - start) / 1_000);
    const outcome = limit > 0 ? await execute(part, limit) : failure('no time was left for it');
    rows.push({ name: part.name, seconds: (performance.now() - start) / 1_000, ...judgeSkips(outcome) });
  }
  return summarize(rows);
}

async function execute(part, limit) {
  try {
    return await part.execute(limit);
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
