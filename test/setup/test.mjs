import { vitest } from './parts.mjs';
import { runParts } from './run-parts.mjs';
import { missingDebianPackages } from './set-up.mjs';

/** The quick run: it sets nothing up, and takes the machine as it is. */
for (const { name, why } of missingDebianPackages()) {
  process.stdout.write(`${name} is not installed, and it ${why}: tests that need it are skipped\n`);
}
process.exitCode = (await runParts([vitest('unit', 300, 2), vitest('kernel', 600, 2), vitest('probes', 300, 2)]))
  ? 0
  : 1;
