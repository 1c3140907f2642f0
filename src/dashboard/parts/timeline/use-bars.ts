import type { RefObject } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { PackedLane } from './pack-rows.js';
import { type BarPlace, firstBar, nextBar } from './timeline-keys.js';

/** Which bar somebody is at. */
export interface Bars {
  readonly board: RefObject<HTMLDivElement | null>;
  /** The one that Tab leads to. */
  readonly current: BarPlace | undefined;
  /** The one whose details are shown: that is pointed at, or was gone to or clicked last. */
  readonly shown: BarPlace | undefined;
  readonly handlers: {
    readonly onClick: (event: MouseEvent) => void;
    readonly onKeyDown: (event: KeyboardEvent) => void;
    readonly onFocusCapture: (event: FocusEvent) => void;
    readonly onPointerOver: (event: PointerEvent) => void;
    readonly onPointerLeave: () => void;
  };
}

/** Leads through the bars of a timeline, by mouse and by keys. They are known by their ids: others come and go beside them. */
export function useBars(lanes: readonly PackedLane[]): Bars {
  const board = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const [pointed, setPointed] = useState<string | undefined>(undefined);
  const known = placeOf(chosen, lanes);
  const current = known ?? firstBar(lanes);
  const choose = (target: EventTarget | null): void => {
    const id = idOf(target, lanes);
    if (id !== undefined) setChosen(id);
  };
  return {
    board,
    current,
    shown: placeOf(pointed, lanes) ?? known,
    handlers: {
      onClick: ({ target }) => choose(target),
      onFocusCapture: ({ target }) => choose(target),
      onPointerOver: ({ target }) => setPointed(idOf(target, lanes)),
      onPointerLeave: () => setPointed(undefined),
      onKeyDown: (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey || idOf(event.target, lanes) === undefined) return;
        const next = current && nextBar(event.key, current, lanes);
        if (next === undefined) return;
        event.preventDefault();
        board.current?.querySelector<SVGGElement>(`[data-bar="${next.lane} ${next.bar}"]`)?.focus();
      },
    },
  };
}

function placeOf(id: string | undefined, lanes: readonly PackedLane[]): BarPlace | undefined {
  if (id === undefined) return undefined;
  for (const [lane, { bars }] of lanes.entries()) {
    const bar = bars.findIndex(({ span }) => span.id === id);
    if (bar !== -1) return { lane, bar };
  }
  return undefined;
}

/** The id of the bar that something is part of. */
function idOf(target: EventTarget | null, lanes: readonly PackedLane[]): string | undefined {
  const place = target instanceof Element ? target.closest('[data-bar]')?.getAttribute('data-bar') : undefined;
  const [lane, bar] = (place ?? '').split(' ').map(Number);
  return lanes[lane ?? -1]?.bars[bar ?? -1]?.span.id;
}
