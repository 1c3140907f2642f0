import type { RegistryOptions } from '../../../ring/index.js';
import { onSignals } from '../../signals.js';
import { openTokenFile } from '../open-token-file.js';
import type { RingLog } from '../ring-log.js';
import type { TokenFile } from '../token-file.js';
import type { RegistrySettings } from './registry-settings.js';

/** The tokens of a registry. Those in files are read again when they change, and on SIGHUP. */
export class RegistryTokens {
  /** As `createRegistry` takes them. */
  readonly options: Pick<RegistryOptions, 'tokens' | 'readTokens'>;
  readonly #files: readonly TokenFile[];
  readonly #release: () => void;

  private constructor(options: Pick<RegistryOptions, 'tokens' | 'readTokens'>, files: readonly TokenFile[]) {
    this.options = options;
    this.#files = files;
    this.#release = onSignals(['SIGHUP'], () => void Promise.all(files.map((file) => file.reload())));
  }

  /** @throws {CliError} where a file cannot be used. */
  static async open({ tokens, readTokens }: RegistrySettings, log: RingLog): Promise<RegistryTokens> {
    const writers = tokens?.kind === 'file' ? await openTokenFile('--token-file', tokens.path, log) : undefined;
    const readers =
      readTokens === undefined
        ? undefined
        : await openTokenFile('--read-token-file', readTokens, log).catch((error: unknown) => {
            writers?.close();
            throw error;
          });
    const known = tokens?.kind === 'variable' ? [tokens.token] : undefined;
    return new RegistryTokens(
      { tokens: writers === undefined ? known : () => writers.tokens, readTokens: readers && (() => readers.tokens) },
      [writers, readers].filter((file) => file !== undefined),
    );
  }

  close(): void {
    this.#release();
    for (const file of this.#files) file.close();
  }
}
