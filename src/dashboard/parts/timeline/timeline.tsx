import './timeline.css';
import { useRef } from 'preact/hooks';
import { useSize } from '../measure/use-size.js';
import { formatDuration } from '../text/numbers.js';
import { LaneRow } from './lane-row.js';
import { packRows } from './pack-rows.js';
import { momentText, ticksOf, type Zone } from './time-axis.js';
import type { Lane, Span, TimeRange } from './timeline-model.js';
import { useBars } from './use-bars.js';

/** Properties of {@link Timeline}. */
export interface TimelineProps {
  readonly lanes: readonly Lane[];
  readonly range: TimeRange;
  readonly zone: Zone;
  /** What it shows, for those who do not see it. */
  readonly label: string;
  /** A lane with others that belong to it was opened or closed. */
  readonly onToggle: (lane: Lane) => void;
}

/** What lasted from when until when, lane by lane. */
export function Timeline({ lanes, range, zone, label, onToggle }: TimelineProps) {
  const axis = useRef<SVGSVGElement>(null);
  const width = Math.max(1, useSize(axis)?.width ?? 1);
  const packed = lanes.map(({ spans }) => packRows(spans, { range, width }));
  const { current, shown, board, handlers } = useBars(packed);
  const ticks = ticksOf(range, width, zone);
  const span = shown === undefined ? undefined : packed[shown.lane]?.bars[shown.bar]?.span;
  return (
    <div class="timeline">
      {/* biome-ignore lint/a11y/useSemanticElements: it is a picture, and no set of fields. */}
      <div class="timeline-board" role="group" aria-label={label} ref={board} {...handlers}>
        <div class="timeline-axis">
          <svg ref={axis} class="timeline-bars" height="24" aria-hidden="true">
            {ticks.map(({ x, label: text }) => (
              <text key={text + x} class="timeline-tick-label" x={x} y="16">
                {text}
              </text>
            ))}
          </svg>
        </div>
        {lanes.map((lane, index) => (
          <LaneRow
            key={lane.id}
            lane={lane}
            packed={packed[index] ?? NOTHING}
            ticks={ticks}
            index={index}
            active={current?.lane === index ? current.bar : undefined}
            shown={shown?.lane === index ? shown.bar : undefined}
            describe={(each) => describe(each, range, zone)}
            onToggle={() => onToggle(lane)}
          />
        ))}
      </div>
      <Told span={span} lane={shown && lanes[shown.lane]} range={range} zone={zone} />
    </div>
  );
}

const NOTHING = { bars: [], rows: 1, left: 0 };

/** A span in one sentence. */
function describe({ title, from, until }: Span, range: TimeRange, zone: Zone): string {
  const begin = momentText(from, zone);
  if (until === undefined) return `${title}, since ${begin}, for ${formatDuration(range.until - from)} so far`;
  return `${title}, from ${begin} to ${momentText(until, zone)}, ${formatDuration(until - from)}`;
}

interface ToldProps {
  readonly span: Span | undefined;
  readonly lane: Lane | undefined;
  readonly range: TimeRange;
  readonly zone: Zone;
}

/** What is known of the one that is pointed at or has the focus. */
function Told({ span, lane, range, zone }: ToldProps) {
  if (span === undefined)
    return <p class="timeline-told">Point at a bar, or go to it by Tab and arrow keys, to read more.</p>;
  return (
    <div class="timeline-told" aria-live="polite">
      <strong>{lane?.label}</strong>
      <span>{`: ${describe(span, range, zone)}`}</span>
      <ul>
        {span.details.map((detail) => (
          <li key={detail}>{detail}</li>
        ))}
      </ul>
    </div>
  );
}
