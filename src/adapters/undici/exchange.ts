import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import { toError } from '../../errors/index.js';
import { onAbort } from '../../events/index.js';
import { HeldAnswer } from '../shared/held-answer.js';
import type { HttpRetryer, RequestFacts } from '../shared/http-retryer.js';

type Handler = Dispatcher.DispatchHandler;
type Controller = Dispatcher.DispatchController;

/** Begins one attempt, of which the handler is told. */
type Dispatch = (handler: Handler) => void;

/**
 * One request as its handler sees it, however many dispatches it takes. The handler gets a controller of ours at once, so that it can end the request
 * also while nothing is dispatched, and keeps it through all attempts.
 */
export class Exchange {
  readonly #retryer: HttpRetryer;
  readonly #dispatch: Dispatch;
  readonly #handler: Handler;
  readonly #facts: RequestFacts;
  readonly #ended = new AbortController();
  readonly #controller = new StandingController(this.#ended);

  constructor(retryer: HttpRetryer, dispatch: Dispatch, handler: Handler, facts: Omit<RequestFacts, 'signal'>) {
    this.#retryer = retryer;
    this.#dispatch = dispatch;
    this.#handler = handler;
    this.#facts = { ...facts, signal: this.#ended.signal };
  }

  start(): void {
    this.#handler.onRequestStart?.(this.#controller, {});
    void this.#run();
  }

  async #run(): Promise<void> {
    try {
      await this.#retryer.run(this.#facts, (_attemptNumber, { signal }) => this.#attempt(signal));
    } catch (error) {
      if (error instanceof HeldByHandler) error.release();
      else this.#handler.onResponseError?.(this.#controller, toError(error));
    }
  }

  /** Resolves when the headers of an answer are passed on. */
  #attempt(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#dispatch(
        new Attempt(this.#handler, this.#controller, {
          signal,
          hold: (status, held) => this.#hold(status, held),
          watchBody: (end) => this.#watchBody(end),
          resolve,
          reject,
        }),
      );
    });
  }

  #watchBody(end: (error: Error) => void): () => void {
    const releases = [
      this.#retryer.bodyWatch(this.#facts)(end),
      this.#retryer.onEnd(this.#facts, (reason) => end(toError(reason))),
    ];
    return () => {
      for (const release of releases) release();
    };
  }

  #hold(status: number, { headers, release, discard }: Held): HeldByHandler | undefined {
    if (!this.#retryer.retriesStatus(status)) return undefined;
    const { method, destination } = this.#facts;
    return new HeldByHandler(status, headers, `${method} ${destination ?? ''}`.trim(), release, discard);
  }
}

/** An answer that is held back, and what can be done with it. */
interface Held {
  readonly headers: IncomingHttpHeaders;
  readonly release: () => void;
  readonly discard: () => void;
}

class HeldByHandler extends HeldAnswer {
  /** Passes it on. */
  readonly release: () => void;

  constructor(status: number, headers: IncomingHttpHeaders, request: string, release: () => void, discard: () => void) {
    super(status, new Headers(pairsOf(headers)), request, discard);
    this.release = release;
  }
}

function pairsOf(headers: IncomingHttpHeaders): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    return (Array.isArray(value) ? value : [value]).map((each) => [name, each]);
  });
}

/** What an attempt depends on. */
interface AttemptTies {
  readonly signal: AbortSignal;
  /** What is thrown for an answer with this status; `undefined` where it is to be passed on. */
  readonly hold: (status: number, held: Held) => HeldByHandler | undefined;
  /** Calls back when the answer that is passed on has to end. */
  readonly watchBody: (end: (error: Error) => void) => () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * - `asked`: there is no answer yet.
 * - `held`: there is one, but it is not decided whether it is passed on.
 * - `passed on`: the handler gets the answer.
 * - `over`: whatever comes is nobody's concern any more.
 */
type Stage = 'asked' | 'held' | 'passed on' | 'over';

/** One dispatch. */
class Attempt implements Handler {
  readonly #handler: Handler;
  readonly #standing: StandingController;
  readonly #ties: AttemptTies;
  readonly #stopFollowing: () => void;
  #stage: Stage = 'asked';
  #controller: Controller | undefined;
  #kept: (() => void)[] = [];
  #stopWatch: () => void = () => {};

  constructor(handler: Handler, standing: StandingController, ties: AttemptTies) {
    this.#handler = handler;
    this.#standing = standing;
    this.#ties = ties;
    this.#stopFollowing = ties.signal.aborted ? () => {} : onAbort(ties.signal, () => this.#end(ties.signal.reason));
    if (ties.signal.aborted) this.#end(ties.signal.reason);
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    // It was ended while it waited for a connection.
    if (this.#stage === 'over') controller.abort(toError(this.#ties.signal.reason));
    else this.#standing.follow(controller);
  }

  onRequestUpgrade(_controller: Controller, status: number, headers: IncomingHttpHeaders, socket: Duplex): void {
    this.#passOn();
    this.#handler.onRequestUpgrade?.(this.#standing, status, headers, socket);
  }

  onResponseStart(controller: Controller, status: number, headers: IncomingHttpHeaders, message?: string): void {
    if (this.#stage !== 'asked') return;
    const tell = () => this.#handler.onResponseStart?.(this.#standing, status, headers, message);
    if (status < 200) {
      tell();
      return;
    }
    const release = () => this.#release(controller);
    const discard = () => this.#discard(controller);
    const held = this.#ties.hold(status, { headers, release, discard });
    if (held === undefined) {
      this.#passOn();
      tell();
      return;
    }
    this.#stage = 'held';
    this.#kept.push(tell);
    controller.pause();
    this.#stopFollowing();
    this.#ties.reject(held);
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    this.#tell(() => this.#handler.onResponseData?.(this.#standing, chunk));
  }

  onResponseEnd(_controller: Controller, trailers: IncomingHttpHeaders): void {
    this.#tell(() => {
      this.#close();
      this.#handler.onResponseEnd?.(this.#standing, trailers);
    });
  }

  onResponseError(_controller: Controller, error: Error): void {
    if (this.#stage === 'asked') {
      this.#close();
      this.#ties.reject(error);
      return;
    }
    this.#tell(() => {
      this.#close();
      this.#handler.onResponseError?.(this.#standing, error);
    });
  }

  /** At once, or when it is decided that the answer is passed on. */
  #tell(event: () => void): void {
    if (this.#stage === 'held') this.#kept.push(event);
    else if (this.#stage === 'passed on') event();
  }

  #passOn(): void {
    this.#stage = 'passed on';
    this.#stopFollowing();
    this.#stopWatch = this.#ties.watchBody((error) => this.#standing.abort(error));
    this.#ties.resolve();
  }

  #release(controller: Controller): void {
    this.#passOn();
    try {
      for (const event of this.#kept.splice(0)) event();
    } catch (thrown) {
      // undici would have caught it.
      const error = toError(thrown);
      this.#close();
      controller.abort(error);
      this.#handler.onResponseError?.(this.#standing, error);
      return;
    }
    if (!this.#standing.paused) controller.resume();
  }

  #discard(controller: Controller): void {
    this.#close();
    this.#kept = [];
    controller.abort(new Error('this answer is not needed any more'));
  }

  /** The attempt has to end. One that waits for a connection is not told before it has one, but need not be waited for. */
  #end(reason: unknown): void {
    const controller = this.#controller;
    if (controller === undefined) {
      this.#close();
      this.#ties.reject(reason);
    } else {
      controller.abort(toError(reason));
    }
  }

  #close(): void {
    this.#stage = 'over';
    this.#stopFollowing();
    this.#stopWatch();
  }
}

/** The controller that the handler holds. It stands for that of whichever attempt is under way. */
class StandingController implements Controller {
  readonly #ended: AbortController;
  #current: Controller | undefined;
  #isPaused = false;

  constructor(ended: AbortController) {
    this.#ended = ended;
  }

  follow(controller: Controller): void {
    this.#current = controller;
    if (this.#isPaused) controller.pause();
  }

  /** Ends whatever there is: a wait, an attempt, or the answer that it has brought. */
  abort(reason: Error): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort(reason);
    this.#current?.abort(reason);
  }

  pause(): void {
    this.#isPaused = true;
    this.#current?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#current?.resume();
  }

  get aborted(): boolean {
    return this.#ended.signal.aborted;
  }

  get paused(): boolean {
    return this.#isPaused;
  }

  get reason(): Error | null {
    return this.aborted ? toError(this.#ended.signal.reason) : null;
  }

  get rawHeaders(): NonNullable<Controller['rawHeaders']> | null {
    return this.#current?.rawHeaders ?? null;
  }

  get rawTrailers(): NonNullable<Controller['rawTrailers']> | null {
    return this.#current?.rawTrailers ?? null;
  }
}
