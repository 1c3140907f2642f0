import './popover.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { boxOf } from './use.js';

/** A place in CSS pixels. */
export interface Anchor {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface PopoverProps {
  readonly id: string;
  /** What it is about; of the positioned element that it stands in. */
  readonly anchor: Anchor;
  /** How large that element is. */
  readonly room: { readonly width: number; readonly height: number };
  readonly onDismiss: () => void;
  readonly children: ComponentChildren;
}

/** A tooltip (WCAG 1.4.13): it stays while the pointer is on what it is about, and goes with Escape. It never covers what it is about. */
export function Popover({ id, anchor, room, onDismiss, children }: PopoverProps) {
  const element = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return;
    const [width, height] = [current.offsetWidth, current.offsetHeight];
    if (width !== size.width || height !== size.height) setSize({ width, height });
  });
  useEffect(() => {
    const onKey = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape') onDismiss();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
  const right = anchor.left + anchor.width + GAP;
  const isRight = right + size.width <= room.width;
  const left = isRight ? right : Math.max(0, anchor.left - size.width - GAP);
  const below = anchor.top + anchor.height + GAP;
  const isBelow = below + size.height <= room.height + BEYOND || anchor.top < size.height + GAP;
  const top = isBelow ? below : anchor.top - size.height - GAP;
  return (
    <div ref={element} id={id} role="tooltip" class="popover" style={boxOf({ left, top })}>
      {children}
    </div>
  );
}

/** Pixels: diagonally away, so that the way to the next cell is free. */
const GAP = 10;
/** Pixels by which it may stand out below. */
const BEYOND = 60;
