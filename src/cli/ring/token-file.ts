import { stat } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { toError } from '../../errors/index.js';
import { readTokens } from './read-tokens.js';

/** Milliseconds from one look at the file to the next. By looking, not by being told: that works over NFS and for the links of a ConfigMap. */
const LOOK_INTERVAL = 1_000;

/** What a {@link TokenFile} tells. */
export interface TokenFileListener {
  /** Other tokens count from now on. */
  onChange(count: number): void;
  /** The file cannot be used as it is now; the tokens from before go on counting. */
  onFault(fault: string): void;
}

/** What is in the file, or why it cannot be used. */
type Found = { readonly tokens: readonly string[] } | { readonly tokens?: undefined; readonly fault: string };

/** Tokens in a file that are changed while they are in use. */
export class TokenFile {
  readonly #read: () => Promise<readonly string[]>;
  readonly #listener: TokenFileListener;
  #tokens: readonly string[];
  /** What was told last. */
  #standing: Found;
  /** What the last look has found, if it was something else. */
  #news: Found | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looks = Promise.resolve();

  private constructor(read: () => Promise<readonly string[]>, tokens: readonly string[], listener: TokenFileListener) {
    this.#read = read;
    this.#tokens = tokens;
    this.#standing = { tokens };
    this.#listener = listener;
  }

  /**
   * @param read gives what is in it now.
   * @throws {TokenFileError} where the file cannot be used to begin with.
   */
  static async open(path: string, listener: TokenFileListener, read = () => readTokens(path)): Promise<TokenFile> {
    const file = new TokenFile(read, await read(), listener);
    // A pipe, as of a shell's <(…), can be read once.
    const isRegular = (await stat(path)).isFile();
    if (isRegular) file.#timer = setInterval(() => void file.#next(false), LOOK_INTERVAL).unref();
    return file;
  }

  /** Those that count now. */
  get tokens(): readonly string[] {
    return this.#tokens;
  }

  /** Reads the file now, and tells what came of it. */
  reload(): Promise<void> {
    return this.#next(true);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** One look after another. */
  #next(isAsked: boolean): Promise<void> {
    this.#looks = this.#looks.then(() => this.#look(isAsked));
    return this.#looks;
  }

  async #look(isAsked: boolean): Promise<void> {
    const timer = this.#timer;
    if (timer === undefined) return;
    const found = await this.#find();
    // It was closed meanwhile.
    if (this.#timer !== timer) return;
    if (isAsked) return this.#take(found);
    const isNew = !isDeepStrictEqual(found, this.#standing);
    // A file that is being written is not what it will be: what is new counts when it was found twice.
    if (isNew && isDeepStrictEqual(found, this.#news)) return this.#take(found);
    this.#news = isNew ? found : undefined;
  }

  async #find(): Promise<Found> {
    try {
      return { tokens: await this.#read() };
    } catch (error) {
      return { fault: toError(error).message };
    }
  }

  #take(found: Found): void {
    this.#standing = found;
    this.#news = undefined;
    if (found.tokens === undefined) {
      this.#listener.onFault(found.fault);
      return;
    }
    this.#tokens = found.tokens;
    this.#listener.onChange(found.tokens.length);
  }
}
