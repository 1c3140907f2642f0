import { useEffect, useLayoutEffect, useState } from 'preact/hooks';

/** Milliseconds since 1970, renewed at an interval while the page is seen. */
export function useClock(interval: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setNow(Date.now());
    }, interval);
    return () => clearInterval(timer);
  }, [interval]);
  return now;
}

/** The size of an element in CSS pixels; renewed when it changes. */
export function useSize(element: { readonly current: HTMLElement | null }): {
  readonly width: number;
  readonly height: number;
} {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return;
    const look = (): void => {
      const [width, height] = [current.clientWidth, current.clientHeight];
      setSize((before) => (before.width === width && before.height === height ? before : { width, height }));
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

/** Sizes and places in CSS pixels, as a style. */
export function boxOf(box: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(box).map(([name, pixels]) => [name, `${pixels}px`]));
}
