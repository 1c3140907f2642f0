import { setTimeout as delay } from 'node:timers/promises';
import { type Broken, expectedOf, type Fault } from './faults.js';
import { monotonic } from './programs/journal.js';
import type { RegistryName, RingLab } from './ring-lab.js';
import { type SeenChange, Sight, type View } from './sight.js';
import { StarvationLog } from './starvation-log.js';
import { ToldOutages } from './told-outages.js';

/** How long it took until everything was seen as it is. */
export interface Delay {
  /** Of what took the longest, measured by its bound. */
  readonly ratio: number;
  /** Milliseconds, of the same. */
  readonly milliseconds: number;
  readonly what: string;
}

/** What became of one fault. */
export interface Trial {
  readonly fault: Fault;
  /** When it was mended, in milliseconds of CLOCK_MONOTONIC. */
  readonly mendedAt: number;
  readonly shown: Delay;
  readonly healed: Delay;
  /** Members that were said to have failed, and had not. */
  readonly falseBlame: readonly SeenChange[];
  /** The same, but the member that was asked, or the one that asked, could hardly run at that time: so it did not answer in time. */
  readonly starvedBlame: readonly SeenChange[];
  /** The part of the time in which the member that had it worst could not run, 0 to 1. */
  readonly starvation: number;
  /** Verdicts of these checks that were withheld without need. */
  readonly withheld: readonly SeenChange[];
  /** What was wrong beside: in words. */
  readonly problems: readonly string[];
}

/** Milliseconds. */
const LOOK_EVERY = 100;

/** Of one fault, in words: when one is wrong, many are. */
const MOST_PROBLEMS = 12;

/** Breaks and mends, and compares with what members and registries show. */
export class Trials {
  readonly #ring: RingLab;
  readonly #sight: Sight;
  readonly #registries: readonly RegistryName[];
  /** How many times the bound is waited before a fault counts as never shown. */
  readonly #patience: number;
  /** What was broken before: a trace takes longer than a fault. */
  #before: Broken = {};
  /** How much of the history was judged. */
  #judged = 0;
  readonly #starvation: StarvationLog;
  readonly #outages: ToldOutages;

  constructor(ring: RingLab, patience: number, registries: readonly RegistryName[] = ['first']) {
    this.#ring = ring;
    this.#sight = new Sight(ring);
    this.#starvation = new StarvationLog(ring);
    this.#outages = new ToldOutages(ring);
    this.#patience = patience;
    this.#registries = registries;
  }

  /** Milliseconds within which a check shows what has changed: its interval, its timeout, and one second. */
  bound(check: string): number {
    const { timeout, options } = this.#ring;
    const { interval } = options;
    return interval + (check === 'ping' ? interval : timeout) + 1_000;
  }

  /** Waits until everybody sees everybody, also on a machine on which a dozen processes take long to start. */
  async settle(): Promise<void> {
    const { problems } = await this.#await({ broken: {}, since: monotonic(), patience: 20 });
    if (problems.length > 0) throw new Error(problems.join('\n'));
    this.#judged = this.#sight.history.length;
  }

  /** @param hold milliseconds for which the fault goes on after it was shown. */
  async run(fault: Fault, hold = 0): Promise<Trial> {
    const { broken } = fault;
    const brokenAt = { wall: Date.now(), since: await fault.apply() };
    for (const name of broken.gone ?? []) this.#sight.forget(name);
    const shown = await this.#await({ broken, since: brokenAt.since, extra: fault.isShown });
    await delay(hold);
    const wall = Date.now();
    const since = await fault.undo();
    const healed = await this.#await({ broken: {}, since, extra: fault.isHealed });
    const outages = await this.#checkOutages(broken, { from: brokenAt.wall, until: wall, since });
    await this.#starvation.look();
    this.#ring.measure();
    return {
      fault,
      mendedAt: since,
      shown: shown.delay,
      healed: healed.delay,
      ...this.#judge(broken, since),
      starvation: this.#starvation.share(this.#names, brokenAt.since, monotonic()),
      problems: [...shown.problems, ...healed.problems, ...outages, ...(fault.lost?.() ?? [])],
    };
  }

  async #await({ broken, since, extra = async () => true, patience = this.#patience }: Wait): Promise<Waited> {
    const deadline = monotonic() + patience * this.bound('ping');
    const isOver = Object.keys(broken).length === 0;
    let extraAt: number | undefined;
    let heardAt = isOver ? undefined : since;
    for (;;) {
      await this.#sight.look();
      extraAt ??= (await extra()) ? monotonic() : undefined;
      heardAt ??= await this.#allHeard(since);
      const wrong = this.#wrong(broken);
      if (wrong.length === 0 && extraAt !== undefined && heardAt !== undefined) {
        return {
          delay: this.#longest(broken, since, { 'what is asked for': extraAt, 'reports of all': heardAt }),
          problems: [],
        };
      }
      if (monotonic() > deadline) {
        const rest = extraAt === undefined ? ['what is asked for does not come'] : [];
        const silence = heardAt === undefined ? ['not all are heard of'] : [];
        return { delay: NEVER, problems: [...wrong.slice(0, MOST_PROBLEMS), ...rest, ...silence] };
      }
      await delay(LOOK_EVERY);
    }
  }

  #longest(broken: Broken, since: number, others: Readonly<Record<string, number>>): Delay {
    const rest = Object.entries(others).map(([what, at]) => {
      const milliseconds = Math.max(0, at - since);
      return { what, milliseconds, ratio: milliseconds / this.bound('tcp') };
    });
    return [...this.#delays(broken, since), ...rest].reduce((worst, each) => (each.ratio > worst.ratio ? each : worst));
  }

  /** What is not seen as it is. */
  #wrong(broken: Broken): readonly string[] {
    return this.#subjects().flatMap((subject) => {
      const expected = this.#expected(broken, subject);
      const seen = this.#sight.last(subject.view, subject.source, subject.target, subject.check);
      if (expected === undefined || seen?.verdict === expected) return [];
      return [`${nameOf(subject)} is ${seen?.verdict ?? 'not there'} (${seen?.reason ?? ''}), not ${expected}`];
    });
  }

  #delays(broken: Broken, since: number): readonly Delay[] {
    return this.#subjects().flatMap((subject) => {
      const seen = this.#sight.last(subject.view, subject.source, subject.target, subject.check);
      if (this.#expected(broken, subject) === undefined || seen === undefined || seen.at < since) return [];
      const milliseconds = seen.at - since;
      return [{ ratio: milliseconds / this.bound(subject.check), milliseconds, what: nameOf(subject) }];
    });
  }

  #subjects() {
    const names = this.#names;
    const views: readonly View[] = ['member', ...this.#registries];
    return views.flatMap((view) =>
      names.flatMap((source) =>
        names
          .filter((target) => target !== source)
          .flatMap((target) => this.#ring.checks.map((check) => ({ view, source, target, check }))),
      ),
    );
  }

  get #names(): readonly string[] {
    return this.#ring.wan.sites.map(({ name }) => name);
  }

  #expected(broken: Broken, subject: Parameters<typeof expectedOf>[1]): ReturnType<typeof expectedOf> {
    return expectedOf(broken, subject, (registry) => this.#ring.siteOf(registry).name);
  }

  /** When the last of all members was heard of, by every registry, after a moment; undefined where that is still to come. */
  async #allHeard(since: number): Promise<number | undefined> {
    const heard = await Promise.all(
      this.#registries.map(async (name) => [
        ...Object.values((await this.#ring.watchers.get(name)?.call('heard')) ?? {}),
        ...((await this.#ring.known(name)).length === this.#ring.wan.sites.length ? [] : [0]),
      ]),
    );
    const times = heard.flat();
    return times.length > 0 && times.every((at) => at > since) ? Math.max(...times) : undefined;
  }

  /** A member that was offline tells of it, with times, when it is back. */
  async #checkOutages({ offline = [] }: Broken, times: OutageTimes): Promise<readonly string[]> {
    const deadline = monotonic() + this.#patience * this.bound('tcp');
    const awaited = this.#registries.flatMap((registry) => offline.map((id) => ({ registry, id })));
    for (;;) {
      await this.#outages.look();
      const found = awaited.map(({ registry, id }) => ({ id, told: this.#outages.ended(registry, id, times.since) }));
      const isOver = monotonic() > deadline || found.every(({ told }) => told !== undefined);
      if (isOver) return found.flatMap(({ id, told }) => this.#complaint(id, told, times));
      await delay(LOOK_EVERY);
    }
  }

  #complaint(id: string, told: ReturnType<ToldOutages['ended']>, { from, until }: OutageTimes): readonly string[] {
    if (told === undefined) return [`the outage of ${id} is not told of`];
    const tolerance = this.bound('tcp') * this.#patience;
    if (Math.abs(told.from - from) <= tolerance && Math.abs(told.until - until) <= tolerance) return [];
    return [`the outage of ${id} was from ${from} until ${until}, and is told as ${told.from} to ${told.until}`];
  }

  /** Looks for what nobody should have said since the last fault; @param mendedAt when this one was over. */
  #judge(broken: Broken, mendedAt: number): Pick<Trial, 'falseBlame' | 'starvedBlame' | 'withheld'> {
    const changes = this.#sight.history.slice(this.#judged);
    this.#judged = this.#sight.history.length;
    // Of whoever was not heard, nothing was expected of its registry; but it may tell later how it was.
    const expected = (change: SeenChange) => this.#expected(broken, { ...change, view: 'member' });
    const before = this.#before;
    this.#before = broken;
    const wasBroken = (change: SeenChange) =>
      !this.#ring.checks.includes(change.check) && this.#expected(before, { ...change, view: 'member' }) === 'failed';
    // Of two sites that come back, one may be there sooner.
    const isLater = ({ target, at }: SeenChange) => at > mendedAt && (broken.offline ?? []).includes(target);
    const blame = changes.filter(
      (each) => each.verdict === 'failed' && expected(each) !== 'failed' && !wasBroken(each) && !isLater(each),
    );
    const isStarved = ({ source, target, at }: SeenChange) => {
      const from = at - this.#ring.timeout - this.#ring.options.interval;
      return this.#starvation.share([source, target], from, at) > STARVED;
    };
    return {
      falseBlame: blame.filter((each) => !isStarved(each)),
      starvedBlame: blame.filter(isStarved),
      withheld: changes.filter(
        (each) =>
          this.#ring.checks.includes(each.check) &&
          each.verdict === 'inconclusive' &&
          expected(each) !== 'inconclusive',
      ),
    };
  }
}

/** A member that cannot run for so much of the time answers others late. */
const STARVED = 0.15;

/** What is waited for. */
interface Wait {
  readonly broken: Broken;
  /** When it was broken or mended, in milliseconds of CLOCK_MONOTONIC. */
  readonly since: number;
  readonly extra?: (() => Promise<boolean>) | undefined;
  readonly patience?: number;
}

interface Waited {
  readonly delay: Delay;
  readonly problems: readonly string[];
}

interface OutageTimes {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
  /** When it was mended, in milliseconds of CLOCK_MONOTONIC. */
  readonly since: number;
}

const NEVER: Delay = { ratio: Number.POSITIVE_INFINITY, milliseconds: Number.POSITIVE_INFINITY, what: 'never' };

function nameOf({ view, source, target, check }: Parameters<typeof expectedOf>[1]): string {
  return `${check} of ${target} by ${source}, as the ${view === 'member' ? 'member' : `${view} registry`} shows it`;
}
