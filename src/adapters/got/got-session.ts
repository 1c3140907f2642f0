import { ClientRequest, type IncomingMessage } from 'node:http';
import type { RequestFunction, RetryObject } from 'got';
import { onAbort } from '../../events/index.js';
import { classifyFailure } from '../../retry/index.js';
import type { HttpRetryer, RequestFacts } from '../shared/http-retryer.js';
import { type DrivenAttempt, DrivenCall } from './driven-call.js';

type Sent = NonNullable<ReturnType<RequestFunction>>;

type Facts = Omit<RequestFacts, 'signal'>;

/** Milliseconds before got makes a request again that an outage cost. 0 would mean that it does not. */
const AT_ONCE = 1;

/**
 * One call of got, with all the requests that it makes: redirects, retries, and repetitions. Each request goes on when there is a way, and ends
 * when that is lost; and got is told which failures were an outage's.
 */
export class GotSession {
  readonly #retryer: HttpRetryer;
  readonly #factsOf: (url: URL) => Facts;
  /** Those that may be under way: a redirect is followed while the answer that brought it is still read. */
  readonly #calls = new Set<DrivenCall>();
  #call: DrivenCall | undefined;
  #attempt: DrivenAttempt | undefined;
  #facts: Facts | undefined;
  /** Whether the call has an attempt to give that repeats the last. */
  #repeats = false;

  constructor(retryer: HttpRetryer, factsOf: (url: URL) => Facts) {
    this.#retryer = retryer;
    this.#factsOf = factsOf;
  }

  /** Sends a request as soon as there is a way. */
  async send(url: URL, begin: () => Sent): Promise<Awaited<Sent>> {
    const attempt = await this.#nextAttempt(url);
    this.#attempt = attempt;
    try {
      const sent = await begin();
      if (sent instanceof ClientRequest) tie(sent, attempt);
      else attempt.succeed();
      return sent;
    } catch (error) {
      attempt.fail(error);
      throw error;
    }
  }

  /**
   * What got is to do about a failure: make the request again, without counting it, where an outage was to blame and is over; otherwise what its own
   * rules say.
   *
   * @returns milliseconds, or 0 for giving up.
   */
  async delayAfter({ error }: RetryObject, byRules: () => number | Promise<number>): Promise<number> {
    const [call, attempt, facts] = [this.#call, this.#attempt, this.#facts];
    // Without a request of its own it failed by itself, or was aborted while it waited.
    if (call === undefined || attempt === undefined || facts === undefined) return byRules();
    this.#attempt = undefined;
    // Most have by now, but not those that got ends on its own account.
    attempt.fail(error);
    if ((await call.goesOn()) && facts.isReplayable) {
      // got counts by this number.
      if (error.request !== undefined) error.request.retryCount -= 1;
      this.#repeats = true;
      return AT_ONCE;
    }
    call.end();
    // Somebody answered, whatever is said of the network.
    if (classifyFailure(error).kind === 'response') return byRules();
    // It has waited for as long as it may: got would only wait once more.
    const gaveUp = this.#retryer.isRepeatable(facts) && this.#retryer.networkFor(facts).state === 'down';
    return gaveUp ? 0 : byRules();
  }

  /** got is done with it: nothing of it may wait any longer. */
  end(): void {
    this.#repeats = false;
    for (const call of this.#calls) call.end();
    this.#calls.clear();
  }

  /** A stream is over; but in the same turn another may be made that repeats it. */
  endUnlessRepeated(): void {
    if (!this.#repeats) this.end();
    else setImmediate(() => this.#repeats && this.end());
  }

  /** The one that the Retryer has granted already, or the first of a call of its own. */
  #nextAttempt(url: URL): Promise<DrivenAttempt> {
    // Each request has a call of its own, unless it repeats one.
    if (this.#call !== undefined && this.#repeats) {
      this.#repeats = false;
      return this.#call.next();
    }
    const facts = this.#factsOf(url);
    const call = new DrivenCall((operation, signal) => this.#retryer.run({ ...facts, signal }, operation));
    this.#facts = facts;
    this.#call = call;
    this.#calls.add(call);
    return call.next();
  }
}

/** The request ends with its attempt, and the attempt with its request, or the last byte of the answer. */
function tie(request: ClientRequest, attempt: DrivenAttempt): void {
  const { signal } = attempt;
  const end = () => request.destroy(signal.reason);
  const release = signal.aborted ? () => {} : onAbort(signal, end);
  if (signal.aborted) end();
  let response: IncomingMessage | undefined;
  request.once('response', (answer) => {
    response = answer;
    answer.once('end', () => attempt.succeed());
    answer.once('aborted', () => attempt.fail(cutOff(signal)));
  });
  // Not once: what comes after the first must not be unhandled.
  request.on('error', (error) => attempt.fail(error));
  request.once('close', () => {
    release();
    if (response?.complete === true) attempt.succeed();
    else attempt.fail(cutOff(signal));
  });
}

function cutOff(signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : Object.assign(new Error('the connection was cut'), { code: 'ECONNRESET' });
}
