import type { CourseOutcome, CoursePlan, Step, TraceAnswer } from '../../../../src/probes/trace/course-plan.js';
import { TraceCourse } from '../../../../src/probes/trace/trace-course.js';

/** What becomes of a probe: an answer, without a name or with; silence; or that it cannot be sent. */
export type Fate =
  | {
      readonly kind: 'hop' | 'target' | 'unreachable';
      readonly from: string;
      readonly rtt?: number;
      readonly isUnnamed?: boolean;
    }
  | 'silence'
  | 'unsent';

/** A network as a course meets it. */
export type Network = (step: Step) => Fate;

export const PLAN: CoursePlan = {
  maxHops: 30,
  rounds: 3,
  flows: 1,
  interval: 0,
  timeout: 1_000,
  window: 6,
  isSerial: false,
};

/** Routers r1, r2 … and behind them the target. */
export function routers(count: number, rtt = 10): Network {
  return ({ ttl }) => (ttl > count ? { kind: 'target', from: 'target', rtt } : { kind: 'hop', from: `r${ttl}`, rtt });
}

export interface CourseRun {
  readonly outcome: CourseOutcome;
  /** In the order of sending, and when. */
  readonly steps: readonly (Step & { readonly at: number })[];
  /** How long it took, in milliseconds. */
  readonly duration: number;
}

interface Arrival {
  readonly at: number;
  readonly step: Step;
  readonly fate: Exclude<Fate, string>;
}

/** Runs a course to its end, by a clock that goes from one event to the next. */
export function runCourse(plan: Partial<CoursePlan>, network: Network): CourseRun {
  const course = new TraceCourse({ ...PLAN, ...plan }, 0);
  const steps: (Step & { readonly at: number })[] = [];
  const arrivals: Arrival[] = [];
  let now = 0;
  for (let turn = 0; !course.isOver; turn += 1) {
    if (turn > 100_000) throw new Error('it does not come to an end');
    for (let step = nextOf(course, now); step !== undefined; step = nextOf(course, now)) {
      const fate = network(step);
      steps.push({ ...step, at: now });
      course.sent(step, now);
      if (fate === 'unsent') course.unsent(step, new Error('no route'));
      else if (fate !== 'silence') arrivals.push({ at: now + (fate.rtt ?? 10), step, fate });
    }
    if (course.isOver) break;
    arrivals.sort((a, b) => a.at - b.at);
    const [next] = arrivals;
    if (next === undefined && course.due() === Number.POSITIVE_INFINITY) throw new Error('it waits for nothing');
    now = Math.max(now, Math.min(course.due(), next?.at ?? Number.POSITIVE_INFINITY));
    if (next !== undefined && next.at <= now) hear(course, arrivals.splice(0, 1), now);
    course.expire(now, () => {});
  }
  return { outcome: course.outcome(), steps, duration: now };
}

/** As long as there is something on its way, the course may hurry. */
function nextOf(course: TraceCourse, now: number): Step | undefined {
  const step = course.next(now);
  if (step !== undefined) return step;
  course.hurry();
  return course.next(now);
}

function hear(course: TraceCourse, arrivals: readonly Arrival[], now: number): void {
  for (const { step, fate } of arrivals) {
    const { kind, from, rtt = 10, isUnnamed = false } = fate;
    const answer: TraceAnswer = { kind, from, rtt };
    const found = isUnnamed ? course.unmatched(step.flow, kind === 'target', now) : step;
    if (found !== undefined) course.answered(found.index, answer, now);
  }
}

/** A linear congruential generator, so that each run is the same. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
