import './topology.css';
import { useCallback, useMemo, useState } from 'preact/hooks';
import type { PathAnswer, TopologyAnswer } from '../../../ring/registry/index.js';
import { Graph } from '../../parts/graph/graph.js';
import type { GraphNode, Level } from '../../parts/graph/graph-model.js';
import { count } from '../../parts/text/numbers.js';
import { chosen, type Ends, picked } from './path-ends.js';
import { PathPanel } from './path-panel.js';
import type { NodeOf } from './site-addresses.js';
import { LEVEL_WORDS, StretchTable } from './stretch-table.js';
import { describeNodes } from './topology-details.js';
import { graphOf, type TopologyGraph, withPath } from './topology-graph.js';
import { marksOf, shownPath, stretchesOf } from './topology-path.js';

/** Properties of {@link TopologyPanel}. */
export interface TopologyPanelProps {
  readonly topology: TopologyAnswer;
  /** The answer about the path between `ends`; undefined until it is there. */
  readonly path: PathAnswer | undefined;
  readonly ends: Ends;
  readonly onEnds: (ends: Ends) => void;
  /** Of `siteAddresses`. */
  readonly nodeOf: NodeOf;
}

/** The graph of all traced routes, and the path between two sites. */
export function TopologyPanel({ topology, path, ends, onEnds, nodeOf }: TopologyPanelProps) {
  const [source, target] = ends;
  const route = target === undefined ? undefined : `${source}->${target}`;
  const graph = useMemo(() => graphOf(topology, nodeOf, route), [topology, nodeOf, route]);
  const marks = useMemo(() => marksOf(ends, path, nodeOf), [ends, path, nodeOf]);
  const links = useMemo(() => withPath(graph.links, stretchesOf(path, nodeOf)), [graph, path, nodeOf]);
  const details = useMemo(() => describeNodes(graph), [graph]);
  const describe = useCallback((node: GraphNode) => details.get(node.id) ?? node.label, [details]);
  const onPick = ({ id, kind }: GraphNode): void => {
    if (kind === 'site') onEnds(picked(ends, id));
  };
  return (
    <div class="topology">
      <PathChoice sites={topology.summary.locations} ends={ends} onEnds={onEnds} />
      <p class="topology-hint">
        Choose two sites in the lists or in the picture. In the picture, arrow keys lead from one to the next, Enter
        chooses, Escape forgets; drag to move, Ctrl and the wheel or + and − to zoom.
      </p>
      <Drawn graph={graph} />
      <Graph
        nodes={graph.nodes}
        links={links}
        marks={marks}
        label={`Topology: ${count(topology.summary.total_locations, 'site')}, ${count(topology.summary.total_routers, 'router')}`}
        describe={describe}
        onPick={onPick}
        onClear={() => onEnds([])}
      />
      <Legend />
      {source !== undefined && target !== undefined && (
        <PathPanel source={source} target={target} path={path && shownPath(path, nodeOf)} />
      )}
      <AsTable graph={graph} />
    </div>
  );
}

function Drawn({ graph: { drawn, routes } }: { readonly graph: TopologyGraph }) {
  if (routes === 0)
    return <p class="topology-note">No routes have been reported yet. Traces are made every few minutes.</p>;
  if (drawn === routes) return null;
  return (
    <p class="topology-note">
      {`${count(drawn, 'route')} of ${routes.toLocaleString('en')} are drawn, some of each site: more could not be read. A path that is chosen is always drawn.`}
    </p>
  );
}

/** The two ends of a path, by lists. */
function PathChoice({
  sites,
  ends: [source = '', target = ''],
  onEnds,
}: Pick<TopologyPanelProps, 'ends' | 'onEnds'> & { readonly sites: readonly string[] }) {
  return (
    <div class="path-choice">
      <SiteList label="Path from" value={source} sites={sites} onChoose={(site) => onEnds(chosen(site, target))} />
      <SiteList label="to" value={target} sites={sites} onChoose={(site) => onEnds(chosen(source, site))} />
      <button type="button" disabled={target === ''} onClick={() => onEnds([target, source])}>
        Swap
      </button>
      <button type="button" disabled={source === ''} onClick={() => onEnds([])}>
        Clear
      </button>
    </div>
  );
}

interface SiteListProps {
  readonly label: string;
  readonly value: string;
  readonly sites: readonly string[];
  readonly onChoose: (site: string) => void;
}

function SiteList({ label, value, sites, onChoose }: SiteListProps) {
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        <option value="">choose a site</option>
        {(sites.includes(value) || value === '' ? sites : [value, ...sites]).map((site) => (
          <option key={site} value={site}>
            {site}
          </option>
        ))}
      </select>
    </label>
  );
}

const LEVELS: readonly Level[] = [1, 2, 3];

function Legend() {
  return (
    <ul class="topology-legend" aria-label="Legend">
      {LEVELS.map((level) => (
        <li key={level}>
          <svg width="36" height="10" aria-hidden="true">
            <line class={`graph-link level-${level}`} x1="2" y1="5" x2="34" y2="5" />
          </svg>
          {LEVEL_WORDS[level]}
        </li>
      ))}
      <li>
        <svg width="36" height="10" aria-hidden="true">
          <line class="graph-link level-3 is-notable" x1="2" y1="5" x2="34" y2="5" />
        </svg>
        bottleneck: adds more than 150 ms
      </li>
      <li>
        <svg class="graph-node kind-site" width="20" height="18" viewBox="-10 -9 20 18" aria-hidden="true">
          <rect class="graph-shape" x="-8" y="-8" width="16" height="16" rx="4" />
        </svg>
        site
      </li>
      <li>
        <svg class="graph-node kind-router" width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">
          <circle class="graph-shape" r="5" />
        </svg>
        router
      </li>
      <li class="topology-legend-note">
        Round trip from the beginning of a route to the end of the stretch; the shortest where several routes share it,
        and that of the path where one is chosen.
      </li>
    </ul>
  );
}

/** Rows are made only when somebody wants them. */
function AsTable({ graph }: { readonly graph: TopologyGraph }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Stretches as a table</summary>
      {isOpen && <StretchTable nodes={graph.nodes} links={graph.links} />}
    </details>
  );
}
