import type { NetworkMonitorOptions, NetworkReason, NetworkSnapshot } from '../../src/monitor/index.js';
import type { RetryOptions } from '../../src/retry/index.js';
import { type Actor, CommandError } from '../lab/index.js';
import type { Dial } from './actors/dial.js';
import type { Stall } from './actors/stalls.js';
import type { Try, Witness } from './actors/witness.js';
import type { WatchedTarget, Worker } from './actors/worker.js';
import type { Bounds, Evidence, Lookup, Observation, Outage, Verdict, WorkHistory, WorkStep } from './observation.js';
import { comesTrue } from './patience.js';
import { CHECK_PORTS, WORK_PORT } from './ports.js';
import type { Stage } from './stage.js';

/** The name of the target that every scene watches: where the work goes. */
export const TARGET = 'target';

export interface SceneOptions {
  /** Over {@link MONITOR}. */
  readonly monitor?: NetworkMonitorOptions;
  /** How the target is reached, where not plainly by its address. */
  readonly target?: Omit<WatchedTarget, 'name'>;
  /** How work and witness connect. */
  readonly dial?: Partial<Dial>;
  /** What may be said while nothing is wrong. @default ['up (reachable)'] */
  readonly calm?: Partial<Record<Subject, readonly string[]>>;
  /** What may be said in the end. @default what may be said while nothing is wrong */
  readonly finally?: Partial<Record<Subject, readonly string[]>>;
  /** Which subjects are asked about the very destination that the witness connects to. @default both */
  readonly witnessed?: readonly Subject[];
  /** @default 2 */
  readonly blinks?: number;
  /** Other than those of the stage. */
  readonly worker?: Actor<Worker>;
  readonly witness?: Actor<Witness>;
  /** What `ip route get` is asked, so that it asks as the work's sockets do. @default the destination */
  readonly lookup?: readonly string[];
}

export type Subject = 'host' | typeof TARGET;
export const SUBJECTS: readonly Subject[] = ['host', TARGET];

/** What is done to a subject. */
export type Effect = 'none' | { readonly evidence: Evidence; readonly reasons: readonly NetworkReason[] };

/** Quick enough for a test, and in the proportions of the defaults. */
const MONITOR = { checkInterval: 500, checkTimeout: 500, checkPorts: CHECK_PORTS } satisfies NetworkMonitorOptions;

/** Not a single attempt may be spent: an outage that costs one fails the work at once. */
const WORK = {
  retries: 0,
  trialInterval: 4_000,
  interruptAfter: { path: 500, reach: 1_000 },
} satisfies RetryOptions;

/** The bounds of the fault matrix for a path outage, in milliseconds. */
const PATH_BOUNDS = { idle: 1_200, busy: 100 };

/** Timers count whole milliseconds and come late rather than early, and a round of checks is several of them in a row. */
const GRAIN = 25;

/** How long anything may take that must happen, in milliseconds: then the scene goes on, and the judgement says what was missing. */
const PATIENCE = 8_000;

export interface WorkChoice {
  /** What is said to the service; see `actors/service.ts`. @default the name */
  readonly message?: string;
  /** @default 'unspent' */
  readonly fate?: WorkHistory['fate'];
  readonly options?: RetryOptions;
}

/** An outage that has begun. */
export interface OpenOutage {
  /** It begins to be mended now. */
  mending(): void;
  /** It is mended, as far as the one who made it knows. */
  over(): void;
}

/** One monitor, its work and its truth, from the start to the judgement. */
export class Scene {
  readonly #stage: Stage;
  readonly #options: SceneOptions;
  readonly #startedAt = process.hrtime.bigint();
  readonly #outages: { subject: Subject; outage: Outage }[] = [];
  readonly #lookups: Lookup[] = [];
  readonly #works: { name: string; subject: Subject; fate: WorkHistory['fate'] }[] = [];
  readonly #bounds: Bounds;
  readonly worker: Actor<Worker>;
  readonly witness: Actor<Witness>;
  #snapshot: NetworkSnapshot | undefined;
  #beganWell = false;

  static async begin(stage: Stage, options: SceneOptions): Promise<Scene> {
    const scene = new Scene(stage, options);
    await scene.#begin();
    return scene;
  }

  private constructor(stage: Stage, options: SceneOptions) {
    this.#stage = stage;
    this.#options = options;
    this.worker = options.worker ?? stage.worker;
    this.witness = options.witness ?? stage.witness;
    const { checkInterval = MONITOR.checkInterval, checkTimeout = MONITOR.checkTimeout } = options.monitor ?? {};
    this.#bounds = {
      path: PATH_BOUNDS,
      reach: checkInterval + 2 * checkTimeout + GRAIN,
      // The start of the next urgent round, and that round.
      round: Math.min(checkInterval, 1_000) + checkTimeout,
      stuck: WORK.trialInterval + 2 * checkTimeout,
    };
  }

  /** What the monitor said of itself when it had started. */
  get snapshot(): NetworkSnapshot {
    if (this.#snapshot === undefined) throw new Error('the scene has not begun');
    return this.#snapshot;
  }

  /** Whether everything was as it should be when nothing had happened yet. */
  get beganWell(): boolean {
    return this.#beganWell;
  }

  /** Where work and witness connect to. */
  get dial(): Dial {
    return { host: this.#stage.scenery.destination, port: WORK_PORT, ...this.#options.dial };
  }

  /**
   * Starts work that goes by the word of each of the subjects.
   *
   * @returns their names.
   */
  async work(name: string, subjects: readonly Subject[], more: WorkChoice = {}): Promise<readonly string[]> {
    const { message = name, fate = 'unspent', options = {} } = more;
    return Promise.all(
      subjects.map(async (subject) => {
        const work = `${name} by ${subject} ${this.#works.length}`;
        this.#works.push({ name: work, subject, fate });
        const order = {
          name: work,
          subject,
          to: this.dial,
          message: `${message}: ${work}`,
          options: { ...WORK, ...options },
        };
        await this.worker.call('begin', order);
        return work;
      }),
    );
  }

  /** Work that is under way on a connection, whose answer the service holds back until it is released. */
  async longWork(subjects: readonly Subject[], more: Omit<WorkChoice, 'message'> = {}): Promise<readonly string[]> {
    await this.#stage.service.call('hold');
    const names = await this.work('long', subjects, { ...more, message: 'later' });
    const texts = () => this.#stage.service.events('line').map(({ detail }) => detail.text);
    await comesTrue(() => names.every((name) => texts().includes(`later: ${name}`)), PATIENCE);
    return names;
  }

  /** Says that a subject is cut off: what does it was begun at `at`, and has returned by now. */
  outage(
    subject: Subject,
    effect: Exclude<Effect, 'none'>,
    at: bigint,
    more: { readonly busy?: boolean; readonly mustBeSeen?: boolean; readonly within?: number } = {},
  ): OpenOutage {
    const { busy = false, mustBeSeen = true, within } = more;
    const never = Number.POSITIVE_INFINITY;
    const entry: { subject: Subject; outage: Outage } = {
      subject,
      outage: {
        ...effect,
        from: this.#since(at),
        madeBy: this.#now(),
        mendedFrom: never,
        until: never,
        busy,
        mustBeSeen,
        ...(within !== undefined && { within }),
      },
    };
    this.#outages.push(entry);
    const change = (times: Partial<Outage>) => {
      entry.outage = { ...entry.outage, ...times };
    };
    return {
      mending: () => change({ mendedFrom: this.#now() }),
      over: () => change({ until: this.#now(), mendedFrom: Math.min(entry.outage.mendedFrom, this.#now()) }),
    };
  }

  /** What happens from `from` to `until` and is too short to be promised. */
  blip(subject: Subject, effect: Exclude<Effect, 'none'>, from: bigint, until: bigint): void {
    const end = this.#since(until);
    const outage = { from: this.#since(from), madeBy: end, mendedFrom: end, until: end };
    this.#outages.push({ subject, outage: { ...effect, ...outage, busy: false, mustBeSeen: false } });
  }

  /** Asks the kernel by ip(8). Not before the monitor had its time to see: ip asks for links too, which makes the kernel tell. */
  async lookUp(): Promise<Lookup['answer']> {
    const answer = await this.#askKernel();
    this.#lookups.push({ at: this.#now(), answer });
    return answer;
  }

  /** Waits until the subjects are said to be down, or it is too late anyway. */
  async down(subjects: readonly Subject[], since: bigint, patience = PATIENCE): Promise<void> {
    await comesTrue(
      () =>
        subjects.every(
          (subject) =>
            this.#verdictsOf(subject).some((each) => each.at >= this.#since(since) && each.state === 'down') ||
            this.#isDown(subject),
        ),
      patience,
    );
  }

  /** Waits until the subjects say what they may say in the end, or it takes too long. */
  async settled(subjects: readonly Subject[] = SUBJECTS, patience = PATIENCE): Promise<boolean> {
    const isSettled = async (subject: Subject) => this.#finally(subject).includes(named(await this.#ask(subject)));
    return comesTrue(async () => (await Promise.all(subjects.map(isSettled))).every(Boolean), patience);
  }

  /** Waits until these works have taken this step, or are over. */
  async reach(names: readonly string[], kind: WorkStep['step']['kind'], patience = PATIENCE): Promise<void> {
    await comesTrue(
      () => names.every((name) => this.#stepsOf(name).some(({ step }) => step.kind === kind || isOver(step.kind))),
      patience,
    );
  }

  /** Waits until all work is over, or has had time enough to be called stuck. */
  async done(patience = this.#bounds.stuck + PATIENCE): Promise<void> {
    await comesTrue(
      () => this.#works.every(({ name }) => this.#stepsOf(name).some(({ step }) => isOver(step.kind))),
      patience,
    );
  }

  /** Ends everything, and gives what was seen of each subject. */
  async end(): Promise<readonly Observation[]> {
    // Not every change is told: a reason that changes while the state does not is known only to those who ask.
    const last = await Promise.all(SUBJECTS.map((subject) => this.#ask(subject)));
    const endedAt = this.#now();
    await this.#stage.service.call('release');
    const [tries, stalls] = await Promise.all([this.witness.call('rest'), this.worker.call('finish')]);
    return SUBJECTS.map((subject, index) => this.#observation(subject, tries, stalls, endedAt, last[index]));
  }

  async #begin(): Promise<void> {
    const { checkHosts, destination } = this.#stage.scenery;
    const { target, monitor } = this.#options;
    await this.witness.call('watch', this.dial);
    this.#snapshot = await this.worker.call('start', { ...MONITOR, checkHosts, ...monitor }, [
      { name: TARGET, destination: `${bracketed(destination)}:${WORK_PORT}`, ...target },
    ]);
    await this.witness.call('getThrough', PATIENCE);
    const isCalm = (subject: Subject) =>
      this.#verdictsOf(subject).some((each) => this.#calm(subject).includes(named(each)));
    this.#beganWell = await comesTrue(() => SUBJECTS.every(isCalm), PATIENCE);
  }

  #observation(
    subject: Subject,
    tries: readonly Try[],
    stalls: readonly Stall[],
    endedAt: number,
    last?: Verdict,
  ): Observation {
    return {
      subject,
      bounds: this.#bounds,
      outages: this.#outages.filter((each) => each.subject === subject).map(({ outage }) => ended(outage, endedAt)),
      verdicts: this.#verdictsUntil(subject, endedAt, last),
      calm: this.#calm(subject),
      finally: this.#finally(subject),
      witnessed: (this.#options.witnessed ?? SUBJECTS).includes(subject),
      blinks: this.#options.blinks ?? 2,
      connects: tries
        .filter(({ from }) => from >= this.#startedAt)
        .map(({ from, until, outcome }) => ({ from: this.#since(from), until: this.#since(until), outcome })),
      lookups: this.#lookups,
      works: this.#works
        .filter((work) => work.subject === subject)
        .map(({ name, fate }) => ({ name, fate, steps: this.#stepsOf(name) })),
      stalls: stalls.map(({ from, until }) => ({ from: this.#since(from), until: this.#since(until) })),
      endedAt,
    };
  }

  /** The first calm verdict, with which the scene begins, and all that follow. */
  #verdictsUntil(subject: Subject, endedAt: number, last?: Verdict): readonly Verdict[] {
    const told = this.#verdictsOf(subject).filter(({ at }) => at <= endedAt);
    const first = told.findIndex((verdict) => this.#calm(subject).includes(named(verdict)));
    const verdicts = told.slice(Math.max(0, first));
    const lastTold = verdicts.at(-1);
    return last === undefined || (lastTold !== undefined && named(lastTold) === named(last))
      ? verdicts
      : [...verdicts, last];
  }

  async #ask(subject: Subject): Promise<Verdict> {
    const { state, reason } = await this.worker.call('verdictOn', subject);
    return { at: this.#now(), state, reason };
  }

  #calm(subject: Subject): readonly string[] {
    return this.#options.calm?.[subject] ?? ['up (reachable)'];
  }

  #finally(subject: Subject): readonly string[] {
    return this.#options.finally?.[subject] ?? this.#calm(subject);
  }

  #isDown(subject: Subject): boolean {
    return this.#verdictsOf(subject).at(-1)?.state === 'down';
  }

  #verdictsOf(subject: Subject): readonly Verdict[] {
    return this.worker
      .events('verdict')
      .filter(({ at, detail }) => at >= this.#startedAt && detail.subject === subject)
      .map(({ at, detail: { state, reason } }) => ({ at: this.#since(at), state, reason }));
  }

  #stepsOf(name: string): readonly WorkStep[] {
    return this.worker
      .events('work')
      .filter(({ at, detail }) => at >= this.#startedAt && detail.work === name)
      .map(({ at, detail }) => ({ at: this.#since(at), step: detail }));
  }

  async #askKernel(): Promise<Lookup['answer']> {
    const { client } = this.#stage;
    try {
      const [route] = await client.ip('route', 'get', ...(this.#options.lookup ?? [this.dial.host]));
      const [link] = await client.ip('link', 'show', 'dev', String(route?.['dev']));
      return isAlive(link?.['flags']) && hasSource(route?.['prefsrc']) ? 'route' : 'dead';
    } catch (error) {
      if (error instanceof CommandError) return 'refused';
      throw error;
    }
  }

  #since(at: bigint): number {
    return Number(at - this.#startedAt) / 1e6;
  }

  #now(): number {
    return this.#since(process.hrtime.bigint());
  }
}

function ended(outage: Outage, endedAt: number): Outage {
  return { ...outage, until: Math.min(outage.until, endedAt), mendedFrom: Math.min(outage.mendedFrom, endedAt) };
}

function isOver(kind: WorkStep['step']['kind']): boolean {
  return kind === 'done' || kind === 'failed';
}

function named({ state, reason }: Pick<Verdict, 'state' | 'reason'>): string {
  return `${state} (${reason})`;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function isAlive(flags: unknown): boolean {
  return Array.isArray(flags) && flags.includes('UP') && flags.includes('LOWER_UP');
}

/** Without a better one, IPv6 takes an address of the link, which nobody beyond that link can answer. */
function hasSource(source: unknown): boolean {
  return typeof source !== 'string' || !source.startsWith('fe80');
}
