import { vitest } from './parts.mjs';
import { runParts } from './run-parts.mjs';
import { missingDebianPackages } from './set-up.mjs';

/** The quick run: it sets nothing up, and takes the machine as it is. */
for (const { name, why } of missingDebianPackages()) {
  process.stdout.write(`${name} is not installed, and it ${why}: tests that need it are skipped\n`);
}
const parts = [vitest('unit', 300, 2), vitest('kernel', 600, 2), vitest('ring', 300), vitest('probes', 300, 2)];
process.exitCode = (await runParts(parts)) ? 0 : 1;
