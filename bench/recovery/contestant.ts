import type { Actor } from '../../test/lab/index.js';
import type { Lan } from '../kernel/lan.js';
import type { Worker } from './worker.js';

/** A library at work in the client of a LAN of its own. */
export interface Contestant {
  readonly library: string;
  readonly lan: Lan;
  readonly worker: Actor<Worker>;
}
