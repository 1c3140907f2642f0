import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** CSS pixels, without borders and scroll bars. */
export interface ElementSize {
  readonly width: number;
  readonly height: number;
}

/** How large an element is, from now on. Undefined until it is known. */
export function useSize(element: RefObject<Element | null>): ElementSize | undefined {
  const [size, setSize] = useState<ElementSize | undefined>(undefined);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return;
    const look = (): void => {
      const { clientWidth: width, clientHeight: height } = current;
      setSize((known) => (known?.width === width && known.height === height ? known : { width, height }));
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return size;
}
