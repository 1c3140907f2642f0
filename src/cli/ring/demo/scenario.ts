import type { DemoSettings } from './demo-settings.js';
import { isAllWell, isHeard, isUnreachable, type Pair, pairsOf, toldOutage, wronglyBlamed } from './diagnosis.js';
import { matrixOf } from './matrix.js';
import { MatrixReporter } from './matrix-reporter.js';
import type { RingWatch } from './registry-watch.js';
import type { Reporter } from './reporter.js';
import type { RingView } from './ring-view.js';
import type { Testbed } from './testbed.js';

/** What a scenario touches. */
export interface ScenarioEdges {
  readonly testbed: Testbed;
  readonly watch: RingWatch;
  readonly reporter: Reporter;
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits, or until the signal aborts. */
  pause(duration: number, signal: AbortSignal): Promise<void>;
}

/** Milliseconds for all to have joined and to reach each other, on a machine that is busy. */
const TO_JOIN = 60_000;
/** Milliseconds beyond the time within which the ring has to say something. */
const PATIENCE = 20_000;
/** Milliseconds by which a member may have noticed something earlier than we say that we did it: of two clocks that tick differently. */
const CLOCK = 5;

/** Cuts one member off after the other, and tells what the ring says about it. */
export class Scenario {
  readonly #settings: DemoSettings;
  readonly #edges: ScenarioEdges;
  #isAsExpected = true;
  #faults = 0;
  #faultsOver = 0;

  constructor(settings: DemoSettings, edges: ScenarioEdges) {
    this.#settings = settings;
    this.#edges = edges;
  }

  /** What came of it so far. */
  get outcome(): Outcome {
    return { faults: this.#faults, faultsOver: this.#faultsOver, isAsExpected: this.#isAsExpected };
  }

  /**
   * Goes on until the signal aborts, or all is well again after the first fault where one is wanted.
   *
   * @throws the signal's reason.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { sites, pullEvery, isOnce } = this.#settings;
    const { now, reporter } = this.#edges;
    const view = await this.#gather(signal);
    if (view === undefined) return;
    const { matrices, stop } = this.#showMatrices(view);
    try {
      // The first does not let anybody wait for long.
      let next = now() + pullEvery / FIRST;
      for (let turn = 0; turn === 0 || !isOnce; turn += 1) {
        const site = siteAt(sites, turn);
        // How the ring stands is seen before the next fault is spoken of.
        matrices.flush();
        reporter.nextFault(site, Math.max(0, next - now()));
        await this.#waitUntil(next, signal);
        next = now() + pullEvery;
        await this.#cutOff(site, signal);
      }
    } finally {
      stop();
      matrices.flush();
    }
  }

  /** Shows whenever it has changed how the ring stands, until it is stopped. */
  #showMatrices(first: RingView): { readonly matrices: MatrixReporter; readonly stop: () => void } {
    const { sites, pace } = this.#settings;
    const { watch, reporter } = this.#edges;
    const matrices = new MatrixReporter(pace.check, (matrix) => reporter.matrix(matrix));
    const show = (view: RingView): void => matrices.note(matrixOf(view, sites, pace.silence));
    show(first);
    return { matrices, stop: watch.onView(show) };
  }

  /** @returns how it is when all have come and reach each other; undefined where they do not. */
  async #gather(signal: AbortSignal): Promise<RingView | undefined> {
    const { sites, pace } = this.#settings;
    const { testbed, watch, reporter, now } = this.#edges;
    const begun = now();
    await watch.until(() => true, TO_JOIN, signal);
    for (const site of sites) testbed.startMember(site);
    const joined = new Set<string>();
    const unsubscribe = watch.onView(({ members }) => {
      for (const { id } of members) {
        if (joined.has(id)) continue;
        joined.add(id);
        reporter.joined(id, joined.size);
      }
    });
    try {
      const isWell = (view: RingView): boolean => isAllWell(view, sites, pace.silence);
      const view = await watch.until(isWell, TO_JOIN, signal);
      if (view === undefined) this.#isAsExpected = false;
      reporter.gathered(pairsOf(sites).length, view && now() - begun);
      return view;
    } finally {
      unsubscribe();
    }
  }

  async #cutOff(site: string, signal: AbortSignal): Promise<void> {
    const { testbed, watch, reporter } = this.#edges;
    const blamed = new Map<string, Pair>();
    const unsubscribe = watch.onView((view) => {
      for (const pair of wronglyBlamed(view, site, this.#settings.sites)) blamed.set(pair.join(' '), pair);
    });
    try {
      const cutAt = await testbed.cutOff(site);
      this.#faults += 1;
      reporter.cutOff(site);
      await this.#untilShown(site, cutAt, blamed, signal);
      await this.#waitUntil(cutAt + this.#settings.pullEvery / 2, signal);
      const mendedAt = await testbed.mend(site);
      reporter.mended(site);
      await this.#untilHealed(site, { cutAt, mendedAt }, signal);
      if (blamed.size > 0) this.#isAsExpected = false;
      reporter.blamed([...blamed.values()]);
      this.#faultsOver += 1;
    } finally {
      unsubscribe();
    }
  }

  async #waitUntil(at: number, signal: AbortSignal): Promise<void> {
    const { now, pause } = this.#edges;
    await pause(Math.max(0, at - now()), signal);
    signal.throwIfAborted();
  }

  async #untilShown(
    site: string,
    cutAt: number,
    blamed: ReadonlyMap<string, Pair>,
    signal: AbortSignal,
  ): Promise<void> {
    const { sites, pace } = this.#settings;
    const { watch, reporter } = this.#edges;
    const isUnreached = (view: RingView): boolean => isUnreachable(view, site, sites, pace.silence);
    const limit = pace.check + pace.httpTimeout + pace.silence + PATIENCE;
    const shown = await watch.until(isUnreached, limit, signal);
    if (shown === undefined) return this.#miss(`nobody says that ${site} cannot be reached`);
    reporter.unreachable(site, sites.length - 1, shown.at - cutAt);
    const isSilent = (view: RingView): boolean => isUnreached(view) && !isHeard(view, site, pace.silence);
    const silent = await watch.until(isSilent, limit, signal);
    if (silent === undefined) return this.#miss(`${site} is still heard of`);
    reporter.silent(site, silent.at - cutAt, blamed.size === 0);
  }

  async #untilHealed(site: string, { cutAt, mendedAt }: FaultTimes, signal: AbortSignal): Promise<void> {
    const { sites, pace } = this.#settings;
    const { testbed, watch, reporter } = this.#edges;
    const limit = pace.check + pace.httpTimeout + TO_JOIN;
    if (testbed.kind === 'namespaces') {
      const told = (view: RingView) => toldOutage(view, site, cutAt - CLOCK);
      const view = await watch.until((each) => told(each) !== undefined, limit, signal);
      const outage = view && told(view);
      if (view === undefined || outage === undefined) this.#miss(`${site} tells of no outage of its own`);
      else reporter.toldOutage(outage, { noticed: outage.from - cutAt, told: view.at - mendedAt });
    }
    const healed = await watch.until((view) => isAllWell(view, sites, pace.silence), limit, signal);
    if (healed === undefined) this.#miss(`not everybody reaches everybody again`);
    else reporter.healed(healed.at - mendedAt);
  }

  #miss(what: string): void {
    this.#isAsExpected = false;
    this.#edges.reporter.missed(what);
  }
}

/** What has come of a scenario. */
export interface Outcome {
  /** How many members were cut off, and of how many it was seen to the end what the ring makes of it. */
  readonly faults: number;
  readonly faultsOver: number;
  /** Whether the ring has shown every one of them as what it was. */
  readonly isAsExpected: boolean;
}

interface FaultTimes {
  readonly cutAt: number;
  readonly mendedAt: number;
}

/** The first fault comes after this part of the time between two. */
const FIRST = 6;

/** Whose turn it is: each in its turn, so that all have been seen after as many turns. */
export function siteAt(sites: readonly string[], turn: number): string {
  return sites[turn % sites.length] ?? '';
}
