import type { ProbeResult } from '../result.js';
import { comparePaths } from '../trace/compare-paths.js';
import { rememberPath } from '../trace/remember-path.js';
import type { TraceFacts } from '../trace/trace-result.js';
import type { ProbeLabels, ProbeSample, ProbeTally, Tally } from './metric.js';
import { traceOf } from './trace-of.js';

/** Told of each target from its first trace on. */
export const PROBE_PATH_CHANGES: ProbeTally = {
  name: 'probe.path_changes',
  kind: 'counter',
  help: 'Traces that found another path than the one before to the same address by the same flows. What was silent is no change.',
  concerns: (result) => traceOf(result) !== undefined,
  begin: (target) => new PathChanges(target),
};

/** Counts how often the path to a target was found to be another. */
class PathChanges implements Tally {
  readonly #labels: ProbeLabels;
  /** The path as it was last known, by address and flows. The one that was asked longest ago comes first. */
  readonly #known = new Map<string, TraceFacts>();
  #count = 0;

  constructor(labels: ProbeLabels) {
    this.#labels = labels;
  }

  /** While this host is offline, whatever is missing says nothing, and whoever answers may be of another network. */
  note(result: ProbeResult): void {
    const after = traceOf(result);
    if (after === undefined || result.status === 'inconclusive' || !hasKnownFlows(after)) return;
    const way = wayOf(result, after);
    const before = this.#known.get(way);
    if (before !== undefined && comparePaths(before, after).changed) this.#count += 1;
    this.#known.delete(way);
    this.#known.set(way, rememberPath(before, after));
    if (this.#known.size > MOST_WAYS) this.#forgetOldest();
  }

  samples(): readonly ProbeSample[] {
    return [{ labels: this.#labels, value: this.#count }];
  }

  #forgetOldest(): void {
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}

/** A name may have several addresses, and a port may be in use and another be taken: each of these may have a path of its own. */
const MOST_WAYS = 8;

function wayOf({ address = '' }: ProbeResult, { method, flows }: TraceFacts): string {
  return [method, address, ...flows.map(({ id }) => id)].join(' ');
}

/** An identifier of 0 stands for ports that are others each time. */
function hasKnownFlows({ flows }: TraceFacts): boolean {
  return flows.length > 0 && flows.every(({ id }) => id !== 0);
}
