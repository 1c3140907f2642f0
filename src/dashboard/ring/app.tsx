import './ring.css';
import type { ComponentType } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Toggles } from '../parts/filters/toggles.js';
import { Panel, Shell } from '../parts/shell/shell.js';
import { useTheme } from '../parts/shell/theme.js';
import { TokenForm } from '../parts/shell/token-form.js';
import { useClock } from '../parts/shell/use.js';
import { formatDuration } from '../parts/text/numbers.js';
import { Alerts, Expected } from './expected.js';
import type { LazyProps } from './lazy/props.js';
import { MatrixMaker } from './matrix-data.js';
import { MatrixPanel, SHOWN_NAMES } from './matrix-panel.js';
import { Members } from './members.js';
import type { RingState } from './model.js';
import { Overview } from './overview.js';
import { PairPanel } from './pair.js';
import { medianLatency, memberStats, statsOf } from './stats.js';
import { useRing } from './use-ring.js';
import { useView } from './use-view.js';
import { DEFAULT_VIEW, SHOWN } from './view.js';

const LINKS = [
  ['Topology picture', '/topology/svg'],
  ['Prometheus', '/metrics?format=prometheus'],
  ['API', '/docs'],
] as const;

/** The ring's page. */
export function App() {
  const { state, phase, clockAhead, read, enterToken, hasToken } = useRing();
  const [view, onView] = useView();
  const { choice, theme, choose } = useTheme();
  const clock = useClock(1_000);
  const now = clock + clockAhead;
  return (
    <Shell
      title="Netring"
      version={state.registry.version}
      // With a link a browser sends no token.
      links={hasToken || phase.kind === 'locked' ? [] : LINKS}
      phase={phase}
      now={clock}
      theme={choice}
      onTheme={choose}
    >
      {phase.kind === 'locked' ? (
        <TokenForm wasRefused={phase.wasRefused} onToken={enterToken} />
      ) : (
        <Page state={state} view={view} onView={onView} now={now} read={read} theme={theme} hasToken={hasToken} />
      )}
    </Shell>
  );
}

function Page({ theme, hasToken, ...props }: LazyProps & { readonly theme: string; readonly hasToken: boolean }) {
  const { state, view, onView, now } = props;
  const [all, shown] = [useRef(new MatrixMaker()), useRef(new MatrixMaker())];
  // What is old changes with time, a few times a minute; `now` itself would make all of it anew each second.
  const slowly = Math.floor(now / 10_000);
  const matrix = useMemo(() => shown.current.make(state, view, now), [state, view, slowly]);
  const whole = useMemo(() => all.current.make(state, DEFAULT_VIEW, now), [state, slowly]);
  const stats = useMemo(() => statsOf(state, whole, now), [state, whole, slowly]);
  // A number that jumps about cannot be read.
  const latency = useMemo(() => medianLatency(state), [state.rows.size, Math.floor(now / 2_000)]);
  const byMember = useMemo(() => memberStats(state, whole), [state.rows, whole]);
  const [source, target] = view.pair ?? [];
  const lazy = useLazyViews();
  const isTopology = view.shown === 'topology';
  return (
    <div class="page">
      <Condition state={state} now={now} />
      <Alerts analysis={state.analysis} now={now} />
      <Overview stats={stats} latency={latency} />
      <Toggles
        label="What is shown"
        values={SHOWN}
        names={SHOWN_NAMES}
        value={view.shown}
        onChange={(next) => onView({ shown: next })}
      />
      <div class="columns">
        <div class="column">
          {isTopology ? (
            <Panel title="Topology">{lazy ? <lazy.TopologyView {...props} /> : <Loading />}</Panel>
          ) : (
            <MatrixPanel
              state={state}
              data={matrix}
              view={view}
              onView={onView}
              now={now}
              theme={theme}
              hasToken={hasToken}
            />
          )}
        </div>
        <div class="column">
          {source !== undefined && target !== undefined && (
            <PairPanel
              state={state}
              source={source}
              target={target}
              now={now}
              onClose={() => onView({ pair: undefined })}
              onPath={() => onView({ shown: 'topology', path: locationsOf(state, source, target) })}
            />
          )}
          <Panel title="Outages">{lazy ? <lazy.OutagesView {...props} /> : <Loading />}</Panel>
          <Expected analysis={state.analysis} />
        </div>
      </div>
      <Members
        state={state}
        stats={byMember}
        now={now}
        onChoose={({ instance_id: id }) => onView({ shown: isTopology ? 'all' : view.shown, source: id, target: '' })}
      />
    </div>
  );
}

function Loading() {
  return <p class="muted">Loading …</p>;
}

/** What is wrong with the registry itself: then what is shown may be wrong, too. */
function Condition({ state: { registry }, now }: { readonly state: RingState; readonly now: number }) {
  const texts = [
    registry.offline_since === undefined
      ? undefined
      : `The registry itself has been offline for ${formatDuration(now - registry.offline_since)}: it blames nobody.`,
    registry.store_away_since === undefined
      ? undefined
      : `The shared store has been away for ${formatDuration(now - registry.store_away_since)}: this registry shows what it knows.`,
  ].flatMap((text) => text ?? []);
  return (
    <>
      {texts.map((text) => (
        <p key={text} class="alert alert-warning">
          {text}
        </p>
      ))}
    </>
  );
}

interface LazyViews {
  readonly TopologyView: ComponentType<LazyProps>;
  readonly OutagesView: ComponentType<LazyProps>;
}

/** What is not needed for the first sight of the page. */
function useLazyViews(): LazyViews | undefined {
  const [lazy, setLazy] = useState<LazyViews>();
  useEffect(() => {
    let isGone = false;
    import('./lazy/index.js').then(
      ({ TopologyView, OutagesView }) => {
        if (!isGone) setLazy({ TopologyView, OutagesView });
      },
      // The page goes on without it; when it is loaded anew it tries again.
      () => {},
    );
    return () => {
      isGone = true;
    };
  }, []);
  return lazy;
}

function locationsOf(state: RingState, source: string, target: string): readonly [string, string] | undefined {
  const [from, to] = [state.members.get(source)?.location, state.members.get(target)?.location];
  return from === undefined || to === undefined ? undefined : [from, to];
}
