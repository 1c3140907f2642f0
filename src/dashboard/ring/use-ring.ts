import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { RingChange, RingSnapshot } from '../../ring/registry/index.js';
import { LiveFeed, type LivePhase } from '../parts/live/live-feed.js';
import { Reader, tabTokens } from '../parts/live/reader.js';
import { changed, loaded, NOTHING_KNOWN, type RingState } from './model.js';

/** What is known of the ring at any time, and how it comes to be known. */
export interface LiveRing {
  readonly state: RingState;
  readonly phase: LivePhase;
  /** Milliseconds that the registry's clock is ahead of this one's. */
  readonly clockAhead: number;
  readonly read: (path: string, signal: AbortSignal) => Promise<unknown>;
  readonly enterToken: (token: string) => void;
  /** Whether the registry is read with a token. */
  readonly hasToken: boolean;
}

export function useRing(): LiveRing {
  const [state, setState] = useState(NOTHING_KNOWN);
  const [phase, setPhase] = useState<LivePhase>({ kind: 'connecting' });
  const [clockAhead, setClockAhead] = useState(0);
  const feed = useRef<LiveFeed | undefined>(undefined);
  const tokens = useMemo(() => tabTokens('netring-token'), []);
  const reader = useMemo(() => new Reader(tokens), [tokens]);
  useEffect(() => {
    const live = new LiveFeed({
      reader,
      snapshotPath: '/matrix',
      eventsPath: '/events?view=matrix',
      changeEvent: 'change',
      onSnapshot: (snapshot) => {
        if (!isSnapshot(snapshot)) return;
        setClockAhead(snapshot.now - Date.now());
        setState(loaded(snapshot));
      },
      onChanges: (changes) => setState((known) => changed(known, changes.filter(isChange))),
      onPhase: setPhase,
    });
    feed.current = live;
    live.start();
    return () => live.stop();
  }, [reader]);
  const read = useMemo(() => (path: string, signal: AbortSignal) => reader.read(path, signal), [reader]);
  const enterToken = (token: string): void => {
    tokens.token = token;
    feed.current?.restart();
  };
  return { state, phase, clockAhead, read, enterToken, hasToken: reader.hasToken };
}

/** It comes from the registry that the page comes from: of the same version. */
function isSnapshot(value: unknown): value is RingSnapshot {
  return typeof value === 'object' && value !== null && 'matrix' in value && 'members' in value;
}

function isChange(value: unknown): value is RingChange {
  return typeof value === 'object' && value !== null && 'now' in value;
}
