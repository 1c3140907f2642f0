import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'vitest';

/**
 * Skips a test that needs a program which is not installed, and says so; in CI (`CI=true`) the test fails instead, so that nothing goes
 * untested unseen.
 *
 * @param debianPackage what would bring it.
 */
export function requireProgram(context: TestContext, program: string, debianPackage: string): void {
  if (isInstalled(program)) return;
  const reason = `${program} is not installed (Debian package ${debianPackage})`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  context.skip(reason);
}

export function isInstalled(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
