import {
  comparePaths,
  type PathComparison,
  type ProbeResult,
  rememberPath,
  type TraceFacts,
} from '../../../probes/index.js';
import { isTrace, type PathFacts, type PathHop, type PathResult } from '../result-kinds.js';
import { addRound, emptyHop, type HopModel, markUnjudged } from './hop-model.js';

/** All that is known of the path to one target after some rounds, as a value. */
export interface PathModel {
  readonly target: string;
  /** The IP address that was asked last. */
  readonly address: string | undefined;
  /** By their distance, the first hop first. */
  readonly hops: readonly HopModel[];
  /** How many of them the path has now. */
  readonly length: number;
  /** Rounds that were judged. */
  readonly rounds: number;
  /** In how many of them the target was reached. */
  readonly reached: number;
  /** Rounds in which this host was offline, or could not ask: they count for nothing. */
  readonly unjudged: number;
  /** How often the path has changed. */
  readonly changes: number;
  /** When it did last, in milliseconds since the epoch. */
  readonly changedAt: number | undefined;
  /** What changed with the newest round; undefined where nothing did. */
  readonly change: PathComparison | undefined;
  readonly last: PathResult | undefined;
  /** Who was seen last at each hop, silence since then or not. */
  readonly known: TraceFacts | undefined;
}

export function emptyPath(target: string): PathModel {
  return {
    target,
    address: undefined,
    hops: [],
    length: 0,
    rounds: 0,
    reached: 0,
    unjudged: 0,
    changes: 0,
    changedAt: undefined,
    change: undefined,
    last: undefined,
    known: undefined,
  };
}

/** Takes a trace in. Pure: the model before stays as it was. */
export function addTrace(path: PathModel, result: ProbeResult): PathModel {
  if (!isTrace(result)) return path;
  const { address = path.address } = result;
  // What was lost while this host was offline is nobody's loss, even where the target was reached before or after.
  if (result.status === 'inconclusive' || result.offline !== undefined) {
    const hops = path.hops.map(markUnjudged);
    return { ...path, address, hops, last: result, change: undefined, unjudged: path.unjudged + 1 };
  }
  const { facts } = result;
  const change = changeBetween(path.known, facts);
  const at = result.startedAt + result.duration;
  const length = facts.reached ? facts.hops.length : Math.max(path.length, facts.hops.length);
  const perHop = facts.hops.reduce((most, { sent }) => Math.max(most, sent), 1);
  const hops = Array.from({ length: Math.max(length, path.hops.length) }, (_, index) => {
    const before = path.hops[index] ?? emptyHop(index + 1);
    if (index >= length) return before;
    const hop = facts.hops[index] ?? silence(index + 1, perHop);
    const changed = change?.hops.some(({ ttl }) => ttl === hop.ttl) === true;
    return addRound(before, hop, { at, changed, isPassedBy: isPassed(hop, facts) });
  });
  return {
    target: path.target,
    address,
    hops,
    length,
    rounds: path.rounds + 1,
    reached: path.reached + (facts.reached ? 1 : 0),
    unjudged: path.unjudged,
    changes: path.changes + (change === undefined ? 0 : 1),
    changedAt: change === undefined ? path.changedAt : at,
    change,
    last: result,
    known: rememberPath(path.known, facts),
  };
}

/** What is behind the last that answered is not in the facts, and has been lost all the same. */
function silence(ttl: number, sent: number): PathHop {
  return { ttl, addresses: [], sent, received: 0, loss: 1 };
}

/** Whether somebody farther away has answered though this hop had not. */
function isPassed(hop: PathHop, { hops }: PathFacts): boolean {
  if (hop.rateLimited === true) return true;
  return hop.received === 0 && hops.some(({ ttl, received }) => ttl > hop.ttl && received > 0);
}

/** Other flows may go by other ways, with nothing changed. */
function changeBetween(before: TraceFacts | undefined, after: TraceFacts): PathComparison | undefined {
  if (before === undefined) return undefined;
  const comparison = comparePaths(before, after);
  return comparison.changed && comparison.sameFlows ? comparison : undefined;
}
