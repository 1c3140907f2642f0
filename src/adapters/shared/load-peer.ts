import { loadPackage } from '../../errors/index.js';

/**
 * Loads the user's own client library when an adapter first needs it. For a package of ES modules; of a CommonJS package, see
 * {@link loadCommonJsPeer}.
 *
 * @param neededBy the adapter, as it is imported: `'netpause/undici'`.
 * @param load the import itself, so that bundlers and type checkers see it: `() => import('undici')`.
 * @throws {MissingPackageError} where it is not installed.
 */
export function loadPeer<Module>(packageName: string, neededBy: string, load: () => Promise<Module>): Promise<Module> {
  return loadPackage(packageName, neededBy, load);
}

/**
 * The same for a CommonJS package: what it assigns to `module.exports`, which is the `default` of an import. In a CommonJS bundle the import
 * becomes a `require`, which gives it as it is.
 *
 * @throws {MissingPackageError} where it is not installed.
 */
export async function loadCommonJsPeer<Exports>(
  packageName: string,
  neededBy: string,
  load: () => Promise<{ readonly default: Exports }>,
): Promise<Exports> {
  return exportsOf<Exports>(await loadPackage(packageName, neededBy, load));
}

function exportsOf<Exports>(loaded: Exports | { readonly default: Exports }): Exports {
  return isNamespace(loaded) ? loaded.default : loaded;
}

function isNamespace<Exports>(
  loaded: Exports | { readonly default: Exports },
): loaded is { readonly default: Exports } {
  return typeof loaded === 'object' && loaded !== null && 'default' in loaded;
}
