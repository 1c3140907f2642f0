import { toError } from '../../errors/index.js';
import { LONGEST_TIMER } from '../../options/index.js';
import type { ProbeContext } from '../probe-context.js';
import type { ProbeResult } from '../result.js';
import { ProbeHungError } from './probe-hung-error.js';
import type { RunnableTask } from './task.js';

/**
 * How one run of a probe ended.
 *
 * - `result`: as it should.
 * - `crashed`: it threw, or gave something that is no result.
 * - `hung`: it had not settled when its time and the grace were over, and was ended by its signal.
 * - `cancelled`: nobody wanted its result any more.
 */
export type RunOutcome =
  | { readonly kind: 'result'; readonly result: ProbeResult }
  | { readonly kind: 'crashed'; readonly error: Error }
  | ({ readonly kind: 'hung'; readonly error: Error } & LeftBehind)
  | ({ readonly kind: 'cancelled' } & LeftBehind);

/** A probe that did not end when it was told to. */
export interface LeftBehind {
  /** Settles when the probe does, if ever; absent where it has. */
  readonly abandoned?: Promise<void>;
}

/** How a run is watched over. */
export interface Supervision {
  /** Milliseconds beyond its timeout after which it counts as hung. */
  readonly grace: number;
  /** Its signal is the probe's. Aborted by others when nobody wants the result any more. */
  readonly controller: AbortController;
  readonly context: Omit<ProbeContext, 'signal'>;
}

/** A probe that was told to end has this long to do so, in milliseconds, before it is left to itself. */
const TO_END = 1_000;

/** Runs a probe once, and never longer than it may take. Never rejects. */
export async function supervise(
  { task, target, options, probe }: RunnableTask,
  supervision: Supervision,
): Promise<RunOutcome> {
  const { grace, controller, context } = supervision;
  const { signal } = controller;
  const limit = Math.min(task.timeout + grace, LONGEST_TIMER);
  const running = settle(() => probe(target, options, { ...context, signal }));
  const alarm = new Alarm(limit, () => controller.abort(new ProbeHungError(task.name, limit)));
  const outcome = await Promise.race([running, aborted(signal)]);
  alarm.clear();
  if (outcome !== undefined && !signal.aborted) return outcome;
  const left = await leaveBehind(running);
  return signal.reason instanceof ProbeHungError
    ? { kind: 'hung', error: signal.reason, ...left }
    : { kind: 'cancelled', ...left };
}

/** Waits a moment for a probe that was told to end; what does not is left behind. */
async function leaveBehind(running: Promise<unknown>): Promise<LeftBehind> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<true>((resolve) => {
    timer = setTimeout(() => resolve(true), TO_END);
  });
  const ended = running.then(() => {});
  const isLeft = await Promise.race([ended, tooLong]);
  clearTimeout(timer);
  return isLeft === true ? { abandoned: ended } : {};
}

async function settle(run: () => Promise<ProbeResult>): Promise<RunOutcome> {
  try {
    const result: unknown = await run();
    if (isResult(result)) return { kind: 'result', result };
    return { kind: 'crashed', error: new TypeError('the probe did not resolve to a result') };
  } catch (error) {
    return { kind: 'crashed', error: toError(error) };
  }
}

/** By what everybody reads of a result. */
function isResult(value: unknown): value is ProbeResult {
  if (typeof value !== 'object' || value === null) return false;
  const { status, startedAt, duration, samples, timings, facts }: Partial<Record<string, unknown>> = { ...value };
  return (
    typeof status === 'string' &&
    typeof startedAt === 'number' &&
    typeof duration === 'number' &&
    Array.isArray(samples) &&
    isObject(timings) &&
    isObject(facts)
  );
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
}

/** A timer that does not count a time in which this process itself stood still. */
class Alarm {
  readonly #duration: number;
  readonly #ring: () => void;
  #timer: NodeJS.Timeout;
  #setAt = performance.now();

  constructor(duration: number, ring: () => void) {
    this.#duration = duration;
    this.#ring = ring;
    this.#timer = setTimeout(() => this.#fire(), duration);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }

  #fire(): void {
    const late = performance.now() - this.#setAt - this.#duration;
    if (late < STALL) {
      this.#ring();
      return;
    }
    // What the kernel has kept for the probe meanwhile is heard first.
    this.#setAt = performance.now();
    this.#timer = setTimeout(() => this.#fire(), this.#duration);
  }
}

/** Later than this a timer is only after a stall of the event loop. Milliseconds. */
const STALL = 1_000;
