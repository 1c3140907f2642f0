import { limits } from './limits.js';
import { noises } from './noise.js';
import { path } from './path.js';
import { pathChoice } from './path-choice.js';
import { pathOverlay } from './path-overlay.js';
import { reach } from './reach.js';
import { sandboxes } from './sandboxes.js';
import type { Scenario } from './scenario.js';
import { times } from './time.js';

export { type Finding, type FindingKind, type Judgement, judge } from './judge.js';
export type { Observation } from './observation.js';
export { inPlayingOrder, playAll, type Result, type Settings } from './runner.js';
export { CannotPlay, type Scale, type Scenario } from './scenario.js';
export { type Summary, summarize } from './summary.js';

/** Every pair of a topology and a fault. */
export const SCENARIOS: readonly Scenario[] = [
  ...path,
  ...pathChoice,
  ...pathOverlay,
  ...reach,
  ...noises,
  ...times,
  ...limits,
  ...sandboxes,
];
