import type { SparkValue } from '../../text/sparkline.js';
import type { PathAddress, PathHop } from '../result-kinds.js';

/** What is known of one hop after some rounds, as a value. Times are in milliseconds. */
export interface HopModel {
  readonly ttl: number;
  readonly sent: number;
  readonly received: number;
  /** Probes that were not answered here though somebody farther away answered in the same round. */
  readonly passed: number;
  readonly times: HopTimes | undefined;
  /** The newest rounds, the oldest first: the mean time of each, or what it was instead. */
  readonly history: readonly SparkValue[];
  /** Who has answered, the newest first. */
  readonly addresses: readonly SeenAddress[];
  /** When somebody else answered than before, in milliseconds since the epoch. */
  readonly changedAt: number | undefined;
}

/** Times in milliseconds, of all that was answered. */
export interface HopTimes {
  readonly last: number;
  readonly best: number;
  readonly worst: number;
  readonly mean: number;
  readonly count: number;
  /** The sum of squared distances from the mean (B. P. Welford, Technometrics 4, 1962). */
  readonly squares: number;
  /** What neighbours differ by, added up. */
  readonly differences: number;
}

/** Somebody who has answered at a hop. */
export interface SeenAddress extends PathAddress {
  /** When, in milliseconds since the epoch. */
  readonly seenAt: number;
}

/** How a round was. */
export interface RoundContext {
  /** When it ended, in milliseconds since the epoch. */
  readonly at: number;
  /** Whether others answered than before. */
  readonly changed: boolean;
  /** Whether somebody farther away answered though this hop did not. */
  readonly isPassedBy: boolean;
}

export function emptyHop(ttl: number): HopModel {
  return {
    ttl,
    sent: 0,
    received: 0,
    passed: 0,
    times: undefined,
    history: [],
    addresses: [],
    changedAt: undefined,
  };
}

/** Takes in what one round found. Pure. */
export function addRound(model: HopModel, hop: PathHop, { at, changed, isPassedBy }: RoundContext): HopModel {
  const rtts = hop.addresses.flatMap((address) => address.rtts);
  return {
    ttl: model.ttl,
    sent: model.sent + hop.sent,
    received: model.received + hop.received,
    passed: model.passed + (isPassedBy ? hop.sent - hop.received : 0),
    times: rtts.reduce<HopTimes | undefined>(addTime, model.times),
    history: remember(model.history, hop.rtt?.avg ?? 'bad'),
    addresses: seen(model.addresses, hop.addresses, at),
    changedAt: changed ? at : model.changedAt,
  };
}

/** A round that counts for nothing. */
export function markUnjudged(model: HopModel): HopModel {
  return { ...model, history: remember(model.history, 'doubtful') };
}

/** Which fraction was not answered, 0 to 1; undefined where nothing was asked. */
export function lossAt({ sent, received }: HopModel): number | undefined {
  return sent === 0 ? undefined : (sent - received) / sent;
}

/** The standard deviation in milliseconds; undefined with fewer than two answers. */
export function deviationOf({ count, squares }: HopTimes): number | undefined {
  return count < 2 ? undefined : Math.sqrt(squares / (count - 1));
}

/** By how much neighbours differ on average, in milliseconds; undefined with fewer than two answers. */
export function jitterOf({ count, differences }: HopTimes): number | undefined {
  return count < 2 ? undefined : differences / (count - 1);
}

/**
 * Whether a hop limits how many errors it sends: it answers, and loses clearly more than one of those behind it, to whom its packets have to
 * come. Two standard deviations of the binomial distribution are left to chance.
 */
export function isLimited(hop: HopModel, behind: readonly HopModel[]): boolean {
  if (hop.received === 0 || hop.passed === 0) return false;
  const losses = behind.filter(({ received }) => received > 0).map((each) => lossAt(each) ?? 1);
  if (losses.length === 0) return false;
  const least = Math.min(...losses);
  const chance = 1 + 2 * Math.sqrt(hop.sent * least * (1 - least));
  return hop.sent - hop.received - hop.sent * least > chance;
}

function addTime(times: HopTimes | undefined, time: number): HopTimes {
  if (times === undefined) {
    return { last: time, best: time, worst: time, mean: time, count: 1, squares: 0, differences: 0 };
  }
  const count = times.count + 1;
  const mean = times.mean + (time - times.mean) / count;
  return {
    last: time,
    best: Math.min(times.best, time),
    worst: Math.max(times.worst, time),
    mean,
    count,
    squares: times.squares + (time - times.mean) * (time - mean),
    differences: times.differences + Math.abs(time - times.last),
  };
}

function seen(before: readonly SeenAddress[], now: readonly PathAddress[], at: number): readonly SeenAddress[] {
  const fresh = now.map((address) => {
    const known = before.find((each) => each.address === address.address);
    const name = address.name ?? known?.name;
    return { ...address, ...(name !== undefined && { name }), seenAt: at };
  });
  const older = before.filter(({ address }) => !now.some((each) => each.address === address));
  return [...fresh, ...older].slice(0, MOST_ADDRESSES);
}

/** More than any screen has rows for; who forges answers could name any number. */
const MOST_ADDRESSES = 16;

function remember(history: readonly SparkValue[], value: SparkValue): readonly SparkValue[] {
  return [...history.slice(1 - LONGEST_HISTORY), value];
}

/** More columns than any terminal gives to it. */
const LONGEST_HISTORY = 200;
