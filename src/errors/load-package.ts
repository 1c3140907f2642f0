import { MissingPackageError } from './missing-package-error.js';
import { isError } from './to-error.js';

/**
 * Loads an optional package when it is needed.
 *
 * @param load the import itself, so that bundlers and type checkers see it.
 * @throws {MissingPackageError} where it is not installed.
 */
export async function loadPackage<Module>(
  packageName: string,
  neededBy: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (isNotFound(error, packageName)) throw new MissingPackageError(packageName, neededBy, { cause: error });
    throw error;
  }
}

/** Whether the package itself could not be found; one that is there and misses something of its own is another matter. */
function isNotFound(error: unknown, packageName: string): boolean {
  if (!isError(error) || !('code' in error)) return false;
  const isMissing = error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND';
  return isMissing && error.message.includes(`'${packageName}'`);
}
