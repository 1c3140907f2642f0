import { checkOptions, nonEmptyString, type OptionRules, objectWith } from '../../options/index.js';
import type { ProbeResult } from '../result.js';
import { boundedSamples } from './bounded-samples.js';
import { targetOf } from './facts.js';
import type { ProbeLabels, ProbeReading, ProbeSample, ProbeTally, Tally } from './metric.js';
import { PROBE_TALLIES, readingsFor } from './probe-metrics.js';

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
  readonly tallies: Map<ProbeTally, Tally>;
  /** What the last result said. */
  readings: ReadonlyMap<ProbeReading, readonly ProbeSample[]>;
}

/** Keeps what metrics show of each target until it is removed. */
export class ProbeSeries {
  readonly #entries = new Map<string, Entry>();
  /** Keys of {@link #entries} by target: thousands of targets may go one by one. */
  readonly #keys = new Map<string, Set<string>>();
  /** Who has a series of a metric: most metrics are of one engine, and the others' targets are not to be gone through for it. */
  readonly #shown = new Map<ProbeReading | ProbeTally, Set<Entry>>();

  /** @returns the labels of the target's series: the same object for as long as it is known. */
  note(result: ProbeResult, own: ProbeLabels): ProbeLabels {
    const entry = this.#entryOf({ probe: result.probe, target: targetOf(result), ...own });
    for (const tally of PROBE_TALLIES) {
      if (!entry.tallies.has(tally) && tally.concerns(result)) {
        entry.tallies.set(tally, tally.begin(entry.labels));
        this.#show(tally, entry);
      }
      entry.tallies.get(tally)?.note(result);
    }
    const former = entry.readings;
    entry.readings = readAll(result);
    for (const reading of former.keys()) if (!entry.readings.has(reading)) this.#hide(reading, entry);
    for (const reading of entry.readings.keys()) if (!former.has(reading)) this.#show(reading, entry);
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
      const entry = this.#entries.get(key);
      if (entry === undefined || !wanted.every(([name, value]) => entry.labels[name] === value)) return [];
      this.#forget(key, entry);
      return [entry.labels];
    });
  }

  /** What a metric shows: the value of each series, with all its labels. */
  *samples(metric: ProbeReading | ProbeTally): Generator<ProbeSample> {
    for (const { labels, tallies, readings } of this.#shown.get(metric) ?? []) {
      if ('begin' in metric) {
        yield* tallies.get(metric)?.samples() ?? [];
        continue;
      }
      for (const sample of readings.get(metric) ?? [])
        yield { labels: { ...labels, ...sample.labels }, value: sample.value };
    }
  }

  #entryOf(labels: ProbeLabels): Entry {
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = { labels, tallies: new Map(), readings: new Map() };
    this.#entries.set(key, entry);
    const { target = '' } = labels;
    this.#keys.set(target, (this.#keys.get(target) ?? new Set()).add(key));
    return entry;
  }

  #forget(key: string, entry: Entry): void {
    for (const metric of [...entry.readings.keys(), ...entry.tallies.keys()]) this.#hide(metric, entry);
    const { target = '' } = entry.labels;
    this.#entries.delete(key);
    const keys = this.#keys.get(target);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(target);
  }

  #show(metric: ProbeReading | ProbeTally, entry: Entry): void {
    const entries = this.#shown.get(metric);
    if (entries === undefined) this.#shown.set(metric, new Set([entry]));
    else entries.add(entry);
  }

  #hide(metric: ProbeReading | ProbeTally, entry: Entry): void {
    this.#shown.get(metric)?.delete(entry);
  }
}

/** What there is of each metric that the result says something of. */
function readAll(result: ProbeResult): ReadonlyMap<ProbeReading, readonly ProbeSample[]> {
  const readings = new Map<ProbeReading, readonly ProbeSample[]>();
  for (const reading of readingsFor(result)) {
    const samples = boundedSamples(reading.read(result), reading.kind);
    if (samples.length > 0) readings.set(reading, samples);
  }
  return readings;
}

const RULES: OptionRules<ProbeSelector> = {
  target: nonEmptyString,
  probe: nonEmptyString,
  labels: objectWith('an object of strings', (value) => Object.values(value).every((each) => typeof each === 'string')),
};
