import { command, vitest } from './parts.mjs';
import { runParts } from './run-parts.mjs';
import { setUp } from './set-up.mjs';

/**
 * What needs a processor side by side with what waits for it; by itself what holds the monitor to its bounds. The bounds are for a busy
 * machine with two cores.
 */
const STEPS = [
  [
    [
      command('lint', 60, 'npm', 'run', '--silent', 'lint'),
      command('typecheck', 180, 'npm', 'run', '--silent', 'typecheck'),
      vitest('unit', 600, 2),
      command('docs', 120, 'typedoc', '--emit', 'none'),
    ],
    [
      command('build', 180, 'npm', 'run', '--silent', 'build'),
      command('publint', 60, 'publint', '--strict'),
      command('attw', 120, 'node', 'test/setup/attw.mjs'),
      vitest('package', 600, 2),
      vitest('servers', 240, 2),
      vitest('browser', 180),
    ],
  ],
  [
    [vitest('ring', 420), vitest('kernel', 600, 3)],
    [vitest('transfers', 420, 3), vitest('probes', 420, 2)],
  ],
  vitest('matrix', 420),
];

/** Seconds that the whole of it may take, set-up included. */
const LIMIT = 14.5 * 60;

try {
  await setUp();
  // The part `package` packs what the part `build` has built.
  process.env.NETPAUSE_BUILT = 'true';
  // performance.now() counts from the start of this process.
  process.exitCode = (await runParts(STEPS, LIMIT - performance.now() / 1_000)) ? 0 : 1;
} catch (error) {
  process.stdout.write(`${error.stack}\n\n0 passed, 1 failed\n`);
  process.exitCode = 1;
}
