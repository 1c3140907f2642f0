import { useEffect, useState } from 'preact/hooks';
import { hashOf, type RingView, viewOf } from './view.js';

/** What somebody has chosen to see, as the address has it. What is another kind of check is a step that one can go back; a filter is not. */
export function useView(): readonly [RingView, (change: Partial<RingView>) => void] {
  const [view, setView] = useState(() => viewOf(location.hash));
  useEffect(() => {
    const look = (): void => setView(viewOf(location.hash));
    addEventListener('hashchange', look);
    addEventListener('popstate', look);
    return () => {
      removeEventListener('hashchange', look);
      removeEventListener('popstate', look);
    };
  }, []);
  const change = (part: Partial<RingView>): void => {
    // What the address says, which may be newer than what was drawn.
    const next = { ...viewOf(location.hash), ...part };
    const address = `${location.pathname}${location.search}${hashOf(next)}`;
    if ('shown' in part) history.pushState(null, '', address);
    else history.replaceState(null, '', address);
    setView(next);
  };
  return [view, change];
}
