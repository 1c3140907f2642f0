import type { PathOutagesAnswer } from '../../../ring/registry/index.js';
import { OutagesPanel } from './outages-panel.js';
import type { LazyProps } from './props.js';
import { hasLists, useAnswer } from './use-answer.js';

/** Milliseconds. */
const INTERVAL = 10_000;

/** When members were offline themselves, and when paths between members were broken. */
export function OutagesView({ state, now, read }: LazyProps) {
  const turn = Math.floor(now / INTERVAL);
  const { answer, problem } = useAnswer({ read, path: '/path_outages', turn, isAnswer: isPathOutages });
  return (
    <>
      {problem !== undefined && (
        <p role="status">
          Broken paths cannot be had: {problem}. Members' own outages are shown; it is asked again soon.
        </p>
      )}
      <OutagesPanel
        outages={state.outages}
        broken={answer?.path_outages ?? NONE}
        since={answer?.since}
        untold={answer === undefined ? 0 : answer.total - answer.path_outages.length}
        leftOut={answer?.left_out ?? 0}
        silentAfter={state.registry.silent_after}
        now={now}
      />
    </>
  );
}

const NONE: PathOutagesAnswer['path_outages'] = [];

function isPathOutages(value: unknown): value is PathOutagesAnswer {
  return (
    hasLists(value, 'path_outages') &&
    ['since', 'total', 'left_out'].every((name) => Number.isFinite(Reflect.get(Object(value), name)))
  );
}
