import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../test/lab/command.js';
import { CHECKOUT } from './checkout.js';

/** `published`: as users get it. `code`: the JavaScript of it, without the declarations, which take most of the time. */
export type PackageForm = 'published' | 'code';

/** All that the build reads and the package holds. */
const CONTENTS = [
  'src',
  'native',
  'build',
  'package.json',
  'tsconfig.json',
  'tsup.config.ts',
  'README.md',
  'NETWORK_MONITORING.md',
  'CHANGELOG.md',
  'LICENSE',
];

/** Some seconds; a bound for a busy machine. */
const BUILD_WITHIN = 180_000;

/** Builds the package from this checkout in a folder of its own, so that neither a stale `dist` is measured nor anybody's is changed. */
export async function buildPackage(folder: string, form: PackageForm): Promise<void> {
  await mkdir(folder);
  await Promise.all(CONTENTS.map((name) => cp(join(CHECKOUT, name), join(folder, name), { recursive: true })));
  await symlink(join(CHECKOUT, 'node_modules'), join(folder, 'node_modules'));
  const command = form === 'published' ? ['run', 'build'] : ['exec', '--', 'tsup', '--silent', '--no-dts'];
  await runCommand(['env', `--chdir=${folder}`, 'npm', ...command], { timeout: BUILD_WITHIN });
}
