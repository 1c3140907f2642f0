/** The service wants a token, or another one. */
export class LockedError extends Error {
  override readonly name = 'LockedError';

  constructor() {
    super('a token is needed');
  }
}

/** Keeps what somebody entered until the tab is closed. */
export interface TokenStore {
  token: string | undefined;
}

/** In the storage of the tab; where that is forbidden, in memory. */
export function tabTokens(name: string): TokenStore {
  let inMemory: string | undefined;
  return {
    get token() {
      try {
        return sessionStorage.getItem(name) ?? inMemory;
      } catch {
        return inMemory;
      }
    },
    set token(token) {
      inMemory = token;
      try {
        if (token === undefined) sessionStorage.removeItem(name);
        else sessionStorage.setItem(name, token);
      } catch {
        // It is in memory.
      }
    },
  };
}

/** Asks the service that the page is of. */
export class Reader {
  readonly #tokens: TokenStore;

  constructor(tokens: TokenStore) {
    this.#tokens = tokens;
  }

  /** Whether somebody has entered a token. */
  get hasToken(): boolean {
    return this.#tokens.token !== undefined;
  }

  /**
   * @throws {LockedError} where a token is needed.
   * @throws {Error} where there is no answer, or another status than 2xx.
   */
  async open(path: string, signal: AbortSignal): Promise<Response> {
    const { token } = this.#tokens;
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(path, { headers, signal, cache: 'no-store' });
    if (response.status === 401) throw new LockedError();
    if (!response.ok) throw new Error(`the service answers ${response.status}`);
    return response;
  }

  /** The same, and what it says as JSON. */
  async read(path: string, signal: AbortSignal): Promise<unknown> {
    return (await this.open(path, signal)).json();
  }
}
