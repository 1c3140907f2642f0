import { command, vitest } from './parts.mjs';
import { runParts } from './run-parts.mjs';
import { setUp } from './set-up.mjs';

/** The cheap and telling ones first; the bounds are for a busy machine with two cores. */
const PARTS = [
  command('lint', 60, 'npm', 'run', '--silent', 'lint'),
  command('typecheck', 120, 'npm', 'run', '--silent', 'typecheck'),
  vitest('unit', 300, 2),
  command('docs', 120, 'typedoc', '--emit', 'none'),
  command('build', 120, 'npm', 'run', '--silent', 'build'),
  command('publint', 60, 'publint', '--strict'),
  command('attw', 120, 'node', 'test/setup/attw.mjs'),
  vitest('package', 420, 2),
  vitest('servers', 240, 2),
  vitest('kernel', 600, 2),
  vitest('transfers', 420, 3),
  vitest('probes', 300, 2),
  vitest('matrix', 420),
];

/** Seconds that the whole of it may take, set-up included. */
const LIMIT = 14.5 * 60;

try {
  await setUp();
  // performance.now() counts from the start of this process.
  process.exitCode = (await runParts(PARTS, LIMIT - performance.now() / 1_000)) ? 0 : 1;
} catch (error) {
  process.stdout.write(`${error.stack}\n\n0 passed, 1 failed\n`);
  process.exitCode = 1;
}
