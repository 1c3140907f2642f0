import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useSize } from '../measure/use-size.js';
import type { Places } from './force-layout.js';
import { frameOf, intoSight, isSeen } from './frame.js';
import type { GraphProps } from './graph.js';
import { type KeyAction, keyAction } from './graph-keys.js';
import { useLayout } from './use-layout.js';
import { useZoom, type Zoom } from './use-zoom.js';

/** What a graph is drawn with. */
export interface DrawnGraph {
  readonly picture: RefObject<SVGSVGElement | null>;
  /** What is moved and enlarged. */
  readonly content: RefObject<SVGGElement | null>;
  /** Undefined until they are known. */
  readonly places: Places | undefined;
  readonly zoom: Zoom;
  readonly showAll: () => void;
  /** The position of the node that Tab leads to. */
  readonly current: number;
  /** The position of the one that is pointed at, or of the one that has the focus. */
  readonly told: number;
  /** Not of the picture itself: with a listener for the focus, that would be a stop of Tab in Chromium. */
  readonly handlers: {
    readonly onClick: (event: MouseEvent) => void;
    readonly onKeyDown: (event: KeyboardEvent) => void;
    readonly onFocusCapture: (event: FocusEvent) => void;
    readonly onPointerOver: (event: PointerEvent) => void;
    readonly onPointerLeave: () => void;
  };
}

/** Places a graph, keeps what is asked for in sight, and listens to mouse and keys. */
export function useGraph({ nodes, links, marks, onPick, onClear }: GraphProps): DrawnGraph {
  const [picture, content] = [useRef<SVGSVGElement>(null), useRef<SVGGElement>(null)];
  const size = useSize(picture);
  const places = useLayout(nodes, links);
  const zoom = useZoom(picture, content);
  const [active, setActive] = useState(0);
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const current = Math.min(active, Math.max(0, nodes.length - 1));
  const showAll = (): void => {
    if (places !== undefined && size !== undefined) zoom.show(frameOf(places, size));
  };
  useEffect(() => {
    if (!zoom.isMoved()) showAll();
  }, [places, size]);
  // Only a path that was not shown before is brought into sight.
  useEffect(() => {
    if (places === undefined || size === undefined || marks.nodes.length === 0) return;
    if (!isSeen(marks.nodes, places, zoom.view(), size)) zoom.show(frameOf(places, size, marks.nodes));
  }, [marks.nodes.join('\n'), places]);
  const goTo = (index: number): void => {
    const place = places?.get(nodes[index]?.id ?? '');
    setActive(index);
    picture.current?.querySelector<SVGGElement>(`[data-index="${index}"]`)?.focus({ preventScroll: true });
    if (place !== undefined && size !== undefined) zoom.panBy(...intoSight(place, zoom.view(), size));
  };
  const pick = (index: number | undefined): void => {
    const node = index === undefined ? undefined : nodes[index];
    if (node !== undefined) onPick(node);
  };
  const act = (action: KeyAction): void => {
    if (action.kind === 'go') goTo(action.to);
    if (action.kind === 'pick') pick(current);
    if (action.kind === 'clear') onClear();
    if (action.kind === 'zoom') zoom.zoomBy(action.factor);
    if (action.kind === 'fit') showAll();
  };
  const handlers = {
    onClick: (event: MouseEvent) => pick(indexOf(event.target)),
    onKeyDown: (event: KeyboardEvent) => {
      const isMeant = isPlain(event) && indexOf(event.target) !== undefined;
      const action = isMeant ? keyAction(event.key, current, nodes.length) : undefined;
      if (action === undefined) return;
      event.preventDefault();
      act(action);
    },
    onFocusCapture: (event: FocusEvent) => setActive(indexOf(event.target) ?? current),
    onPointerOver: (event: PointerEvent) => setPointed(indexOf(event.target)),
    onPointerLeave: () => setPointed(undefined),
  };
  return { picture, content, places, zoom, showAll, current, told: pointed ?? current, handlers };
}

/** The position of the node that something is part of. */
function indexOf(target: EventTarget | null): number | undefined {
  const index = target instanceof Element ? target.closest('[data-index]')?.getAttribute('data-index') : undefined;
  return index === null || index === undefined ? undefined : Number(index);
}

/** Keys with modifiers are the browser's. */
function isPlain({ ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
  return !ctrlKey && !altKey && !metaKey;
}
