import { reconnectDelay } from './backoff.js';
import { LockedError, type Reader } from './reader.js';
import { type SseMessage, SseParser } from './sse-parser.js';

/** How the connection is. `since` is in milliseconds since 1970, by the clock of this machine. */
export type LivePhase =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'reconnecting'; readonly since: number; readonly why: string }
  | { readonly kind: 'paused'; readonly since: number }
  | { readonly kind: 'locked'; readonly wasRefused: boolean };

/** What a {@link LiveFeed} is of, and who is told. */
export interface LiveFeedOptions {
  readonly reader: Reader;
  readonly snapshotPath: string;
  readonly eventsPath: string;
  /** The event that tells of changes. */
  readonly changeEvent: string;
  readonly onSnapshot: (snapshot: unknown) => void;
  /** Called at most once for each frame that is drawn. */
  readonly onChanges: (changes: readonly unknown[]) => void;
  readonly onPhase: (phase: LivePhase) => void;
}

/** Milliseconds of silence after which a connection, or an answer, is taken for dead: the service says something every 15 s. */
const LONGEST_SILENCE = 40_000;

/** Milliseconds after which a page that nobody sees lets go of its connection. */
const HIDDEN_FOR = 60_000;

/** Changes that wait to be drawn. Beyond that everything is asked for again, which is less. */
const MOST_WAITING = 500;

/**
 * Everything there is, then what changes, for as long as the page is seen: connects again by itself, and asks for everything again whenever it
 * may have missed something. It listens first and asks then, so that nothing falls in between.
 */
export class LiveFeed {
  readonly #options: LiveFeedOptions;
  #connection = new AbortController();
  #isStopped = false;
  #failures = 0;
  #lostAt: number | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  #isPaused = false;
  /** Whether everything was told. */
  #isLoaded = false;
  #waiting: unknown[] = [];
  #frame: number | undefined;
  readonly #onVisibility = (): void => this.#visibilityChanged();
  readonly #onOnline = (): void => this.#retryNow();

  constructor(options: LiveFeedOptions) {
    this.#options = options;
  }

  start(): void {
    document.addEventListener('visibilitychange', this.#onVisibility);
    addEventListener('online', this.#onOnline);
    this.#options.onPhase({ kind: 'connecting' });
    this.#connect();
  }

  stop(): void {
    this.#isStopped = true;
    document.removeEventListener('visibilitychange', this.#onVisibility);
    removeEventListener('online', this.#onOnline);
    clearTimeout(this.#hiddenTimer);
    this.#disconnect();
  }

  /** Connects anew, as with another token. */
  restart(): void {
    this.#failures = 0;
    this.#lostAt = undefined;
    this.#options.onPhase({ kind: 'connecting' });
    this.#connect();
  }

  #connect(): void {
    this.#disconnect();
    const connection = new AbortController();
    this.#connection = connection;
    this.#listen(connection).catch((error: unknown) => {
      if (!connection.signal.aborted) this.#failed(error);
    });
  }

  #disconnect(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    this.#connection.abort();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    this.#waiting = [];
    this.#isLoaded = false;
  }

  async #listen(connection: AbortController): Promise<void> {
    const silence = new Silence(connection.signal, () => this.#giveUp(connection));
    const { body } = await this.#options.reader.open(this.#options.eventsPath, connection.signal);
    if (body === null) throw new Error('the service tells nothing');
    const parser = new SseParser();
    const decoder = new TextDecoder();
    const stream = body.getReader();
    for (;;) {
      const { value, done } = await stream.read();
      if (done) throw new Error('the service has ended the connection');
      silence.break();
      for (const message of parser.push(decoder.decode(value, { stream: true }))) this.#hear(message, connection);
    }
  }

  /** What is silent for so long has failed, though nothing says so. */
  #giveUp(connection: AbortController): void {
    if (connection.signal.aborted) return;
    connection.abort();
    this.#failed(new Error('the service is silent'));
  }

  #hear({ event, data }: SseMessage, connection: AbortController): void {
    if (event === 'hello' || event === 'reset') this.#load(connection);
    if (event !== this.#options.changeEvent) return;
    // The one too many is what tells that some are missing.
    if (this.#waiting.length <= MOST_WAITING) this.#waiting.push(JSON.parse(data));
    this.#keepUp(connection);
  }

  #keepUp(connection: AbortController): void {
    if (!this.#isLoaded) return;
    if (this.#waiting.length > MOST_WAITING) this.#load(connection);
    else this.#draw();
  }

  #load(connection: AbortController): void {
    this.#isLoaded = false;
    this.#waiting = [];
    const { reader, snapshotPath, onSnapshot, onPhase } = this.#options;
    const silence = new Silence(connection.signal, () => this.#giveUp(connection));
    reader.read(snapshotPath, connection.signal).then(
      (snapshot) => {
        silence.end();
        if (connection.signal.aborted) return;
        onSnapshot(snapshot);
        this.#isLoaded = true;
        this.#failures = 0;
        this.#lostAt = undefined;
        onPhase({ kind: 'live' });
        this.#keepUp(connection);
      },
      (error: unknown) => {
        if (connection.signal.aborted) return;
        connection.abort();
        this.#failed(error);
      },
    );
  }

  /** Once for each frame, however much came: a page that is hidden draws none. */
  #draw(): void {
    if (this.#waiting.length === 0) return;
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      const changes = this.#waiting;
      this.#waiting = [];
      if (this.#isLoaded && changes.length > 0) this.#options.onChanges(changes);
      else this.#waiting = changes;
    });
  }

  #failed(error: unknown): void {
    this.#disconnect();
    if (this.#isStopped) return;
    if (error instanceof LockedError) {
      this.#options.onPhase({ kind: 'locked', wasRefused: this.#options.reader.hasToken });
      return;
    }
    this.#failures += 1;
    this.#lostAt ??= Date.now();
    const why = error instanceof Error && !(error instanceof TypeError) ? error.message : 'the service does not answer';
    this.#options.onPhase({ kind: 'reconnecting', since: this.#lostAt, why });
    this.#retryTimer = setTimeout(() => this.#connect(), reconnectDelay(this.#failures, Math.random()));
  }

  #retryNow(): void {
    if (this.#retryTimer !== undefined) this.#connect();
  }

  #visibilityChanged(): void {
    clearTimeout(this.#hiddenTimer);
    if (document.visibilityState === 'hidden') {
      this.#hiddenTimer = setTimeout(() => this.#pause(), HIDDEN_FOR);
    } else if (this.#isPaused) {
      this.#isPaused = false;
      this.restart();
    } else this.#retryNow();
  }

  #pause(): void {
    this.#isPaused = true;
    this.#disconnect();
    this.#options.onPhase({ kind: 'paused', since: Date.now() });
  }
}

/** Tells of a connection, or an answer, of which nothing comes any more; not once it is let go of. */
class Silence {
  readonly #onSilence: () => void;
  #timer: ReturnType<typeof setTimeout>;

  constructor(signal: AbortSignal, onSilence: () => void) {
    this.#onSilence = onSilence;
    this.#timer = setTimeout(onSilence, LONGEST_SILENCE);
    signal.addEventListener('abort', () => this.end());
  }

  /** Something has come. */
  break(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onSilence, LONGEST_SILENCE);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
