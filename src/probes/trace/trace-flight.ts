import type { Readiness } from '../../../native/index.js';
import { onAbort } from '../../events/index.js';
import { LONGEST_TIMER } from '../../options/index.js';
import type { CourseOutcome, CoursePlan, Step, TraceAnswer } from './course-plan.js';
import type { Pace } from './pace.js';
import type { Prober, ProberListener } from './prober.js';
import { TraceCourse } from './trace-course.js';

/** How many probes are sent in one turn of the event loop, so that others get their turn. */
const MOST_AT_ONCE = 64;

/** What a {@link TraceFlight} shares with others. */
export interface FlightParts {
  readonly readiness: Readiness;
  readonly pace: Pace;
}

/** One trace on its way: does what its course wants, when it wants it. */
export class TraceFlight implements ProberListener {
  readonly #course: TraceCourse;
  readonly #parts: FlightParts;
  #prober: Prober | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Whether there may be more to send than the pace allowed. */
  #isHeldBack = false;
  #state: 'idle' | 'stepping' | 'scheduled' | 'ended' = 'idle';
  #settle: (outcome: CourseOutcome) => void = () => {};

  constructor(plan: CoursePlan, parts: FlightParts) {
    this.#course = new TraceCourse(plan, performance.now());
    this.#parts = parts;
  }

  /** @returns what came of it, when all is answered or given up, or the signal aborts. The prober is closed then. */
  run(prober: Prober, signal: AbortSignal): Promise<CourseOutcome> {
    this.#prober = prober;
    return new Promise((resolve) => {
      const release = signal.aborted ? () => {} : onAbort(signal, () => this.#end());
      this.#settle = (outcome) => {
        release();
        resolve(outcome);
      };
      if (signal.aborted) this.#end();
      else this.#step();
    });
  }

  #end(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    clearTimeout(this.#timer);
    this.#course.stop();
    this.#prober?.close();
    this.#settle(this.#course.outcome());
  }

  onAnswer(index: number, answer: TraceAnswer): void {
    if (this.#state === 'ended') return;
    if (this.#course.answered(index, answer, performance.now())) this.#schedule();
  }

  onUnmatched(flow: number, isFromTarget: boolean): number | undefined {
    if (this.#state === 'ended') return undefined;
    this.#schedule();
    return this.#course.unmatched(flow, isFromTarget, performance.now())?.index;
  }

  /** Whatever comes in at once is heard first. */
  #schedule(): void {
    if (this.#state !== 'idle') return;
    this.#state = 'scheduled';
    queueMicrotask(() => {
      if (this.#state === 'scheduled') this.#step();
    });
  }

  #step(): void {
    this.#state = 'stepping';
    // What has come in time is to be read before anything is given up, however late we are ourselves.
    this.#parts.readiness.dispatch();
    this.#course.expire(performance.now(), (index) => this.#prober?.forget(index));
    let count = this.#sendAll(MOST_AT_ONCE);
    if (count < MOST_AT_ONCE && !this.#course.isOver) {
      this.#course.hurry();
      count += this.#sendAll(MOST_AT_ONCE - count);
    }
    if (this.#course.isOver) {
      this.#end();
    } else {
      this.#state = 'idle';
      this.#arm(count >= MOST_AT_ONCE);
    }
  }

  /** What there is to send, and what the answers to that bring: on a short way they are there already. */
  #sendAll(most: number): number {
    let count = 0;
    for (let sent = this.#send(most); sent > 0; sent = this.#send(most - count)) {
      count += sent;
      this.#parts.readiness.dispatch();
    }
    return count;
  }

  #send(most: number): number {
    let sent = 0;
    this.#isHeldBack = false;
    while (sent < most) {
      const now = performance.now();
      this.#isHeldBack = this.#parts.pace.nextAt(now) > now;
      if (this.#isHeldBack) break;
      const step = this.#course.next(now);
      if (step === undefined) break;
      this.#parts.pace.take(now);
      this.#sendOne(step, now);
      sent += 1;
    }
    return sent;
  }

  #sendOne(step: Step, now: number): void {
    // Before the packet leaves: the answer may be heard within the call.
    this.#course.sent(step, now);
    try {
      this.#prober?.send(step);
    } catch (error) {
      this.#course.unsent(step, error);
    }
  }

  #arm(hasMore: boolean): void {
    clearTimeout(this.#timer);
    const now = performance.now();
    // Whoever was held back has more to send, although by now the pace may allow it: what the course has due is of no use then.
    const due = hasMore || this.#isHeldBack ? this.#parts.pace.nextAt(now) : this.#course.due();
    this.#timer = setTimeout(() => this.#step(), Math.min(Math.max(0, due - now), LONGEST_TIMER));
  }
}
