import type { Evidence, Lookup, Observation, Outage, Span, Verdict, WorkHistory, WorkStep } from './observation.js';

/**
 * What is wrong.
 *
 * - `false-pause`: work was held, or a subject was said to be down, for longer than one round of checks while a fresh connection got through.
 * - `missed-outage`: an outage was not seen in time, or a failure that it caused was charged.
 * - `stuck-pause`: work was held for longer than a trial's interval and two timeouts after the way was free.
 * - `wrong-reason`: the verdict was right and its reason was not, or the state was not what it should be.
 * - `excess`: more memory, processor time or errors than there should be.
 * - `broken`: the scenario did not do what it says, so that it proves nothing.
 */
export type FindingKind = 'false-pause' | 'missed-outage' | 'stuck-pause' | 'wrong-reason' | 'excess' | 'broken';

export interface Finding {
  readonly kind: FindingKind;
  readonly text: string;
}

/** How long it took until an outage was seen. */
export interface Detection {
  readonly evidence: Evidence;
  /** Milliseconds, without those in which the monitor's process did not run. */
  readonly after: number;
}

export interface Judgement {
  readonly findings: readonly Finding[];
  readonly detections: readonly Detection[];
}

/** Holds what was seen against the truth. Pure. */
export function judge(seen: Observation): Judgement {
  const detections = seen.outages.map((outage) => detect(seen, outage));
  const findings = [
    ...truthfulness(seen),
    ...seen.outages.flatMap((outage, index) => judgeDetection(seen, outage, detections[index])),
    ...judgeReasons(seen),
    ...judgeBeginning(seen),
    ...judgeCalm(seen),
    ...judgeHolding(seen),
    ...seen.works.flatMap((work) => judgeWork(seen, work)),
    ...judgeEnd(seen),
  ];
  return {
    findings: findings.map(({ kind, text }) => ({ kind, text: `${seen.subject}: ${text}` })),
    detections: detections.flatMap((detection) => (typeof detection === 'object' ? [detection] : [])),
  };
}

// The truth

/** Whether the faults had the effect that the scenario claims: otherwise a monitor that says nothing would pass. */
function truthfulness(seen: Observation): readonly Finding[] {
  if (!seen.witnessed) return [];
  return [...judgeConnects(seen), ...seen.lookups.flatMap((lookup) => judgeLookup(seen, lookup))];
}

function judgeConnects(seen: Observation): readonly Finding[] {
  const lively = seen.connects.filter(
    (connect) => connect.outcome === 'connected' && seen.outages.some((outage) => isWithin(connect, firmPart(outage))),
  );
  const dead = seen.connects.filter(
    (connect) =>
      connect.outcome !== 'connected' && !seen.outages.some((outage) => overlap(connect, wholeOf(outage)) > 0),
  );
  return [
    ...lively
      .slice(0, 1)
      .map(({ from }) => broken(`the witness got through at ${ms(from)}, in the middle of what is called an outage`)),
    ...dead
      .slice(seen.blinks, seen.blinks + 1)
      .map(({ from, outcome }) =>
        broken(`the witness failed at ${ms(from)} (${outcome}), where nothing is said to be wrong`),
      ),
  ];
}

function judgeLookup(seen: Observation, { at, answer }: Lookup): readonly Finding[] {
  const outage = seen.outages.find(({ from, mendedFrom }) => from <= at && at < mendedFrom);
  const isOpen = answer === 'route';
  if (outage?.evidence === 'path' && isOpen) {
    return [broken(`the kernel has a living route at ${ms(at)}, in what is called an outage of the path`)];
  }
  if (outage?.evidence === 'reach' && !isOpen) {
    return [broken(`the kernel has no living route at ${ms(at)}, in what is called an outage behind it`)];
  }
  if (seen.outages.length === 0 && !isOpen) {
    return [broken(`the kernel has no living route at ${ms(at)}, where nothing is said to be wrong`)];
  }
  return [];
}

/** The part of an outage in which nothing is on its way any more. */
function firmPart({ madeBy, mendedFrom }: Outage): Span {
  return { from: madeBy + SETTLING, until: mendedFrom };
}

/** With what was under way when it came and when it went. */
function wholeOf({ from, until }: Outage): Span {
  return { from: from - SETTLING, until: until + RECOVERY };
}

/** What is under way is through in this many milliseconds: a queue is emptied. */
const SETTLING = 150;

/** Until neighbours have found each other again and a bridge forwards. */
const RECOVERY = 1_500;

// Detection

type Detected = Detection | 'down before' | 'not promised' | 'never';

function detect(seen: Observation, { from, evidence, mustBeSeen }: Outage): Detected {
  if (!mustBeSeen) return 'not promised';
  const before = lastBefore(seen.verdicts, from);
  if (before?.state === 'down') return 'down before';
  const down = seen.verdicts.find(({ at, state }) => at >= from && state === 'down');
  if (down === undefined) return 'never';
  return { evidence, after: down.at - from - stalledIn(seen, { from, until: down.at }) };
}

function judgeDetection(seen: Observation, outage: Outage, detected: Detected | undefined): readonly Finding[] {
  if (detected === 'not promised' || detected === 'down before') return [];
  const bound = boundOf(seen, outage);
  const what = `the outage at ${ms(outage.from)} (${outage.evidence}, ${outage.busy ? 'work in flight' : 'idle'})`;
  if (detected === undefined || detected === 'never') return [missed(`${what} was never seen`)];
  if (detected.after <= bound) return [];
  return [missed(`${what} was seen after ${ms(detected.after)}, and ${ms(bound)} are allowed`)];
}

function boundOf({ bounds }: Observation, { evidence, busy, within }: Outage): number {
  if (within !== undefined) return within;
  if (evidence === 'reach') return bounds.reach;
  return busy ? bounds.path.busy : bounds.path.idle;
}

function judgeReasons(seen: Observation): readonly Finding[] {
  return seen.outages.flatMap(({ from, mendedFrom, reasons }) =>
    seen.verdicts
      .filter(({ at, state, reason }) => at >= from && at < mendedFrom && state === 'down' && !reasons.includes(reason))
      .slice(0, 1)
      .map(({ at, reason }) => wrong(`down by ${reason} at ${ms(at)}, where ${reasons.join(' or ')} is the truth`)),
  );
}

// While nothing is wrong

function judgeBeginning(seen: Observation): readonly Finding[] {
  const [first] = seen.verdicts;
  if (first === undefined || seen.calm.includes(named(first))) return [];
  const text = `${named(first)} before anything has happened, where ${seen.calm.join(' or ')} is the truth`;
  return [first.state === 'down' ? falsePause(text) : wrong(text)];
}

/** A subject that nothing is done to says nothing but what it may say. */
function judgeCalm(seen: Observation): readonly Finding[] {
  if (seen.outages.length > 0) return [];
  const [, ...changes] = seen.verdicts;
  const bad = changes.find((verdict) => !seen.calm.includes(named(verdict)));
  if (bad === undefined) return [];
  const text = `${named(bad)} at ${ms(bad.at)}, although nothing is wrong (${seen.calm.join(' or ')} is the truth)`;
  return [bad.state === 'down' ? falsePause(text) : wrong(text)];
}

/** Neither the subject nor its work may be held while there is a way. */
function judgeHolding(seen: Observation): readonly Finding[] {
  const downs = downSpans(seen);
  const alarms = downs.filter((span) => exceeds(seen, outside(span, seen.outages), seen.bounds.round));
  if (!seen.witnessed) return alarms.slice(0, 1).map((span) => falsePause(`down ${within(span)}, beyond any outage`));
  const free = freeSpans(seen);
  const isFree = (span: Span) => free.some((each) => exceeds(seen, [intersection(span, each)], seen.bounds.round));
  const heldSpans = seen.works.flatMap((work) => pauses(seen, work).map((span) => ({ span, who: work.name })));
  return [
    ...downs.filter(isFree).map((span) => falsePause(`down ${within(span)} while a fresh connection got through`)),
    ...heldSpans
      .filter(({ span }) => isFree(span))
      .map(({ span, who }) => falsePause(`${who} was held ${within(span)} while a fresh connection got through`)),
  ].slice(0, 3);
}

/** Stretches in which every fresh connection got through. */
function freeSpans({ connects }: Observation): readonly Span[] {
  const spans: { from: number; until: number }[] = [];
  let isOpen = false;
  for (const { from, until, outcome } of [...connects].sort((a, b) => a.from - b.from)) {
    const last = spans.at(-1);
    if (outcome !== 'connected') isOpen = false;
    else if (isOpen && last !== undefined) last.until = Math.max(last.until, until);
    else {
      spans.push({ from, until });
      isOpen = true;
    }
  }
  return spans;
}

function downSpans({ verdicts, endedAt }: Observation): readonly Span[] {
  return verdicts.flatMap(({ at, state }, index) =>
    state === 'down' ? [{ from: at, until: verdicts[index + 1]?.at ?? endedAt }] : [],
  );
}

function exceeds(seen: Observation, spans: readonly Span[], bound: number): boolean {
  return spans.some((span) => lengthOf(span) - stalledIn(seen, span) > bound);
}

// Work

function judgeWork(seen: Observation, work: WorkHistory): readonly Finding[] {
  return [...judgeCharges(work), ...judgeOutcome(seen, work), ...judgeStuckness(seen, work)];
}

function judgeCharges({ name, fate, steps }: WorkHistory): readonly Finding[] {
  if (fate === 'spending') return [];
  const charged = steps.flatMap(({ at, step }) =>
    step.kind === 'failure' && step.spent ? [{ at, code: step.code }] : [],
  );
  return charged.slice(0, 1).map(({ at, code }) => missed(`${name} was charged for ${code} at ${ms(at)}`));
}

function judgeOutcome(seen: Observation, { name, steps }: WorkHistory): readonly Finding[] {
  const last = steps.at(-1);
  if (last === undefined) return [broken(`${name} never began`)];
  if (last.step.kind === 'done') return [];
  if (last.step.kind === 'failed') return [missed(`${name} failed with ${last.step.code} at ${ms(last.at)}`)];
  if (isHeldAt(steps)) return [];
  return [
    missed(
      `${name} still hung at the end of the scene, ${ms(seen.endedAt - last.at)} after its last ${last.step.kind}`,
    ),
  ];
}

function judgeStuckness(seen: Observation, work: WorkHistory): readonly Finding[] {
  const free = freeSpans(seen);
  const stuck = pauses(seen, work).find(
    (span) =>
      // Held to the end of the scene it never came back, however soon the scene was ended.
      (span.until === seen.endedAt && isHeldAt(work.steps)) ||
      free.some((each) => exceeds(seen, [intersection(span, each)], seen.bounds.stuck)),
  );
  return stuck === undefined ? [] : [{ kind: 'stuck-pause', text: `${work.name} was held ${within(stuck)}` }];
}

function isHeldAt(steps: readonly WorkStep[]): boolean {
  const last = steps.findLast(({ step }) => step.kind === 'pause' || step.kind === 'resume');
  return last?.step.kind === 'pause' && !steps.some(({ step }) => step.kind === 'done' || step.kind === 'failed');
}

function pauses({ endedAt }: Observation, { steps }: WorkHistory): readonly Span[] {
  return steps.flatMap(({ at, step }, index) => {
    if (step.kind !== 'pause') return [];
    const end = steps.slice(index + 1).find((each) => ['resume', 'done', 'failed'].includes(each.step.kind));
    return [{ from: at, until: end?.at ?? endedAt }];
  });
}

// The end

function judgeEnd(seen: Observation): readonly Finding[] {
  const last = seen.verdicts.at(-1);
  if (last === undefined) return [broken('nothing was ever said')];
  if (seen.finally.includes(named(last))) return [];
  const text = `${named(last)} in the end, where ${seen.finally.join(' or ')} is the truth`;
  return [
    last.state === 'down' && !seen.finally.some((each) => each.startsWith('down')) ? falsePause(text) : wrong(text),
  ];
}

// Small tools

function named({ state, reason }: Verdict): string {
  return `${state} (${reason})`;
}

function lastBefore(verdicts: readonly Verdict[], at: number): Verdict | undefined {
  return verdicts.findLast((verdict) => verdict.at < at);
}

function isWithin(inner: Span, outer: Span): boolean {
  return inner.from >= outer.from && inner.until <= outer.until;
}

function overlap(a: Span, b: Span): number {
  return lengthOf(intersection(a, b));
}

function intersection(a: Span, b: Span): Span {
  return { from: Math.max(a.from, b.from), until: Math.min(a.until, b.until) };
}

function lengthOf({ from, until }: Span): number {
  return Math.max(0, until - from);
}

/** What of a span lies in none of the others. */
function outside(span: Span, others: readonly Span[]): readonly Span[] {
  return others.reduce<readonly Span[]>(
    (left, other) =>
      left
        .flatMap(({ from, until }) => [
          { from, until: Math.min(until, other.from) },
          { from: Math.max(from, other.until), until },
        ])
        .filter((part) => lengthOf(part) > 0),
    [span],
  );
}

function stalledIn({ stalls }: Observation, span: Span): number {
  return stalls.reduce((sum, stall) => sum + overlap(stall, span), 0);
}

function within({ from, until }: Span): string {
  return `from ${ms(from)} to ${ms(until)}`;
}

function ms(time: number): string {
  return `${time.toFixed(time < 10 ? 1 : 0)} ms`;
}

export const broken = (text: string): Finding => ({ kind: 'broken', text });
export const missed = (text: string): Finding => ({ kind: 'missed-outage', text });
export const wrong = (text: string): Finding => ({ kind: 'wrong-reason', text });
export const falsePause = (text: string): Finding => ({ kind: 'false-pause', text });
