import { NO_LABELS, type ProbeSample } from './metric.js';

/**
 * How many series one result may have of one metric: names and numbers of hops, interfaces and file systems are not ours to choose. The path of a
 * packet, with several addresses at some hops, is far below.
 */
export const MOST_SERIES = 128;

/** In characters. One that is longer is left out with its series: cut off, two could become one. */
export const LONGEST_VALUE = 256;

/** The samples that may be shown: so many at most, and no number that a reader would choke on. */
export function boundedSamples(samples: readonly ProbeSample[], kind: 'gauge' | 'counter'): readonly ProbeSample[] {
  const isFine = kind === 'counter' ? isCount : isShowable;
  const shown = samples.every(isFine) ? samples : samples.filter(isFine);
  return shown.length > MOST_SERIES ? shown.slice(0, MOST_SERIES) : shown;
}

export function isShort(text: string): boolean {
  return text.length <= LONGEST_VALUE;
}

function isShowable({ labels, value }: ProbeSample): boolean {
  return Number.isFinite(value) && (labels === NO_LABELS || Object.values(labels).every(isShort));
}

/** Nothing counts backwards from 0. */
function isCount(sample: ProbeSample): boolean {
  return sample.value >= 0 && isShowable(sample);
}
