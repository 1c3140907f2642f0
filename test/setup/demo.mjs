import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { LAB_PACKAGES } from './debian-packages.mjs';
import { ROOT, setUp } from './set-up.mjs';

try {
  await setUp(LAB_PACKAGES);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

// The terminal sends Ctrl-C to the demo as well; we stay for as long as its clean-up takes.
process.on('SIGINT', () => {});
const demo = spawn(
  process.execPath,
  ['--import', 'tsx', join(ROOT, 'examples/demo/main.ts'), ...process.argv.slice(2)],
  {
    stdio: 'inherit',
  },
);
process.on('SIGTERM', () => demo.kill('SIGTERM'));
demo.on('exit', (code, signal) => {
  process.exitCode = code ?? 128 + constants.signals[signal];
});
