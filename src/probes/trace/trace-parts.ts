import type { KernelClock, Libc, MessageBatch, Readiness } from '../../../native/index.js';

/** What all that is on its way shares. */
export interface TraceParts {
  readonly libc: Libc;
  readonly batch: MessageBatch;
  readonly clock: KernelClock;
  readonly readiness: Readiness;
}
