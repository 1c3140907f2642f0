import { count, formatMilliseconds } from '../../parts/text/numbers.js';
import type { PathStop, ShownPath } from './topology-path.js';

/** Properties of {@link PathPanel}. */
export interface PathPanelProps {
  readonly source: string;
  readonly target: string;
  /** Undefined while it is asked for. */
  readonly path: ShownPath | undefined;
}

/** The way between two sites, stop by stop. */
export function PathPanel({ source, target, path }: PathPanelProps) {
  return (
    <section class="path-panel" aria-labelledby="path-title">
      <h3 id="path-title">
        Path from {source} to {target}
      </h3>
      <p role="status">{summaryOf(path, source, target)}</p>
      {path?.kind === 'found' && (
        <ol class="path-stops">
          {path.stops.map((stop, index) => (
            <Stop key={`${index} ${stop.id}`} stop={stop} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Stop({ stop: { label, hop, latency, added, silent, severity } }: { readonly stop: PathStop }) {
  return (
    <>
      {silent > 0 && <li class="path-silent">{count(silent, 'hop')} without an answer</li>}
      <li class={`path-stop${severity === undefined ? '' : ` is-${severity}`}`}>
        <span class="path-hop">{hop ?? ''}</span>
        <span class="path-name">{label}</span>
        {latency !== undefined && <span class="path-latency">{formatMilliseconds(latency)}</span>}
        {severity !== undefined && added !== undefined && (
          <span class="path-slow">
            {severity === 'high' ? 'very slow' : 'slow'}: +{formatMilliseconds(added)}
          </span>
        )}
      </li>
    </>
  );
}

function summaryOf(path: ShownPath | undefined, source: string, target: string): string {
  if (path === undefined) return 'Asking the registry …';
  if (path.kind === 'unknown')
    return `No trace from ${source} to ${target} is known. Traces are made every few minutes.`;
  const latency = path.stops.at(-1)?.latency;
  const parts = [
    count(path.totalHops, 'hop'),
    ...(latency === undefined ? [] : [`${formatMilliseconds(latency)} there and back`]),
    ...(path.mbps === null ? [] : [`${path.mbps.toFixed(1)} Mbit/s`]),
  ];
  return `${parts.join(', ')}.`;
}
