import { canonicalAddress } from '../names/index.js';
import type { CheckTarget } from './check-round.js';
import type { Connect } from './connect.js';
import { resolveDestination, type TargetOptions } from './destination.js';
import type { HostEvidence } from './judge.js';
import type { NameBook } from './name-book.js';
import { type Egress, wayKey } from './path.js';
import { PathTracker } from './path-tracker.js';
import { type DestinationCheck, TargetMonitor, type TargetOwner } from './target-monitor.js';

/** Destinations asked in one round. What one of them answers is as good for all others behind the same gateway. */
const MOST_ASKED = 32;

/** Milliseconds. Rounds can follow each other more quickly; the destinations of work are others' servers. */
const ASK_AGAIN_AFTER = 500;

/** What a {@link Targets} is made of. */
export interface TargetsOwner extends TargetOwner {
  /** Whether an interface counts as a way out, where the target does not name one. */
  allowed(interfaceName: string): boolean;
}

/** The destinations that somebody has asked about: each is one object for as long as somebody has it, and judged while somebody watches. */
export class Targets {
  readonly #owner: TargetsOwner;
  readonly #watched = new Set<TargetMonitor>();
  /** Counts what `forgetAnswers` was called for, and holds when that was for all, and when for those behind one gateway. */
  #eras = 0;
  #eraOfAll = 0;
  readonly #eraByWay = new Map<string, number>();
  readonly #byKey = new Map<string, WeakRef<TargetMonitor>>();
  readonly #forgotten = new FinalizationRegistry<string>((key) => {
    // Unless the destination was asked for again meanwhile.
    if (this.#byKey.get(key)?.deref() === undefined) this.#byKey.delete(key);
  });

  constructor(owner: TargetsOwner) {
    this.#owner = owner;
  }

  /** Those that somebody listens to, waits for or works by, as they are now: publishing to one can add and remove others. */
  get watched(): readonly TargetMonitor[] {
    return [...this.#watched];
  }

  /** The hosts that their paths lead to. */
  get hosts(): readonly string[] {
    return this.watched.map(({ tracker }) => tracker.host);
  }

  /** Whether work to any of them is in flight or waits. */
  get busy(): boolean {
    return this.watched.some(({ busy }) => busy);
  }

  /** Whether any of them waits for nothing but an answer. */
  get awaitAnswer(): boolean {
    return this.watched.some(({ verdict, tracker }) => verdict.state === 'down' && tracker.verdict?.kind === 'open');
  }

  /**
   * The target for a destination.
   *
   * @throws {InvalidOptionError}
   */
  of(destination: string, options: TargetOptions): TargetMonitor {
    const { host, port } = resolveDestination(destination, options);
    const { source, mark, interface: name, askDestination } = options;
    const key = JSON.stringify([host, port, source, mark, name, askDestination]);
    const known = this.#byKey.get(key)?.deref();
    if (known !== undefined) return known;
    const allowed = name === undefined ? this.#owner.allowed : (interfaceName: string) => interfaceName === name;
    const tracker = trackerOf(host, port, options);
    const target = new TargetMonitor(destination, tracker, allowed, checkOf(port, options), this.#owner);
    this.#byKey.set(key, new WeakRef(target));
    this.#forgotten.register(target, key);
    return target;
  }

  watch(target: TargetMonitor): void {
    this.#watched.add(target);
  }

  unwatch(target: TargetMonitor): void {
    this.#watched.delete(target);
  }

  /** Those behind an egress that answered when they were asked themselves: as good a witness as any check host. */
  witnesses(egress: Egress): readonly HostEvidence[] {
    const answering = this.watched.filter(({ answers, tracker }) => answers && tracker.leadsVia(egress));
    return answering.map(() => ({ standing: 'reachable', armed: true }));
  }

  /** Somebody behind an egress has answered: what failed there before needs two silent rounds again to be an outage. */
  noteAnswer(egress: Egress): void {
    for (const target of this.#watched) if (target.tracker.leadsVia(egress)) target.forgiveFailure();
  }

  /** Those that are in doubt, as a round of checks asks them. */
  checkTargets(
    names: NameBook,
    connect: Connect,
    isInDoubt: (target: TargetMonitor) => boolean,
  ): readonly CheckTarget[] {
    const doubted = this.watched.filter((target) => target.askable && isInDoubt(target));
    const chosen = new Set(spread(doubted).slice(0, MOST_ASKED));
    for (const target of doubted) if (!chosen.has(target)) target.forgetAnswer();
    const now = performance.now();
    return [...chosen]
      .filter(({ askedAt }) => now - askedAt >= ASK_AGAIN_AFTER)
      .flatMap((target) => target.asCheckTarget(names.addressesOf(target.tracker.host), connect) ?? []);
  }

  /** Changes with each `forgetAnswers` that concerns a target, so that one that nobody watches forgets as well when it is asked for again. */
  era({ tracker: { verdict } }: TargetMonitor): number {
    const ofWay = verdict?.kind === 'open' ? this.#eraByWay.get(wayKey(verdict.egress)) : undefined;
    return Math.max(this.#eraOfAll, ofWay ?? 0);
  }

  /** What spoke against the old judgement of all of them, or of those behind an egress, does not speak on a new one. */
  forgetAnswers(via?: Egress): void {
    this.#eras += 1;
    if (via !== undefined) {
      this.#eraByWay.set(wayKey(via), this.#eras);
      return;
    }
    this.#eraOfAll = this.#eras;
    this.#eraByWay.clear();
  }
}

/** One of each gateway in turn; of those behind one, first the witnesses, then those that were not asked for longest. */
function spread(targets: readonly TargetMonitor[]): readonly TargetMonitor[] {
  const ways = new Map<string, TargetMonitor[]>();
  for (const target of targets) {
    const { verdict } = target.tracker;
    const way = verdict?.kind === 'open' ? wayKey(verdict.egress) : '';
    ways.set(way, [...(ways.get(way) ?? []), target]);
  }
  const queues = [...ways.values()].map((queue) => queue.sort(byUse));
  const longest = Math.max(0, ...queues.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) => queues.flatMap((queue) => queue[turn] ?? [])).flat();
}

function byUse(a: TargetMonitor, b: TargetMonitor): number {
  if (a.answers !== b.answers) return a.answers ? -1 : 1;
  if (a.askedAt === b.askedAt) return 0;
  return a.askedAt < b.askedAt ? -1 : 1;
}

function trackerOf(host: string, port: number | undefined, { source, mark }: TargetOptions): PathTracker {
  return new PathTracker(host, {
    ports: port === undefined ? [] : [port],
    traits: {
      ...(source !== undefined && { source: canonicalAddress(source) }),
      ...(mark !== undefined && { mark }),
    },
  });
}

/** A connect of ours cannot be marked or bound to an interface: it might go another way than the work does. */
function checkOf(port: number | undefined, options: TargetOptions): DestinationCheck | undefined {
  const { source, mark, interface: name, askDestination = true } = options;
  const isAskable = askDestination && mark === undefined && name === undefined;
  return isAskable && port !== undefined ? { port, source } : undefined;
}
