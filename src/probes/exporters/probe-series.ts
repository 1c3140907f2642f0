import { checkOptions, nonEmptyString, type OptionRules, objectWith } from '../../options/index.js';
import type { ProbeResult } from '../result.js';
import { targetOf } from './facts.js';
import { OUTCOMES, PROBE_GAUGES, type ProbeGauge, type ProbeSample } from './probe-metrics.js';

/** The labels of one series. */
export type ProbeLabels = Readonly<Record<string, string>>;

/** Which targets are meant: those that all of this fits. */
export interface ProbeSelector {
  /** The target, as it is in the results. */
  readonly target?: string | undefined;
  /** The engine. */
  readonly probe?: string | undefined;
  /** Labels of your own. */
  readonly labels?: ProbeLabels | undefined;
}

/** What is known of one target, asked by one engine. */
interface Entry {
  readonly labels: ProbeLabels;
  readonly counts: Map<string, { readonly labels: ProbeLabels; value: number }>;
  gauges: ReadonlyMap<ProbeGauge, readonly ProbeSample[]>;
  /** Seconds since 1970. */
  lastAt: number;
}

/** Keeps what metrics show of each target until it is removed. */
export class ProbeSeries {
  readonly #entries = new Map<string, Entry>();
  /** Keys of {@link #entries} by target: thousands of targets may go one by one. */
  readonly #keys = new Map<string, Set<string>>();

  /** @returns the labels of the target's series: the same object for as long as it is known. */
  note(result: ProbeResult, own: ProbeLabels): ProbeLabels {
    const entry = this.#entryOf({ probe: result.probe, target: targetOf(result), ...own });
    const { status, failureSource = '' } = result;
    const key = `${status} ${failureSource}`;
    const count = entry.counts.get(key) ?? {
      labels: { ...entry.labels, status, failure_source: failureSource },
      value: 0,
    };
    entry.counts.set(key, { ...count, value: count.value + 1 });
    entry.gauges =
      status === 'inconclusive' ? NOTHING : new Map(PROBE_GAUGES.map((gauge) => [gauge, gauge.read(result)]));
    entry.lastAt = result.startedAt / 1_000;
    return entry.labels;
  }

  /**
   * @returns the labels of what was removed.
   * @throws {InvalidOptionError} where the selector is none: what it does not say, it does not ask for, and so a slip would remove all.
   */
  remove(selector: ProbeSelector): readonly ProbeLabels[] {
    checkOptions('remove', selector, RULES);
    const { target, probe, labels = {} } = selector;
    const wanted = Object.entries({
      ...labels,
      ...(target !== undefined && { target: targetOf({ target }) }),
      ...(probe !== undefined && { probe }),
    });
    const candidates = target === undefined ? this.#entries.keys() : (this.#keys.get(targetOf({ target })) ?? []);
    return [...candidates].flatMap((key) => {
      const { labels: found = {} } = this.#entries.get(key) ?? {};
      if (!wanted.every(([name, value]) => found[name] === value)) return [];
      this.#forget(key, found);
      return [found];
    });
  }

  *gauge(gauge: ProbeGauge): Generator<ProbeSample> {
    for (const { labels, gauges } of this.#entries.values()) {
      for (const sample of gauges.get(gauge) ?? [])
        yield { labels: { ...labels, ...sample.labels }, value: sample.value };
    }
  }

  *results(): Generator<ProbeSample> {
    for (const { counts } of this.#entries.values()) yield* counts.values();
  }

  *lastResults(): Generator<ProbeSample> {
    for (const { labels, lastAt } of this.#entries.values()) yield { labels, value: lastAt };
  }

  #entryOf(labels: ProbeLabels): Entry {
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const counts = new Map(
      OUTCOMES.map((outcome) => [
        `${outcome.status} ${outcome.failure_source}`,
        { labels: { ...labels, ...outcome }, value: 0 },
      ]),
    );
    const entry: Entry = { labels, counts, gauges: NOTHING, lastAt: 0 };
    this.#entries.set(key, entry);
    const { target = '' } = labels;
    this.#keys.set(target, (this.#keys.get(target) ?? new Set()).add(key));
    return entry;
  }

  #forget(key: string, { target = '' }: ProbeLabels): void {
    this.#entries.delete(key);
    const keys = this.#keys.get(target);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(target);
  }
}

const RULES: OptionRules<ProbeSelector> = {
  target: nonEmptyString,
  probe: nonEmptyString,
  labels: objectWith('an object of strings', (value) => Object.values(value).every((each) => typeof each === 'string')),
};

const NOTHING: ReadonlyMap<ProbeGauge, readonly ProbeSample[]> = new Map();
