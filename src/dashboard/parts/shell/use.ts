import { useEffect, useState } from 'preact/hooks';

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

/** Sizes and places in CSS pixels, as a style. */
export function boxOf(box: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(box).map(([name, pixels]) => [name, `${pixels}px`]));
}
