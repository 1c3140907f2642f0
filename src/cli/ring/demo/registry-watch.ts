import { linkSignals, onAbort } from '../../../events/index.js';
import { CliError } from '../../cli-error.js';
import { EXIT } from '../../exit-codes.js';
import { explain } from '../../text/words.js';
import { pause } from './pause.js';
import { type RingView, ringViewOf } from './ring-view.js';

/** Who knows what the ring says. */
export interface RingWatch {
  /** Calls the listener with every look at the ring, until the returned function is called. */
  onView(listener: (view: RingView) => void): () => void;
  /**
   * Waits until the ring says something.
   *
   * @param limit milliseconds.
   * @returns the first view that is so; undefined where there is none within the limit.
   * @throws the signal's reason.
   */
  until(isSo: (view: RingView) => boolean, limit: number, signal: AbortSignal): Promise<RingView | undefined>;
}

/** Milliseconds from one look to the next while nothing is announced. */
const LOOK_INTERVAL = 1_000;
/** Milliseconds between two looks at the least: whoever looks is a client like others, and its requests are counted. */
const SHORTEST_INTERVAL = 100;
/** Milliseconds for an answer. */
const ANSWER = 5_000;
/** Milliseconds without an answer after which nothing more is hoped for. */
const PATIENCE = 30_000;

/** Looks at a registry whenever that announces something, by what it tells to everybody. */
export class RegistryWatch implements RingWatch {
  readonly #url: string;
  readonly #listeners = new Set<(view: RingView) => void>();
  #latest: RingView | undefined;
  /** Aborts when there is something to be seen. */
  #bell = new AbortController();

  /** @param url `'http://127.0.0.1:8756'` */
  constructor(url: string) {
    this.#url = url;
  }

  /**
   * Looks until the signal aborts.
   *
   * @throws {CliError} where the registry does not answer any more; never by the signal.
   */
  async run(signal: AbortSignal): Promise<void> {
    void this.#listen(signal);
    let answeredAt = performance.now();
    while (!signal.aborted) {
      try {
        await this.#look(signal);
        answeredAt = performance.now();
      } catch (error) {
        if (!signal.aborted && performance.now() - answeredAt > PATIENCE) {
          throw new CliError(`the registry does not answer: ${explain(error)}`, EXIT.failed, { cause: error });
        }
      }
      await this.#rest(signal);
    }
  }

  onView(listener: (view: RingView) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  until(isSo: (view: RingView) => boolean, limit: number, signal: AbortSignal): Promise<RingView | undefined> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      if (this.#latest !== undefined && isSo(this.#latest)) return resolve(this.#latest);
      const end = (): void => {
        clearTimeout(timer);
        release();
        unsubscribe();
      };
      const timer = setTimeout(() => {
        end();
        resolve(undefined);
      }, limit);
      const release = onAbort(signal, () => {
        end();
        reject(signal.reason);
      });
      const unsubscribe = this.onView((view) => {
        if (!isSo(view)) return;
        end();
        resolve(view);
      });
    });
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { signal: over, release } = linkSignals(signal, AbortSignal.timeout(ANSWER));
    try {
      const [members, metrics, outages] = await Promise.all(PATHS.map((path) => this.#get(path, over)));
      this.#latest = ringViewOf(Date.now(), members, metrics, outages);
    } finally {
      release();
    }
    for (const listener of this.#listeners) listener(this.#latest);
  }

  async #get(path: string, signal: AbortSignal): Promise<unknown> {
    const response = await fetch(`${this.#url}${path}`, { headers: { accept: 'application/json' }, signal });
    if (!response.ok) throw new Error(`${path} is answered with ${response.status}`);
    return response.json();
  }

  /** A report is a reason to look at once. What is missed here is seen at the next look. */
  async #listen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const { body } = await fetch(`${this.#url}/events`, { signal });
        const text = new TextDecoder();
        for await (const chunk of body ?? []) if (NEWS.test(text.decode(chunk))) this.#bell.abort();
      } catch {
        // The looks go on, and tell when nobody answers any more.
      }
      await pause(LOOK_INTERVAL, signal);
    }
  }

  async #rest(signal: AbortSignal): Promise<void> {
    await pause(SHORTEST_INTERVAL, signal);
    const { signal: over, release } = linkSignals(signal, this.#bell.signal);
    await pause(LOOK_INTERVAL, over);
    release();
    this.#bell = new AbortController();
  }
}

const PATHS = ['/members', '/metrics', '/outages'] as const;
const NEWS = /^event: (metrics|outage)$/m;
