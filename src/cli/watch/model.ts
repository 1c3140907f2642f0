import type {
  CheckResult,
  LinkChange,
  NetworkChange,
  NetworkInterface,
  NetworkReason,
  NetworkState,
} from '../../monitor/index.js';
import type { Moment, Sample, WatchEvent } from './watch-event.js';

/** All that the screen shows, as a value. */
export interface Model {
  readonly state: NetworkState;
  readonly reason: NetworkReason;
  /** When the state was entered. */
  readonly since: Moment;
  readonly sample: Sample | undefined;
  /** When it was taken, by the monotonic clock. */
  readonly sampledAt: number;
  /** Traffic of each interface since the sample before, by name. */
  readonly rates: ReadonlyMap<string, Rates>;
  /** The newest result of every check, by host and port. */
  readonly checks: ReadonlyMap<string, CheckResult>;
  /** The states of the last half hour, oldest first. */
  readonly timeline: readonly Span[];
  /** What has happened, oldest first. */
  readonly log: readonly LogEntry[];
}

/** Bytes per second. */
export interface Rates {
  readonly received: number;
  readonly sent: number;
}

/** A state and the monotonic moment at which it began; it lasts until the next one does. */
export interface Span {
  readonly from: number;
  readonly state: NetworkState;
}

/** Something worth telling. */
export type LogEntry = Moment &
  (
    | { readonly kind: 'state'; readonly change: NetworkChange }
    | { readonly kind: 'link'; readonly change: LinkChange }
    | { readonly kind: 'check'; readonly result: CheckResult }
    | { readonly kind: 'error'; readonly message: string }
  );

export function emptyModel(now: Moment): Model {
  return {
    state: 'unknown',
    reason: 'not-judged',
    since: now,
    sample: undefined,
    sampledAt: now.clock,
    rates: new Map(),
    checks: new Map(),
    timeline: [{ from: now.clock, state: 'unknown' }],
    log: [],
  };
}

/** Takes over what was seen. Pure: the model before stays as it was. */
export function update(model: Model, event: WatchEvent): Model {
  switch (event.kind) {
    case 'state':
      return enterState(write(model, event), event, event.change.to, event.change.reason);
    case 'link':
    case 'error':
      return write(model, event);
    case 'check':
      return takeCheck(model, event);
    case 'sample':
      return takeSample(model, event, event.sample);
  }
}

/** By which a check is known. */
export function checkKey({ host, port }: Pick<CheckResult, 'host' | 'port'>): string {
  return `${host} ${port}`;
}

/** More than any screen has rows for. */
const LOG_LENGTH = 500;

/** How much of the past is kept, in milliseconds. */
const MEMORY = 1_800_000;

function write(model: Model, entry: LogEntry): Model {
  return { ...model, log: [...model.log.slice(1 - LOG_LENGTH), entry] };
}

function enterState(model: Model, now: Moment, state: NetworkState, reason: NetworkReason): Model {
  if (state === model.state) return { ...model, reason };
  const { at, clock } = now;
  const timeline = [...forget(model.timeline, clock - MEMORY), { from: clock, state }];
  return { ...model, state, reason, since: { at, clock }, timeline };
}

/** Without what ended before. */
function forget(timeline: readonly Span[], before: number): readonly Span[] {
  return timeline.filter((_, index) => (timeline[index + 1]?.from ?? Number.POSITIVE_INFINITY) > before);
}

/** A check that ends as the last time is no news. */
function takeCheck(model: Model, event: WatchEvent & { readonly kind: 'check' }): Model {
  const key = checkKey(event.result);
  const isNews = model.checks.get(key)?.reachable !== event.result.reachable;
  return { ...(isNews ? write(model, event) : model), checks: new Map(model.checks).set(key, event.result) };
}

function takeSample(model: Model, now: Moment, sample: Sample): Model {
  const { state, reason } = sample.snapshot;
  const rates = ratesBetween(model.sample?.interfaces ?? [], sample.interfaces, now.clock - model.sampledAt);
  return { ...enterState(model, now, state, reason), sample, sampledAt: now.clock, rates };
}

/** @param duration between the two, in milliseconds. */
function ratesBetween(
  before: readonly NetworkInterface[],
  now: readonly NetworkInterface[],
  duration: number,
): ReadonlyMap<string, Rates> {
  const rates = new Map<string, Rates>();
  for (const { name, index, statistics } of now) {
    const last = before.find((each) => each.name === name && each.index === index)?.statistics;
    if (statistics === undefined || last === undefined || duration <= 0) continue;
    const perSecond = (bytes: number): number => Math.max(0, bytes / (duration / 1_000));
    rates.set(name, {
      received: perSecond(statistics.rxBytes - last.rxBytes),
      sent: perSecond(statistics.txBytes - last.txBytes),
    });
  }
  return rates;
}
