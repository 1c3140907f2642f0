import type { PackedLane } from './pack-rows.js';
import type { Tick } from './time-axis.js';
import type { Lane, Span } from './timeline-model.js';

/** Properties of {@link LaneRow}. */
export interface LaneRowProps {
  readonly lane: Lane;
  readonly packed: PackedLane;
  readonly ticks: readonly Tick[];
  /** The position of the lane. */
  readonly index: number;
  /** The position of the bar that Tab leads to, if it is in this lane. */
  readonly active: number | undefined;
  /** The one whose details are shown. */
  readonly shown: number | undefined;
  readonly describe: (span: Span) => string;
  readonly onToggle: () => void;
}

/** Of `Patterns`; of a solid one the style sheet says it. */
const FILLS = { solid: undefined, hatched: 'url(#timeline-hatched)', dotted: 'url(#timeline-dotted)' };

/** Pixels. */
const [BAR, ROW, EDGE] = [18, 22, 4];
/** Of bars that have room for a sign. */
const WIDE = 20;

/** A lane: its name, and its bars. */
export function LaneRow({ lane, packed, ticks, index, active, shown, describe, onToggle }: LaneRowProps) {
  const height = packed.rows * ROW + 2 * EDGE - (ROW - BAR);
  return (
    <div class={`timeline-lane${lane.isPart ? ' is-part' : ''}`}>
      <div class="timeline-name">
        <Name lane={lane} onToggle={onToggle} />
        {packed.left > 0 && <small>and {packed.left} more</small>}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: it is a picture, and no set of fields. */}
      <svg class="timeline-bars" height={height} role="group" aria-label={lane.label}>
        {ticks.map(({ x }) => (
          <line key={x} class="timeline-tick" x1={x} x2={x} y1="0" y2={height} />
        ))}
        {packed.bars.map(({ span, x, width, row }, bar) => (
          // biome-ignore lint/a11y/useSemanticElements: there are no buttons in SVG.
          <g
            key={span.id}
            class={`timeline-bar look-${span.look}${span.until === undefined ? ' is-open' : ''}${bar === shown ? ' is-shown' : ''}`}
            role="button"
            tabindex={bar === active ? 0 : -1}
            aria-label={describe(span)}
            data-bar={`${index} ${bar}`}
          >
            <rect x={x} y={EDGE + row * ROW} width={width} height={BAR} rx="3" fill={FILLS[span.look]} />
            {span.until === undefined && width >= WIDE && (
              <path class="timeline-open-end" d={`M${x + width - 7} ${EDGE + row * ROW + 4}l5 5l-5 5`} />
            )}
          </g>
        ))}
      </svg>
    </div>
  );
}

function Name({ lane: { label, isOpen }, onToggle }: Pick<LaneRowProps, 'lane' | 'onToggle'>) {
  if (isOpen === undefined) return <span title={label}>{label}</span>;
  return (
    <button type="button" aria-expanded={isOpen} onClick={onToggle} title={label}>
      <span class="timeline-turn" aria-hidden="true">
        ▸
      </span>
      <span>{label}</span>
    </button>
  );
}
