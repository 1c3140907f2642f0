import type { Finding } from './judge.js';
import type { Observation } from './observation.js';
import type { Stage } from './stage.js';
import type { Topology } from './topologies.js';

/** What a scenario needs of the machine, beside namespaces. */
export type LabNeed = 'tap' | 'nft' | 'tc';

/** How much is done where more proves more: the whole of it, or a tenth. */
export type Scale = 'full' | 'quick';

/** What was seen while a scenario was played. */
export interface Take {
  readonly observations: readonly Observation[];
  /** What is wrong beyond the judgement of outages: memory, errors, the wrong source of knowledge. */
  readonly findings?: readonly Finding[];
}

/** One topology and one fault. */
export interface Scenario {
  /** Unique, `family/what-happens`. */
  readonly name: string;
  readonly topology: Topology;
  /** What happens, for people. */
  readonly fault: string;
  /** Whether it belongs to the representative third of `--quick`. */
  readonly quick?: boolean;
  readonly needs?: readonly LabNeed[];
  /** Whether it takes so much of the machine that no other may be judged beside it. */
  readonly alone?: boolean;
  /** Seconds that it may take. @default 60 */
  readonly seconds?: number;
  play(stage: Stage, scale: Scale): Promise<Take>;
}

/** Thrown by a scenario that this machine cannot play. The message says why. */
export class CannotPlay extends Error {
  override readonly name = 'CannotPlay';
}
