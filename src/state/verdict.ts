import type { DownReason } from './network-state.js';

/** A state and why: every state has reasons of its own. */
export type Judgement =
  | { readonly state: 'unknown'; readonly reason: 'not-judged' | 'stopped' }
  | { readonly state: 'up'; readonly reason: 'reachable' | 'path' }
  | { readonly state: 'degraded'; readonly reason: 'partly-unreachable' | 'unverified' | 'checks-disagree' }
  | { readonly state: 'down'; readonly reason: DownReason };

/** A judgement, with the interface that it rests on where there is one. */
export type Verdict = Judgement & { readonly interface?: string };
