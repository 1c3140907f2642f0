import { describe, expect, it } from 'vitest';
import { settingsOf } from '../../../../../src/cli/ring/demo/demo-settings.js';
import type { RingWatch } from '../../../../../src/cli/ring/demo/registry-watch.js';
import { Reporter } from '../../../../../src/cli/ring/demo/reporter.js';
import type { RingView, SeenOutage } from '../../../../../src/cli/ring/demo/ring-view.js';
import { Scenario, siteAt } from '../../../../../src/cli/ring/demo/scenario.js';
import type { Testbed } from '../../../../../src/cli/ring/demo/testbed.js';
import { appearanceFor } from '../../../../../src/cli/text/appearance.js';
import { cutOffView, SITES, viewOf } from './views.js';

const SETTINGS = { ...settingsOf({ pullEvery: 30_000, members: SITES.length }), isOnce: true };

/** A ring whose every look comes a second after the one before, and that says what it is told to say. */
class FakeRing implements RingWatch, Testbed {
  readonly url = 'http://127.0.0.1:8756';
  readonly done: string[] = [];
  readonly said: string[] = [];
  readonly matrices: string[] = [];
  /** All of it. */
  readonly lines: string[] = [];
  #time = 1_000_000;
  #outages: SeenOutage[] = [];
  #cutOff: { readonly site: string; readonly at: number } | undefined;
  readonly #listeners = new Set<(view: RingView) => void>();

  constructor(
    readonly kind: Testbed['kind'] = 'namespaces',
    /** What the ring says in the place of what it should. */
    readonly faults: {
      readonly unseen?: boolean;
      readonly heard?: boolean;
      readonly untold?: boolean;
      readonly ill?: boolean;
      readonly blames?: boolean;
    } = {},
  ) {}

  async play(signal = new AbortController().signal, settings = SETTINGS): Promise<boolean> {
    const now = (): number => this.#time;
    const { colours } = appearanceFor({ isTerminal: false, env: {} });
    const write = (line: string): void => {
      this.lines.push(line);
      if (/^( {10}|\d)/.test(line)) this.said.push(line.slice(10));
      else this.matrices.push(line);
    };
    const reporter = new Reporter(this, settings, { colours, write, now });
    const pause = async (duration: number): Promise<void> => {
      this.#time += duration;
    };
    const scenario = new Scenario(settings, { testbed: this, watch: this, reporter, now, pause });
    await scenario.run(signal);
    reporter.ended(scenario.outcome);
    return scenario.outcome.isAsExpected;
  }

  startMember(site: string): void {
    this.done.push(`start ${site}`);
  }

  async cutOff(site: string): Promise<number> {
    this.done.push(`cut ${site}`);
    this.#cutOff = { site, at: this.#time };
    return this.#time;
  }

  async mend(site: string): Promise<number> {
    this.done.push(`mend ${site} after ${this.#time - (this.#cutOff?.at ?? 0)}`);
    const from = (this.#cutOff?.at ?? 0) + 3;
    if (!this.faults.untold) this.#outages.push({ id: site, from, until: this.#time, reason: 'no-carrier' });
    this.#cutOff = undefined;
    return this.#time;
  }

  async close(): Promise<void> {}

  onView(listener: (view: RingView) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async until(isSo: (view: RingView) => boolean, limit: number, signal: AbortSignal): Promise<RingView | undefined> {
    for (const end = this.#time + limit; this.#time < end; ) {
      signal.throwIfAborted();
      this.#time += 1_000;
      const view = this.#view();
      for (const listener of this.#listeners) listener(view);
      if (isSo(view)) return view;
    }
    return undefined;
  }

  #view(): RingView {
    const outages = this.#outages;
    const cut = this.#cutOff;
    if (cut === undefined) {
      const ill = this.faults.ill && this.done.some((each) => each.startsWith('mend'));
      return viewOf(this.#time, ill ? { 'bonn aden': 'inconclusive' } : {}, { outages });
    }
    if (this.faults.blames) return { ...cutOffView(this.#time, cut.site, cut.at), ...viewOf(this.#time, BLAMING) };
    if (this.faults.unseen) return viewOf(this.#time);
    return { ...cutOffView(this.#time, cut.site, this.faults.heard ? this.#time : cut.at), outages };
  }
}

const BLAMING = { 'bonn aden': 'failed', 'cork aden': 'failed', 'bonn cork': 'failed' } as const;

describe('the scenario of a pulled cable', () => {
  it('is told from the first member to the end of its outage', async () => {
    const ring = new FakeRing();
    expect(await ring.play()).toBe(true);
    expect(ring.done).toEqual(['start aden', 'start bonn', 'start cork', 'cut aden', 'mend aden after 15000']);
    expect(ring.said).toEqual([
      'aden has joined (1 of 3)',
      'bonn has joined (2 of 3)',
      'cork has joined (3 of 3)',
      'all reach each other: 6 of 6 pairs are ok',
      'the cable of aden is pulled in 5 s',
      'the cable of aden is pulled',
      '1 s later the ring says: none of the 2 others reaches aden',
      '3 s later: nothing is heard of aden either, so it is cut off itself, and all other paths are ok',
      'the cable of aden is put back',
      '1 s later aden tells: it was offline itself for 15 s (no-carrier),',
      'and knew it 3 ms after the cable was pulled',
      '2 s later all is well again',
      'nobody else was blamed',
      'stopped: 1 cable pulled, shown as what it was; nothing is left behind',
    ]);
  });

  it('is shown as a matrix before the fault, and as it is when it ends', async () => {
    const ring = new FakeRing('namespaces', { ill: true });
    await ring.play();
    expect(ring.matrices).toEqual([
      '        aden  bonn  cork',
      '  aden        ok    ok',
      '  bonn  ok          ok',
      '  cork  ok    ok',
      '        aden  bonn  cork',
      '  aden        ok    ok',
      '  bonn  ?           ok',
      '  cork  ok    ok',
      '  ?: inconclusive',
    ]);
  });

  it('is shown as it is after a fault before the next is spoken of', async () => {
    const ring = new FakeRing('namespaces', { ill: true });
    const ending = new AbortController();
    ring.cutOff = async (site) => {
      if (site === 'bonn') ending.abort(new Error('enough'));
      return FakeRing.prototype.cutOff.call(ring, site);
    };
    await expect(ring.play(ending.signal, { ...SETTINGS, isOnce: false })).rejects.toThrow('enough');
    const next = ring.lines.findIndex((line) => line.includes('the cable of bonn is pulled in'));
    expect(ring.lines[next - 1]).toBe('  ?: inconclusive');
  });

  it('has members killed on loopback, and expects no outage of their own then', async () => {
    const ring = new FakeRing('loopback', { untold: true });
    expect(await ring.play()).toBe(true);
    expect(ring.said.slice(4)).toEqual([
      'aden is killed in 5 s',
      'aden is killed',
      '1 s later the ring says: none of the 2 others reaches aden',
      '3 s later: nothing is heard of aden either, so it is down itself, and all other paths are ok',
      'aden is started again',
      '1 s later all is well again',
      'nobody else was blamed',
      'stopped: 1 member killed, shown as what it was; nothing is left behind',
    ]);
  });

  it.each([
    [{ unseen: true }, 'unexpected: nobody says that aden cannot be reached'],
    [{ heard: true }, 'unexpected: aden is still heard of'],
    [{ untold: true }, 'unexpected: aden tells of no outage of its own'],
    [{ ill: true }, 'unexpected: not everybody reaches everybody again'],
    [{ blames: true }, 'unexpected: wrongly blamed: bonn → cork'],
  ])('says so where the ring is wrong, and mends the cable all the same: %j', async (faults, complaint) => {
    const ring = new FakeRing('namespaces', faults);
    expect(await ring.play()).toBe(false);
    expect(ring.said).toContain(complaint);
    expect(ring.said.at(-1)).toBe(
      'stopped: 1 cable pulled, and not everything was as expected; nothing is left behind',
    );
    expect(ring.done.at(-1)).toMatch(/^mend aden/);
  });

  it('is not begun where not everybody has come', async () => {
    const ring = new FakeRing();
    expect(await ring.play(undefined, { ...SETTINGS, sites: [...SITES, 'doha'] })).toBe(false);
    expect(ring.said.slice(-2)).toEqual([
      'unexpected: not everybody has come and reaches everybody',
      'stopped: not everything was as expected; nothing is left behind',
    ]);
    expect(ring.done.filter((each) => each.startsWith('cut'))).toEqual([]);
  });

  it('goes on with the next member, a whole interval after the last, until it is ended', async () => {
    const ring = new FakeRing();
    const ending = new AbortController();
    const seen: string[] = [];
    ring.done.push = (what) => {
      seen.push(what);
      if (seen.filter((each) => each.startsWith('cut')).length === 4) ending.abort(new Error('enough'));
      return seen.length;
    };
    await expect(ring.play(ending.signal, { ...SETTINGS, isOnce: false })).rejects.toThrow('enough');
    expect(seen.filter((each) => each.startsWith('cut'))).toEqual(['cut aden', 'cut bonn', 'cut cork', 'cut aden']);
  });
});

describe('whose turn it is', () => {
  it('is everybody in turn', () => {
    expect([0, 1, 2, 3, 4].map((turn) => siteAt(SITES, turn))).toEqual(['aden', 'bonn', 'cork', 'aden', 'bonn']);
  });
});
