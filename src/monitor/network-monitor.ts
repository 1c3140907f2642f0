import { isError, MonitorStoppedError } from '../errors/index.js';
import { SafeEmitter } from '../events/index.js';
import type { CheckResult, NetworkChange, NetworkReason, NetworkState, WorkOutcome } from '../state/index.js';
import { StateCell, type Verdict, type WaitOptions } from '../state/index.js';
import { Burst } from './burst.js';
import { CarrierGuard } from './carrier-guard.js';
import { MONITOR_CHANNELS } from './channels.js';
import { type CheckHost, CheckHosts } from './check-hosts.js';
import { CheckLoop } from './check-loop.js';
import type { CheckTarget, HostDecision } from './check-round.js';
import { type Connect, connectTcp, outcomeOfError } from './connect.js';
import type { TargetOptions } from './destination.js';
import { lossOf, soleEgress, withoutCarrier } from './egress.js';
import { FlapPenalty } from './flap-penalty.js';
import { httpCheck, type UrlCheck } from './http-check.js';
import { interfaceMatcher } from './interface-globs.js';
import { type HostEvidence, judge } from './judge.js';
import type { KernelView, KernelViewHandlers, LinkChange, LinkNews, NetworkInterface } from './kernel-view.js';
import { linkStack } from './link-stack.js';
import { logMonitor } from './monitor-log.js';
import {
  type NetworkMonitorOptions,
  type ResolvedCheck,
  type ResolvedMonitorOptions,
  resolveMonitorOptions,
} from './monitor-options.js';
import { type Freshness, NameBook, type ResolveName, resolveName } from './name-book.js';
import { type OpenedView, openView } from './open-view.js';
import { type Egress, isLocal, type PathFacts, type PathVerdict, pathKey } from './path.js';
import { PathTracker } from './path-tracker.js';
import { SleepDetector, sinceBoot } from './sleep-detector.js';
import { Strandings } from './strandings.js';
import type { TargetMonitor } from './target-monitor.js';
import { Targets } from './targets.js';

/** What a {@link NetworkMonitor} emits. */
export type NetworkMonitorEvents = {
  /** The state changed; with `notifyOnChange: false` also after every finished round of checks, with `from` and `to` alike. */
  state: (change: NetworkChange) => void;
  /** An interface came, went or changed. */
  link: (change: LinkChange) => void;
  /** A check of one host and port ended. */
  check: (result: CheckResult) => void;
  /** Something could not be read; the monitor goes on. Nothing happens where nobody listens. */
  error: (error: Error) => void;
};

/** All that the monitor knows, as a value. */
export interface NetworkSnapshot {
  /** What the monitor makes of the network. */
  readonly state: NetworkState;
  /** Why. */
  readonly reason: NetworkReason;
  /** When the state was entered: milliseconds since the epoch. */
  readonly since: number;
  /**
   * Where the knowledge of links, addresses and routes comes from, the best that is to be had:
   * - `netlink`: the kernel tells of every change as it happens.
   * - `proc`: /proc and /sys are looked at again and again. They show carriers and routes, but nothing of policy routing.
   * - `interfaces`: so is `os.networkInterfaces()`, which shows addresses and nothing else.
   * - `none`: the monitor is not running.
   */
  readonly source: 'netlink' | 'proc' | 'interfaces' | 'none';
  /** What netlink is called by: koffi, or where that cannot be loaded the interface of Node.js itself. Only with `source: 'netlink'`. */
  readonly ffi?: 'koffi' | 'node:ffi';
  /** Why there is nothing better; absent where this is the best there is. */
  readonly sourceReason?: string;
  /** The way out towards the check hosts, while there is one. */
  readonly egress?: Egress;
  /** The newest result of every check. */
  readonly checks: readonly CheckResult[];
}

/** The edges of a monitor, replaceable by tests. @internal */
export interface MonitorEdges {
  readonly openView: (options: ResolvedMonitorOptions, handlers: KernelViewHandlers) => Promise<OpenedView>;
  readonly connect: Connect;
  readonly httpCheck: (check: UrlCheck) => Connect;
  readonly resolveName: ResolveName;
  readonly sinceBoot: () => number;
}

/** What follows the first change of a burst is judged together, this many milliseconds later; never later than the longest. */
const COALESCE = { first: 1, longest: 10 } as const;

/** An answer this recent still speaks for the network when work fails. Milliseconds. */
const FRESH = 100;

/** Names that have addresses are looked up anew this often, in milliseconds, and those that have none yet more often while work depends on it. */
const NAMES_IDLE: Freshness = { known: 60_000, unknown: 10_000 };
const NAMES_BUSY: Freshness = { known: 60_000, unknown: 1_000 };
/** On another network a name may stand for something else. */
const NAMES_MOVED: Freshness = { known: 1_000, unknown: 1_000 };

/**
 * Addresses that stand for "beyond this host" where no check host can be asked about: they are looked up in the kernel's routing table, and
 * nothing is ever sent to them. Any address that only a default route covers would do.
 */
const ANYWHERE = ['8.8.8.8', '2001:4860:4860::8888'];

/**
 * Watches this host's network and says whether work can cross it.
 *
 * It learns of links, addresses and routes from the kernel as they change, confirms reachability by TCP connects to check hosts, and listens
 * to what becomes of work. It never keeps the process alive by itself.
 *
 * @example
 * const monitor = new NetworkMonitor();
 * monitor.on('state', ({ from, to, reason }) => console.log(`${from} → ${to} (${reason})`));
 * await monitor.start();
 */
export class NetworkMonitor extends SafeEmitter<NetworkMonitorEvents> implements AsyncDisposable {
  readonly #options: ResolvedMonitorOptions;
  readonly #edges: MonitorEdges;
  readonly #allowed: (interfaceName: string) => boolean;
  readonly #cell = new StateCell({ state: 'unknown', reason: 'not-judged' });
  readonly #loop: CheckLoop;
  readonly #names: NameBook;
  readonly #hosts: CheckHosts;
  readonly #anywhere = new PathTracker('anywhere');
  readonly #targets: Targets;
  readonly #strandings = new Strandings((egress) => this.#view && lossOf(egress, this.#view));
  readonly #guard: CarrierGuard;
  readonly #penalty = new FlapPenalty();
  readonly #burst = new Burst(COALESCE, () => this.#judgeNow());
  #sleep: SleepDetector;
  #view: KernelView | undefined;
  /** How the view was come by. */
  #origin: Omit<OpenedView, 'view'> = {};
  #starting: Promise<void> | undefined;
  /** Counts starts and stops, so that a start which is overtaken by a stop notices. */
  #run = 0;
  #overruled = false;
  #pathVerdict: PathVerdict = { kind: 'unproven' };
  /** The links that work depends on, from the bottom up, until something changes: the guard asks for them twenty times a second. */
  #inUse: ReadonlySet<number> | undefined;
  /** What `soleEgress` says, until the next judgement. */
  #sole: { readonly egress: Egress | undefined } | undefined;
  #warned = false;

  /** @throws {InvalidOptionError} when an option has a wrong name, type or range. */
  constructor(options?: NetworkMonitorOptions);
  /** @internal */
  constructor(options: NetworkMonitorOptions, edges: Partial<MonitorEdges>);
  constructor(options: NetworkMonitorOptions = {}, edges: Partial<MonitorEdges> = {}) {
    super(MONITOR_CHANNELS);
    this.#options = resolveMonitorOptions(options);
    if (this.#options.logger !== undefined) logMonitor(this, this.#options.logger);
    this.#edges = { openView, connect: connectTcp, httpCheck, resolveName, sinceBoot, ...edges };
    this.#allowed = interfaceMatcher(this.#options.interfaces);
    this.#names = new NameBook(this.#edges.resolveName);
    const { checkHosts, checkPorts, checkInterval, checkTimeout, trustCheckHosts } = this.#options;
    this.#hosts = new CheckHosts(
      checkHosts.map((check) => toCheckHost(check, checkPorts, this.#edges)),
      this.#names,
      { trusted: trustCheckHosts },
    );
    this.#loop = new CheckLoop(
      { interval: checkInterval, timeout: checkTimeout },
      {
        hosts: () => this.#hosts.targets(),
        destinations: (doubt) => this.#destinations(doubt),
        urgent: () => this.#isAwaitingAnswer(),
        busy: () => this.#isBusy(),
        onTick: () => this.#onTick(),
        unconfirmed: () => this.#targets.watched.some((each) => this.#isSilent(each, 1) && !this.#isSilent(each, 2)),
        onHostAnswer: ({ egress }) => this.#onHostAnswer(egress),
        onDecided: (decision, target) => this.#onDecided(decision, target),
        onRoundEnd: () => this.#onRoundEnd(),
      },
    );
    this.#cell.onChange((change) => {
      if (change.from === change.to) return;
      if (change.to === 'down') this.#penalty.add();
      this.emit('state', change);
    });
    this.#guard = new CarrierGuard(
      this.#options.carrierGuard,
      () => this.#isBusy(),
      () => {
        this.#reviewSleep();
        this.#refreshEgress('carrier');
      },
    );
    this.#sleep = new SleepDetector(this.#edges.sinceBoot);
    this.#targets = new Targets({
      allowed: this.#allowed,
      judge: (target) => this.#judgeTarget(target),
      lost: (egress) => this.#view && lossOf(egress, this.#view),
      flapping: () => this.flapping,
      running: () => this.#view !== undefined,
      report: (outcome, target) => this.#report(outcome, target),
      era: (target) => this.#targets.era(target),
      wakeGuard: () => {
        this.#warnIfNeverStarted();
        this.#wakeGuard();
      },
      observe: (target) => this.#observe(target),
      unobserve: (target) => {
        this.#inUse = undefined;
        this.#targets.unwatch(target);
      },
    });
  }

  /** What the monitor makes of the network at this moment; `unknown` before `start` and after `stop`. */
  get state(): NetworkState {
    return this.#cell.verdict.state;
  }

  /** Why the state is what it is. */
  get reason(): NetworkReason {
    return this.#cell.verdict.reason;
  }

  /**
   * Whether the network went down so often lately that what comes back is not likely to stay: paused work then restarts one operation at a
   * time. It delays no verdict.
   */
  get flapping(): boolean {
    return this.#penalty.flapping;
  }

  /** How many outages have ended so far. */
  get recoveries(): number {
    return this.#cell.recoveries;
  }

  /** Whether the network is known to be usable: `up` or `degraded`. */
  isUp(): boolean {
    return this.state === 'up' || this.state === 'degraded';
  }

  /** All that is known, as a value. */
  snapshot(): NetworkSnapshot {
    const { state, reason } = this.#cell.verdict;
    const { ffi, reason: sourceReason } = this.#origin;
    return {
      state,
      reason,
      since: this.#cell.since,
      source: this.#view?.source ?? 'none',
      ...(ffi !== undefined && { ffi }),
      ...(sourceReason !== undefined && { sourceReason }),
      ...(this.#pathVerdict.kind === 'open' && { egress: this.#pathVerdict.egress }),
      checks: this.#hosts.results(),
    };
  }

  /**
   * Starts watching. Resolves when the kernel's part is known, in some milliseconds; the first checks may still be on their way. May be
   * repeated, also after `stop`. Where netlink is not to be had it does with less, see `snapshot().source`.
   */
  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** Stops watching: every waiter is rejected with `MonitorStoppedError`, every socket and timer is closed. May be repeated. */
  async stop(): Promise<void> {
    const starting = this.#starting;
    this.#starting = undefined;
    this.#close();
    await starting?.catch(() => {});
  }

  /** `stop`, at the end of the block of an `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /**
   * Calls the listener after every change of state, and while it is `down` also of the reason, until the returned function is called.
   */
  onChange(listener: (change: NetworkChange) => void): () => void {
    return this.#cell.onChange(listener);
  }

  /**
   * Resolves as soon as the state is not `down`, at once where it is not. Waiting keeps the process alive.
   *
   * @throws the signal's reason when it aborts; {@link OutageTimeoutError} after `timeout`; {@link MonitorStoppedError} when the monitor is
   * not running or is stopped meanwhile.
   */
  waitForNetwork(options: WaitOptions = {}): Promise<void> {
    const waiting = this.#cell.wait(options);
    this.#wakeGuard();
    return waiting;
  }

  /**
   * Runs one round of checks now and resolves with what is known when it has ended.
   *
   * @throws {MonitorStoppedError} when the monitor is not running.
   */
  async check(): Promise<NetworkSnapshot> {
    if (this.#view === undefined) throw new MonitorStoppedError();
    this.#refreshEgress();
    this.#judgeNow();
    await this.#loop.check();
    return this.snapshot();
  }

  /**
   * Tells the monitor what became of work. Work that succeeds while the state is `down` proves the checks wrong; work that fails makes the
   * monitor look again at once, and the promise resolves when `state` is what it found.
   */
  async report(outcome: WorkOutcome): Promise<void> {
    await this.#report(outcome);
  }

  /**
   * The judgement for one destination, given as `'host'`, `'host:port'` or URL; see {@link TargetMonitor}. The same destination gives the same
   * object for as long as somebody has it, so that all work to it shares one resume gate.
   *
   * @throws {InvalidOptionError}
   */
  target(destination: string, options: TargetOptions = {}): TargetMonitor {
    const target = this.#targets.of(destination, options);
    void this.#refreshNames([target.tracker.host]);
    return target;
  }

  /**
   * All interfaces of this host with their addresses and counters, read now; empty while the monitor is not running.
   *
   * @throws {SystemCallError} or another error of `netpause/netlink` when they cannot be read.
   */
  interfaces(): readonly NetworkInterface[] {
    return this.#view?.interfaces() ?? [];
  }

  /** Says that work is in flight; see `NetworkSource.track`. */
  track(onStranded: (reason: NetworkReason) => void = () => {}): () => void {
    this.#warnIfNeverStarted();
    this.#sole ??= { egress: this.#view && soleEgress(this.#pathVerdict, this.#view) };
    this.#wakeGuard();
    return this.#strandings.add(this.#sole.egress, onStranded);
  }

  async #start(): Promise<void> {
    const run = ++this.#run;
    const { view, ...origin } = await this.#edges.openView(this.#options, {
      onChange: (links) => this.#onKernelChange(links),
      onError: (error) => this.emit('error', error),
    });
    if (this.#run !== run) {
      // Stopped, and perhaps started anew, while the view was being opened.
      view.close();
      return;
    }
    this.#view = view;
    this.#origin = origin;
    this.#sleep = new SleepDetector(this.#edges.sinceBoot);
    this.#cell.run();
    this.#publish({ state: 'unknown', reason: 'not-judged' });
    this.#watchDestinations();
    void this.#refreshNames(this.#hosts.names);
    this.#judgeNow();
    this.#loop.start();
    if (this.#options.carrierGuard === 'always') this.#guard.wake();
  }

  #close(): void {
    this.#run += 1;
    this.#loop.stop();
    this.#guard.stop();
    this.#hosts.forgetStandings();
    this.#burst.stop();
    this.#view?.close();
    this.#view = undefined;
    this.#origin = {};
    this.#overruled = false;
    this.#sole = undefined;
    this.#pathVerdict = { kind: 'unproven' };
    this.#cell.stop();
    for (const target of this.#targets.watched) target.stop();
    this.#publish({ state: 'unknown', reason: 'stopped' });
  }

  /**
   * The first change of a burst is judged at once; what follows it is judged together, a moment later. Only the loss of a carrier cannot
   * wait: it may be over by then, and would never have been.
   */
  #onKernelChange(links: readonly LinkChange[]): void {
    this.#inUse = undefined;
    for (const link of links) this.emit('link', link);
    const flapped = links.filter((link) => link.flapped).map(({ index }) => index);
    if (flapped.length > 0) this.#judgeFlap(flapped);
    const isUrgent = (): boolean => {
      const lost = links.filter(({ carrier }) => !carrier);
      if (lost.length === 0) return false;
      const inUse = this.#linksOf(this.#trackers());
      return lost.some(({ index }) => inUse.has(index));
    };
    this.#burst.note(isUrgent);
  }

  #trackers(): readonly PathTracker[] {
    return [...this.#hosts.trackers, this.#anywhere, ...this.#targets.watched.map(({ tracker }) => tracker)];
  }

  /** A link in use lost its carrier for a moment that nobody saw: an outage all the same, for what was under way over it. */
  #judgeFlap(indexes: readonly number[]): void {
    if (this.#view === undefined) return;
    this.#judgeNow(withoutCarrier(this.#view, indexes));
    this.#judgeNow();
  }

  /** Work that relies on a monitor which nobody has started is never paused, and nothing else would tell. */
  #warnIfNeverStarted(): void {
    if (this.#run > 0 || this.#warned) return;
    this.#warned = true;
    process.emitWarning(
      'work depends on a NetworkMonitor that was never started, so no outage will pause it: call start()',
      'NetpauseWarning',
    );
  }

  #wakeGuard(): void {
    // To list all interfaces that often would cost too much where there are many, and on some systems milliseconds.
    if (this.#view !== undefined && this.#view.source !== 'interfaces') this.#guard.wake();
  }

  /** Asks the kernel for every path anew and publishes what follows from that. */
  #judgeNow(view: PathFacts | undefined = this.#view): void {
    this.#sole = undefined;
    this.#inUse = undefined;
    if (view === undefined || this.#view === undefined) return;
    const before = pathKey(this.#pathVerdict);
    const trackers = [...this.#hosts.trackers, this.#anywhere];
    const moved = this.#judgeUpToDate(view, trackers, () => this.#judgePaths(view));
    const changed = pathKey(this.#pathVerdict) !== before;
    if (changed) this.#overruled = false;
    if (changed || moved) this.#targets.forgetAnswers();
    this.#publishAll(view);
    // After what work waits for has been told: it takes its time.
    if (this.#pathVerdict.kind !== 'open') this.#loop.abandonRounds();
    if (moved && this.#view !== undefined) {
      this.#loop.restart();
      void this.#refreshNames(this.#watchedNames(), NAMES_MOVED);
    }
  }

  /** Judges again where what explains a refusal has not been heard yet. Returns what `judgePaths` does, of all that it was called for. */
  #judgeUpToDate(view: PathFacts, trackers: readonly PathTracker[], judgePaths: () => boolean): boolean {
    let moved = judgePaths();
    if (!trackers.some(lacksRoute)) return moved;
    if (this.#view?.catchUp()) moved = judgePaths() || moved;
    const lacking = trackers.filter((tracker) => lacksLink(tracker, view));
    if (lacking.length > 0 && this.#refreshLinks(this.#linksOf(lacking))) moved = judgePaths() || moved;
    return moved;
  }

  /** Returns whether any check host is reached by another way than before, so that what was heard of it is out of date. */
  #judgePaths(view: PathFacts): boolean {
    const moved = this.#hosts.judge(view, this.#allowed);
    this.#pathVerdict = this.#hosts.path ?? this.#judgeAnywhere(view);
    return moved;
  }

  #judgeAnywhere(view: PathFacts): PathVerdict {
    this.#anywhere.judge(view, ANYWHERE, this.#allowed);
    return this.#anywhere.verdict ?? { kind: 'unproven' };
  }

  #publishAll(view: PathFacts | undefined = this.#view): void {
    this.#publish(
      judge({
        path: this.#pathVerdict,
        hosts: this.#withDestinations(this.#hosts.evidence(), this.#pathVerdict),
        silenceConfirmed: this.#loop.silenceConfirmed,
        overruled: this.#overruled,
        previous: this.#cell.verdict,
      }),
    );
    // A listener may have stopped the monitor.
    if (this.#view === undefined) return;
    for (const target of this.#targets.watched) target.publish(this.#judgeTarget(target, view));
    if (this.state !== 'down') this.#strandings.review();
  }

  #publish(verdict: Verdict): void {
    this.#cell.publish(verdict, () => this.#hosts.results());
  }

  #judgeTarget(target: TargetMonitor, view: PathFacts | undefined = this.#view): Verdict {
    if (view === undefined) return this.#cell.verdict;
    const { tracker } = target;
    const judgePath = () => tracker.judge(view, this.#names.addressesOf(tracker.host), target.allowed);
    if (this.#judgeUpToDate(view, [tracker], judgePath)) {
      this.#inUse = undefined;
      target.forgetAnswers();
    }
    // A name that was never resolved has no path of its own to judge: the host's state is the best that is known.
    if (tracker.verdict === undefined) return this.#cell.verdict;
    const hosts = this.#hosts.evidenceVia(tracker.verdict);
    return judge({
      path: tracker.verdict,
      hosts: this.#withDestinations(hosts, tracker.verdict),
      silenceConfirmed: this.#loop.silenceConfirmed || (target.workFailed && this.#isSilent(target, 1)),
      overruled: target.overruled,
      // What an unwatched target was when somebody last asked may be hours old.
      previous: target.observed ? target.verdict : this.#cell.verdict,
    });
  }

  /** Whether every check host that speaks for a target was silent in so many rounds in a row. */
  #isSilent({ tracker: { verdict } }: TargetMonitor, rounds: number): boolean {
    const hosts = verdict === undefined ? [] : this.#hosts.evidenceVia(verdict);
    return hosts.length > 0 && hosts.every(({ silences = 0 }) => silences >= rounds);
  }

  #destinations(doubt: 'of all' | 'of some'): readonly CheckTarget[] {
    if (!this.#hosts.takesConnects) return [];
    const isInDoubt = (target: TargetMonitor): boolean => doubt === 'of all' || this.#isSilent(target, 1);
    return this.#targets.checkTargets(this.#names, this.#edges.connect, isInDoubt);
  }

  /** A destination that answers speaks for all that leaves by the same gateway; one that does not may be a failing server. */
  #withDestinations(hosts: readonly HostEvidence[], path: PathVerdict): readonly HostEvidence[] {
    if (hosts.length === 0 || path.kind !== 'open') return hosts;
    return [...hosts, ...this.#targets.witnesses(path.egress)];
  }

  #onTick(): void {
    this.#reviewSleep();
    this.#watchDestinations();
    // What the kernel may not have told is a carrier; everything else it tells, or we hear that something was missed.
    this.#refreshEgress('carrier');
    this.#judgeNow();
    void this.#refreshNames(this.#watchedNames());
  }

  /** What was heard before a sleep is old news: everything is asked anew. */
  #reviewSleep(): void {
    if (!this.#sleep.hasSlept()) return;
    this.#hosts.forgetStandings();
    this.#view?.refresh();
    this.#judgeNow();
    this.#loop.restart();
  }

  /** Whether work is in flight or waits. */
  #isBusy(): boolean {
    return this.#strandings.busy || this.#cell.waiters > 0 || this.#targets.busy;
  }

  /** Whether work may be waiting for nothing but the first answer of a check host. */
  #isAwaitingAnswer(): boolean {
    if (this.state === 'down') return this.#pathVerdict.kind === 'open';
    return this.#targets.awaitAnswer;
  }

  #observe(target: TargetMonitor): void {
    this.#inUse = undefined;
    this.#targets.watch(target);
    this.#watchDestinations();
    void this.#refreshNames([target.tracker.host]);
    // What is said of it rests on the silence of others. In a long outage the next round may be a while off.
    const isUnasked = target.askable && performance.now() - target.askedAt > this.#options.checkTimeout;
    if (isUnasked && target.verdict.reason === 'unreachable') this.#loop.hurry();
  }

  /** Destinations that are watched no more are left out the next time: hearing of their routes a little longer does no harm. */
  #watchDestinations(): void {
    this.#view?.watchDestinations(this.#watchedAddresses());
  }

  *#watchedAddresses(): Iterable<string> {
    yield* ANYWHERE;
    for (const { host } of this.#hosts.trackers) yield* this.#names.addressesOf(host);
    for (const host of this.#targets.hosts) yield* this.#names.addressesOf(host);
  }

  #onDecided(decision: HostDecision, target: CheckTarget): void {
    target.note(decision);
    for (const result of decision.results) this.emit('check', result);
    if (decision.found !== 'reached') return;
    if (target.egress !== undefined) this.#targets.noteAnswer(target.egress);
    this.#publishAll();
  }

  /** A check host has answered: nobody behind the same gateway needs to be asked in its place any more. */
  #onHostAnswer(via: Egress | undefined): void {
    this.#overruled = false;
    this.#targets.forgetAnswers(via);
  }

  #onRoundEnd(): void {
    const before = this.#cell.verdict;
    this.#publishAll();
    const { state, reason, interface: name } = this.#cell.verdict;
    if (this.#options.notifyOnChange || state !== before.state) return;
    const checks = this.#hosts.results();
    this.emit('state', {
      from: state,
      to: state,
      reason,
      at: Date.now(),
      ...(name !== undefined && { interface: name }),
      checks,
    });
  }

  async #report(outcome: WorkOutcome, target?: TargetMonitor): Promise<void> {
    if (!outcome.ok) await this.#look(outcome.error, target);
    else if (target === undefined || this.#isOnWayOut(target)) this.#overrule();
  }

  /** Whether work to a target takes the way that check hosts are asked by: what a LAN or this host itself answers says nothing of the uplink. */
  #isOnWayOut({ tracker: { verdict } }: TargetMonitor): boolean {
    if (verdict?.kind !== 'open') return true;
    return [...this.#hosts.trackers, this.#anywhere].some((tracker) => tracker.leadsVia(verdict.egress));
  }

  #overrule(): void {
    if (this.state !== 'down') return;
    this.#overruled = true;
    this.#hosts.disarmSilent();
    this.#publishAll();
    // More likely than that they are wrong is that the network has just come back, and then they answer as well.
    this.#loop.restart();
  }

  /** The path first, which takes microseconds; then the check hosts, if there is one whose silence would mean something. */
  async #look(error: unknown, target: TargetMonitor | undefined): Promise<void> {
    if (this.#view === undefined) return;
    // Work that fails takes back what work that got through had said.
    this.#overruled = false;
    // The list of interfaces tells of nothing by itself, and cannot be asked for one link.
    if (this.#view.source === 'interfaces') this.#view.refresh();
    this.#refreshEgress();
    this.#judgeNow();
    if ((target ?? this).state === 'down' || !mayBeSilence(error)) return;
    const path = target?.tracker.verdict;
    if (target === undefined || path?.kind !== 'open')
      await this.#ask(this.#hosts.evidence(), this.#hosts.lastAnswerAt);
    else await this.#ask(this.#hosts.evidenceVia(path), this.#hosts.lastAnswerVia(path.egress), path.egress, target);
  }

  /** Asks whether anybody answers by the way that failing work takes, where that is not known already and there is somebody to ask. */
  async #ask(hosts: readonly HostEvidence[], answeredAt: number, via?: Egress, target?: TargetMonitor): Promise<void> {
    if (!hosts.some(({ armed }) => armed) || performance.now() - answeredAt < FRESH) return;
    target?.noteFailure();
    await this.#loop.look(via);
  }

  #refreshEgress(news: LinkNews = 'all'): boolean {
    this.#inUse ??= this.#linksOf(this.#trackers());
    return this.#refreshLinks(this.#inUse, news);
  }

  /** Returns whether any of them is not as it was known. */
  #refreshLinks(indexes: Iterable<number>, news: LinkNews = 'all'): boolean {
    let changed = false;
    // From the bottom up: what is learnt of a lower link is what the kernel then has to tell of those on it.
    for (const index of indexes) {
      const before = this.#view?.links().get(index);
      this.#view?.refreshLink(index, news);
      if (this.#view?.links().get(index) !== before) changed = true;
    }
    return changed;
  }

  /** The links that paths lead over, and those which these live on. */
  #linksOf(trackers: readonly PathTracker[]): ReadonlySet<number> {
    const links = this.#view?.links();
    const egresses = trackers.flatMap(({ ifIndex }) => ifIndex ?? []);
    return new Set(links === undefined ? [] : egresses.flatMap((index) => linkStack(links, index)));
  }

  async #refreshNames(hosts: readonly string[], freshness = this.#isBusy() ? NAMES_BUSY : NAMES_IDLE): Promise<void> {
    if (!(await this.#names.refresh(hosts, freshness))) return;
    this.#watchDestinations();
    this.#judgeNow();
  }

  #watchedNames(): readonly string[] {
    return [...this.#hosts.names, ...this.#targets.hosts];
  }
}

/**
 * Whether it may be a link or an address that is gone, and not the route alone. A look-up is live, and the tables as old as the last event.
 * The kernel tells of a link that is set down, and of an address, before it takes their routes.
 */
function lacksRoute({ verdict }: PathTracker): boolean {
  return verdict?.kind === 'closed' && verdict.reason === 'no-route';
}

/**
 * Whether it may be a link of which nothing was heard: with one that vanishes its routes go first, and its address is the host's own no more.
 * To look that up waits for nobody; to ask for the link may.
 */
function lacksLink(tracker: PathTracker, facts: PathFacts): boolean {
  const { source } = tracker;
  return lacksRoute(tracker) && (source === undefined || !isLocal(facts, source));
}

/** Failures of this machine's own are no reason to ask others; the kernel is asked in any case. */
function mayBeSilence(error: unknown): boolean {
  return !isError(error) || outcomeOfError(error).kind !== 'no-evidence';
}

function toCheckHost(check: ResolvedCheck, ports: readonly number[], edges: MonitorEdges): CheckHost {
  if (check.kind === 'host') {
    return { label: check.host, host: check.host, ports, connect: edges.connect, expectsAnswer: false };
  }
  return {
    label: check.url,
    host: check.host,
    ports: [check.port],
    connect: edges.httpCheck(check),
    expectsAnswer: true,
  };
}
