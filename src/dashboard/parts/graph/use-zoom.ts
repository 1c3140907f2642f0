import { select } from 'd3-selection';
import { type D3ZoomEvent, type ZoomBehavior, zoom, zoomIdentity } from 'd3-zoom';
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { View } from './frame.js';

/** The view of a picture that can be moved and enlarged. */
export interface Zoom {
  /** How much is enlarged, in steps of a twentieth: what depends on it is drawn anew only then. */
  readonly k: number;
  /** Where it is now. */
  readonly view: () => View;
  /** Whether somebody has moved it since {@link show}. */
  readonly isMoved: () => boolean;
  readonly zoomBy: (factor: number) => void;
  readonly panBy: (x: number, y: number) => void;
  readonly show: (view: View) => void;
}

const [LEAST, MOST] = [0.05, 12];

/**
 * Moves and enlarges what is in `content` by mouse, wheel and fingers. The wheel and a single finger go on scrolling the page: the wheel enlarges with
 * Ctrl held or while the focus is inside, and fingers do by two.
 */
export function useZoom(picture: RefObject<SVGSVGElement | null>, content: RefObject<SVGGElement | null>): Zoom {
  const [k, setK] = useState(1);
  const behavior = useRef<ZoomBehavior<SVGSVGElement, unknown>>(null);
  const view = useRef<View>({ k: 1, x: 0, y: 0 });
  const isMoved = useRef(false);
  useEffect(() => {
    const { current: svg } = picture;
    if (svg === null) return;
    const onZoom = ({ transform: now, sourceEvent }: D3ZoomEvent<SVGSVGElement, unknown>): void => {
      view.current = { k: now.k, x: now.x, y: now.y };
      if (sourceEvent !== null) isMoved.current = true;
      content.current?.setAttribute('transform', `translate(${now.x} ${now.y}) scale(${now.k})`);
      setK((known) => (Math.abs(now.k / known - 1) < 0.05 ? known : now.k));
    };
    const made = zoom<SVGSVGElement, unknown>().scaleExtent([LEAST, MOST]).filter(isMeant).on('zoom', onZoom);
    behavior.current = made;
    select(svg).call(made);
    return () => {
      select(svg).on('.zoom', null);
    };
  }, [picture, content]);
  const withBehavior = (use: (svg: SVGSVGElement, zoom: ZoomBehavior<SVGSVGElement, unknown>) => void): void => {
    if (picture.current !== null && behavior.current !== null) use(picture.current, behavior.current);
  };
  return {
    k,
    view: () => view.current,
    isMoved: () => isMoved.current,
    zoomBy: (factor) => {
      isMoved.current = true;
      withBehavior((svg, made) => made.scaleBy(select(svg), factor));
    },
    panBy: (x, y) => withBehavior((svg, made) => made.translateBy(select(svg), x / view.current.k, y / view.current.k)),
    show: (next) => {
      isMoved.current = false;
      const transform = zoomIdentity.translate(next.x, next.y).scale(next.k);
      withBehavior((svg, made) => made.transform(select(svg), transform));
      setK(next.k);
    },
  };
}

/** Whether somebody means the picture, and not the page. */
function isMeant(this: SVGSVGElement, event: Event): boolean {
  if (event instanceof WheelEvent) return event.ctrlKey || event.metaKey || this.contains(document.activeElement);
  if ('touches' in event && event.touches instanceof TouchList) return event.touches.length > 1;
  return event instanceof MouseEvent && event.type !== 'dblclick' && event.button === 0 && !event.ctrlKey;
}
