import { useCallback, useMemo, useState } from 'preact/hooks';
import type { PathAnswer, TopologyAnswer } from '../../../ring/registry/index.js';
import type { Ends } from './path-ends.js';
import type { LazyProps } from './props.js';
import { siteAddresses } from './site-addresses.js';
import { TopologyPanel } from './topology-panel.js';
import { hasLists, useAnswer } from './use-answer.js';

/** Milliseconds: traces are made every few minutes. */
const INTERVAL = 30_000;

/** The graph of all traced routes, and the path between two sites. */
export function TopologyView({ state, view, onView, now, read }: LazyProps) {
  const [begin, setBegin] = useState<string | undefined>(undefined);
  const turn = Math.floor(now / INTERVAL);
  const topology = useAnswer({ read, path: '/topology', turn, isAnswer: isTopology });
  const path = useAnswer({ read, path: view.path && pathOf(view.path), turn, isAnswer: isPath });
  const ends = useMemo<Ends>(() => view.path ?? (begin === undefined ? [] : [begin]), [view.path, begin]);
  const addresses = JSON.stringify([...state.members.values()].map(({ ip, location }) => [ip, location]));
  // Of the members only this matters.
  const nodeOf = useMemo(() => siteAddresses(state.members.values()), [addresses]);
  const onEnds = useCallback(
    ([source, target]: Ends): void => {
      setBegin(source);
      onView({ path: source === undefined || target === undefined ? undefined : [source, target] });
    },
    [onView],
  );
  // Until it is known whose addresses are those of sites, the sites would be drawn twice.
  if (topology.answer === undefined || !state.isLoaded) {
    return (
      <p role="status">{topology.problem === undefined ? 'Asking for the topology …' : failed(topology.problem)}</p>
    );
  }
  return (
    <>
      {topology.problem !== undefined && <p role="status">{failed(topology.problem)}</p>}
      <TopologyPanel topology={topology.answer} path={path.answer} ends={ends} onEnds={onEnds} nodeOf={nodeOf} />
    </>
  );
}

function failed(problem: string): string {
  return `The topology cannot be had: ${problem}. It is asked for again soon.`;
}

function pathOf([source, target]: readonly [string, string]): string {
  return `/topology/path?${new URLSearchParams({ source, target })}`;
}

function isTopology(value: unknown): value is TopologyAnswer {
  return (
    hasLists(value, 'bottlenecks') &&
    hasLists(Reflect.get(Object(value), 'topology'), 'nodes', 'edges') &&
    hasLists(Reflect.get(Object(value), 'summary'), 'locations')
  );
}

function isPath(value: unknown): value is PathAnswer {
  const analysis: unknown = Reflect.get(Object(value), 'path_analysis');
  return hasLists(analysis, 'path_nodes', 'path_edges', 'bottlenecks') || 'error' in Object(analysis);
}
